/**
 * How the ranks of a run come by the forms of their products. Each measures what its adapter's table lacks, or finds it in
 * what its browser keeps; rank 0 joins what they answer, one table for an adapter, and from then on the run has these. A
 * run that goes on has them already, and nothing is measured but for plans that it did not have.
 */
import { type Candidates, candidatesFor } from '../engine/candidates.ts';
import { adapterIdentity, fittingForms, type MeasuredForms, usualForms } from '../engine/form-choice.ts';
import { formsFor, type UsualTable, usualTableOf } from '../engine/forms.ts';
import type { Gpu } from '../gpu/device.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { count } from '../io/number-text.ts';
import type { Plan } from '../plan/plan.ts';
import { type FormsByAdapter, formsOn, joinedByAdapter, joinedForms } from '../train/measured-forms.ts';

/** Where measured forms are kept beyond the life of a page. */
export interface FormStore {
  /** Does `work` while nobody else in this browser measures on the adapter. */
  alone<T>(adapter: string, work: () => Promise<T>): Promise<T>;
  /** What does not read as forms is left out. @throws Error where there is no storage */
  read(): Promise<FormsByAdapter>;
  /** In place of what it has of the adapter. @throws Error where it cannot be stored, the disk being full for instance */
  write(adapter: string, forms: MeasuredForms): Promise<void>;
}

export interface Tuning {
  /** What is tried on a device; nothing where its forms are fixed. */
  readonly candidatesFor: (gpu: Gpu) => Candidates | undefined;
  readonly store: FormStore;
}

/** Tunes real GPUs. */
export const tuningWith = (store: FormStore): Tuning => ({ candidatesFor, store });

/** The forms that a rank would compute in. */
export interface RankForms {
  readonly adapter: string;
  readonly forms: MeasuredForms;
  /** For people; the run goes on. */
  readonly warnings: readonly string[];
}

/** How a rank computes its products. */
export interface UsedForms {
  readonly usual: UsualTable;
  readonly measured: MeasuredForms;
}

interface Device {
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
}

/**
 * A form for every class of a rank's plans: what the run began with, else what is kept, else what is measured now.
 *
 * @param begun of the run; undefined where it began in a version that had the usual forms only: then it keeps these
 * @param plans called where there is something to choose
 * @param onProgress told which share has been measured, where there is anything to measure
 * @returns null where the device's forms are fixed
 */
export async function chooseForms(
  { gpu, pipelines }: Device,
  begun: FormsByAdapter | undefined,
  plans: () => readonly Plan[],
  tuning: Tuning | undefined,
  onProgress?: (fraction: number) => void,
): Promise<RankForms | null> {
  const candidates = tuning?.candidatesFor(gpu);
  if (!tuning || !candidates) return null;
  const { store } = tuning;
  const adapter = adapterIdentity(gpu);
  const wanted = plans();
  const choice = { usual: formsFor(gpu), candidates };
  const usual = usualForms(wanted, choice.usual);
  if (!begun) return { adapter, forms: usual, warnings: [] };
  const given = formsOn(adapter, begun);
  const own = fittingForms(wanted, choice, given);
  const warnings = strangersAmong(given, own, usual);
  if (own.length === usual.length) return { adapter, forms: own, warnings };
  try {
    return await store.alone(adapter, async () => {
      const kept = formsOn(adapter, await store.read());
      const known = joinedForms(own, fittingForms(wanted, choice, kept));
      const { tuneForms } = await import('../engine/tuner.ts');
      const forms = await tuneForms(gpu, pipelines, wanted, { ...choice, known, onProgress });
      const isKnown = new Set(known.map(([name]) => name));
      const measured = forms.filter(([name]) => !isKnown.has(name));
      if (measured.length > 0) await store.write(adapter, joinedForms(measured, kept));
      return { adapter, forms, warnings };
    });
  } catch (error) {
    // What cannot be kept would be chosen in another way the next time.
    const message =
      `The fastest forms of products cannot be kept in this browser (${(error as Error).message}): the usual ones are ` +
      'used, and training may be slower.';
    return { adapter, forms: joinedForms(own, usual), warnings: [...warnings, message] };
  }
}

/** A form of the run's own classes that the tuner could not have chosen here. */
function strangersAmong(given: MeasuredForms, fitting: MeasuredForms, usual: MeasuredForms): string[] {
  const classes = new Set(usual.map(([name]) => name));
  const strange = given.filter(([name]) => classes.has(name)).length - fitting.length;
  if (strange <= 0) return [];
  return [
    `${count(strange)} of the forms of products that the checkpoint names for this adapter are unknown to this version, or ` +
      'do not fit: others take their place, so that losses may differ in their rounding from those of the run before.',
  ];
}

/** What a rank uses of the run's forms. */
export function usedForms(
  gpu: Gpu,
  plans: () => readonly Plan[],
  forms: FormsByAdapter | undefined,
  tuning: Tuning | undefined,
): UsedForms {
  const candidates = tuning?.candidatesFor(gpu);
  const usual = usualTableOf(gpu);
  if (!candidates) return { usual, measured: [] };
  const given = formsOn(adapterIdentity(gpu), forms ?? {});
  return { usual, measured: fittingForms(plans(), { usual: formsFor(gpu), candidates }, given) };
}

/**
 * The forms of every adapter of a run; of ranks on the same one, those of the first.
 *
 * @param begun that the run had before
 */
export function formsOfRun(
  chosen: readonly (RankForms | null)[],
  begun: FormsByAdapter = {},
): FormsByAdapter {
  return chosen.reduceRight(
    (forms, own) => (own ? joinedByAdapter({ [own.adapter]: own.forms }, forms) : forms),
    begun,
  );
}

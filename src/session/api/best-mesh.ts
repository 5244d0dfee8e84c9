/**
 * Which mesh of so many ranks trains fastest on given machines, and why; how copies scale; how many GPUs make another. The page
 * loads a part of it, so it has no table of GPUs.
 */
import { meshName, ranksOf } from '../../mesh/mesh.ts';
import { ConfigError } from '../../models/model.ts';
import type { MachinePrediction, MachinePredictor, Machines } from './machine-prediction.ts';
import type { MeshConfig } from './run-config.ts';

/** Cuts of one copy that are tried: more ranks than that share no published model sensibly. */
const MOST_IN_A_COPY = 8;

/** Every way to lay out so many ranks, of which a copy takes at most eight. */
export function meshesOf(ranks: number, like: MeshConfig): MeshConfig[] {
  const divisors = (of: number) =>
    Array.from({ length: of }, (_, i) => i + 1).filter(each => of % each === 0);
  return divisors(ranks)
    .filter(instance => instance <= MOST_IN_A_COPY)
    .flatMap(instance =>
      divisors(instance).map(rows => ({
        ...like,
        rows,
        columns: instance / rows,
        replicas: ranks / instance,
      })),
    );
}

/** Those of the meshes that are possible, the fastest first; those that do not fit into memory last. */
export function rankedMeshes(
  predict: MachinePredictor,
  meshes: readonly MeshConfig[],
  machines: Machines,
): MachinePrediction[] {
  const found = meshes.flatMap(mesh => possible(() => predict(mesh, machines)) ?? []);
  return found.sort(
    (a, b) => Number(a.fits === false) - Number(b.fits === false) || b.samplesPerSecond - a.samplesPerSecond,
  );
}

function possible<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof ConfigError) return undefined;
    throw cause;
  }
}

/** In words. @param ranked by `rankedMeshes` */
export function reasonFor(ranked: readonly MachinePrediction[]): string {
  const [best, ...others] = ranked;
  if (!best) return 'No mesh of so many ranks is possible for the model.';
  const name = meshName(best.mesh);
  if (best.fits === false) {
    const least = ranked.reduce((a, b) => (b.bytesPerRank < a.bytesPerRank ? b : a));
    return (
      `None fits: the least that a rank would hold is ${gibibytes(least)} (${meshName(least.mesh)}). ` +
      'More ranks in a copy, or --recompute, take less.'
    );
  }
  const next = others.find(({ fits }) => fits !== false);
  const faster = others.filter(
    ({ fits, samplesPerSecond }) => fits === false && samplesPerSecond > best.samplesPerSecond,
  );
  const parts = [
    next
      ? `${name} gives ${ratio(best, next)} % more samples a second than ${meshName(next.mesh)}: ${whyFaster(best, next)}.`
      : others.length > 0
        ? `${name} is the only one that fits.`
        : `${name} is the only one of so many ranks.`,
    ...(faster.length > 0
      ? [
          `${meshName(faster[0].mesh)} would give ${ratio(faster[0], best)} % more, but a rank would hold ${gibibytes(faster[0])}.`,
        ]
      : []),
  ];
  return parts.join(' ');
}

const gibibytes = ({ bytesPerRank }: MachinePrediction) => `${(bytesPerRank / 2 ** 30).toFixed(1)} GiB`;
const ratio = (a: MachinePrediction, b: MachinePrediction) =>
  (100 * (a.samplesPerSecond / b.samplesPerSecond - 1)).toFixed(1);

/** By what a sample takes of all ranks: waiting, or the rest. */
function whyFaster(best: MachinePrediction, next: MachinePrediction): string {
  const perSample = ({ samples }: MachinePrediction, seconds: number) => seconds / samples;
  const waiting = (each: MachinePrediction) => perSample(each, each.exposedSeconds);
  const working = (each: MachinePrediction) => perSample(each, each.seconds - each.exposedSeconds);
  const lessWaiting = waiting(next) - waiting(best);
  const lessWork = working(next) - working(best);
  const ms = (seconds: number) => `${Number((1000 * seconds).toPrecision(4))} ms`;
  if (lessWaiting >= lessWork) {
    const sent = (each: MachinePrediction) => `${(each.bytesSent / 1e9).toPrecision(3)} GB`;
    return (
      `for a sample its ranks wait ${ms(waiting(best))} for exchanges instead of ${ms(waiting(next))} ` +
      `(a rank sends ${sent(best)} a step instead of ${sent(next)})`
    );
  }
  return `for a sample its kernels take ${ms(working(best))} instead of ${ms(working(next))}`;
}

/** Copies of a mesh, each doubling of them, beside one copy alone. */
export interface CopiesRow extends MachinePrediction {
  readonly efficiency: number;
}

export function copiesCurve(
  predict: MachinePredictor,
  mesh: MeshConfig,
  machines: Machines,
  mostRanks: number,
): CopiesRow[] {
  const rows: CopiesRow[] = [];
  for (
    let replicas = 1;
    ranksOf({ ...mesh, replicas }) <= Math.max(mostRanks, ranksOf(mesh));
    replicas *= 2
  ) {
    const predicted = possible(() => predict({ ...mesh, replicas }, machines));
    if (!predicted) continue;
    const efficiency = (rows[0]?.seconds ?? predicted.seconds) / predicted.seconds;
    rows.push({ ...predicted, efficiency });
  }
  return rows;
}

/** How many of one GPU do the work of another. */
export interface Equivalent {
  /** By their kernels alone, with nothing to send. */
  readonly byArithmetic: number;
  /** The smallest number tried that does it over the link, and how it is laid out; undefined where none does. */
  readonly found?: MachinePrediction;
  /** The most that any number with room for the model does, as a share of the other's samples a second. */
  readonly most?: { readonly share: number; readonly mesh: MeshConfig };
}

/** Numbers tried: powers of two up to this. */
export const MOST_EQUIVALENT = 64;

/** @param wanted the GPU alone that is to be equalled */
export function equivalentOf(predict: MachinePredictor, wanted: Machines, machines: Machines): Equivalent {
  const one: MeshConfig = { rows: 1, columns: 1, replicas: 1 };
  const goal = predict(one, wanted);
  const byArithmetic = predict(one, machines).seconds / goal.seconds;
  let most: Equivalent['most'];
  for (let ranks = 1; ranks <= MOST_EQUIVALENT; ranks *= 2) {
    const shapes = [
      { rows: 1, columns: 1, replicas: ranks },
      ...(ranks >= 2 ? [{ rows: 1, columns: 2, replicas: ranks / 2 }] : []),
      ...(ranks >= 4 ? [{ rows: 2, columns: 2, replicas: ranks / 4 }] : []),
    ];
    const [best] = rankedMeshes(predict, shapes, machines);
    if (!best || best.fits === false) continue;
    const share = best.samplesPerSecond / goal.samplesPerSecond;
    if (share >= 1) return { byArithmetic, found: best };
    if (most === undefined || share > most.share) most = { share, mesh: best.mesh };
  }
  return { byArithmetic, ...(most ? { most } : {}) };
}

/** How many of a usual laptop, over a link, make a GPU. */
export interface LaptopRow extends Equivalent {
  readonly gpu: string;
  readonly link: string;
}

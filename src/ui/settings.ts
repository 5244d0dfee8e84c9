/**
 * The form of the run panel: model and what may be changed of it, steps, seed, and in how many passes a step's batch is
 * computed.
 */
import { type Preset, presets } from '../session/api/presets.ts';
import { usualDataMemory } from '../session/api/run-config.ts';
import { rangeText, runOptions } from '../session/api/run-options.ts';
import { capital } from '../show/score-words.ts';
import { taskWords } from '../show/task-words.ts';
import { element, make, setText } from './dom.ts';
import { createModelFields } from './model-fields.ts';
import type { ModelChanges } from './run-settings.ts';

export interface FormValues {
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
  /** Passes that a batch is computed in. */
  readonly accumulate: number;
  readonly recompute: boolean;
  /** MiB; the usual where absent. */
  readonly dataMemory?: number;
  readonly model: ModelChanges;
}

export interface SettingsForm {
  /** Shows these values, as when a saved run is resumed. */
  show(values: FormValues): void;
  /** Whether what is written can be trained with; where it cannot, the browser points to the field. */
  check(): boolean;
  enable(enabled: boolean): void;
}

/**
 * @param onChange called with what the user changed, once it is valid
 * @param reveal shows the form, which may stand in a view that is not in sight
 */
export function createSettings(
  onChange: (values: Partial<FormValues>) => void,
  reveal: () => void,
): SettingsForm {
  const form = element('settings', HTMLFormElement);
  const preset = element('preset', HTMLSelectElement);
  const steps = element('steps', HTMLInputElement);
  const seed = element('seed', HTMLInputElement);
  const dataMemory = element('data-memory', HTMLInputElement);
  const numbers = { steps, seed, dataMemory };
  const accumulate = element('accumulate', HTMLSelectElement);
  const recompute = element('recompute', HTMLInputElement);
  const description = element('preset-description', HTMLParagraphElement);

  const model = createModelFields(element('model-fields', HTMLDivElement), {
    onChange: changes => onChange({ model: changes }),
    onInput: () => sayProblems(),
  });
  preset.append(...presetGroups());

  const describe = () => {
    const { description: words, batch } = presets[preset.value];
    setText(description, words);
    const divisors = Array.from({ length: batch }, (_, i) => i + 1).filter(n => batch % n === 0);
    accumulate.replaceChildren(
      ...divisors.map(passes => {
        const samples = batch / passes;
        const option = make('option', `${passes}, of ${samples} ${samples === 1 ? 'sample' : 'samples'}`);
        option.value = String(passes);
        return option;
      }),
    );
  };
  form.addEventListener('submit', event => event.preventDefault());
  preset.addEventListener('change', () => {
    describe();
    onChange({ preset: preset.value });
  });
  const sayProblems = () => {
    const problems = Object.entries(numbers).flatMap(([name, { validity }]) => {
      const option = name as keyof typeof numbers;
      return validity.valid ? [] : `${runOptions[option].label}: ${rangeText(option)}.`;
    });
    problems.push(...model.problems());
    setText(element('settings-problem', HTMLParagraphElement), problems.join(' '));
  };
  for (const [name, input] of Object.entries(numbers)) {
    const { low, high } = runOptions[name as keyof typeof numbers];
    input.min = String(low);
    input.max = String(high);
    input.addEventListener('change', () => {
      sayProblems();
      if (input.validity.valid) onChange({ [name]: input.valueAsNumber });
    });
  }
  accumulate.addEventListener('change', () => onChange({ accumulate: Number(accumulate.value) }));
  recompute.addEventListener('change', () => onChange({ recompute: recompute.checked }));

  return {
    show(values) {
      preset.value = values.preset;
      steps.valueAsNumber = values.steps;
      seed.valueAsNumber = values.seed;
      describe();
      accumulate.value = String(values.accumulate);
      recompute.checked = values.recompute;
      dataMemory.valueAsNumber = values.dataMemory ?? usualDataMemory;
      model.show(values.preset, values.model);
      sayProblems();
    },
    check() {
      // The browser cannot point to a field that is folded away.
      if (!dataMemory.validity.valid) element('advanced', HTMLDetailsElement).open = true;
      if (model.problems().length > 0) element('model-details', HTMLDetailsElement).open = true;
      if (!form.checkValidity()) reveal();
      return form.reportValidity();
    },
    enable(enabled) {
      for (const input of [preset, steps, seed, accumulate, recompute, dataMemory]) input.disabled = !enabled;
      model.enable(enabled);
    },
  };
}

/** The presets by what they are for; sizes of the paper, which few browsers can train, come last. */
function presetGroups(): HTMLOptGroupElement[] {
  const groups = new Map<string, HTMLOptGroupElement>();
  for (const [name, preset] of Object.entries(presets)) {
    const label = groupOf(preset);
    const group = groups.get(label) ?? make('optgroup');
    group.label = label;
    groups.set(label, group);
    const option = make('option', preset.label);
    option.value = name;
    group.append(option);
  }
  return [...groups.values()];
}

const groupOf = ({ published, task }: Preset) =>
  published ? 'Published sizes' : capital(taskWords(task.kind).purpose);

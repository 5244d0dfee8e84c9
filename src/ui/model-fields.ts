/** Fields for what may be changed of a preset's model and task: one for every option of their kinds. */
import { presets } from '../session/api/presets.ts';
import { isWithin, kindOptions, type OptionSpec, rangeOf } from '../session/api/run-options.ts';
import { presetValues } from '../session/api/settings.ts';
import { make } from './dom.ts';
import type { ModelChanges } from './run-settings.ts';

export interface ModelFields {
  show(preset: string, changes: ModelChanges): void;
  /** What is written and cannot be, in sentences. */
  problems(): string[];
  enable(enabled: boolean): void;
}

export interface ModelFieldsOptions {
  /** Called with all that differs from the preset, once it is valid. */
  readonly onChange: (changes: ModelChanges) => void;
  /** Called before that, whatever was written. */
  readonly onInput: () => void;
}

interface Field {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly input: HTMLInputElement;
  /** What the preset says. */
  readonly usual: number;
}

export function createModelFields(
  place: HTMLElement,
  { onChange, onInput }: ModelFieldsOptions,
): ModelFields {
  let fields: readonly Field[] = [];
  let shown = '';
  let enabled = true;

  const changes = (): ModelChanges =>
    Object.fromEntries(
      fields
        .filter(({ input, usual }) => input.valueAsNumber !== usual)
        .map(({ name, input }) => [name, input.valueAsNumber]),
    );
  const problems = () =>
    fields.flatMap(({ spec, input }) =>
      isWithin(spec, input.valueAsNumber) ? [] : `${spec.label}: ${rangeOf(spec)}.`,
    );
  const changed = () => {
    onInput();
    if (problems().length === 0) onChange(changes());
  };
  const build = (preset: string) => {
    const usual = presetValues(presets[preset]);
    fields = [...kindOptions(presets[preset])].map(([name, spec]) => {
      const input = make('input');
      input.type = 'number';
      input.required = true;
      input.min = String(spec.low);
      input.max = String(spec.high);
      input.step = spec.kind === 'real' ? 'any' : '1';
      input.inputMode = spec.kind === 'real' ? 'decimal' : 'numeric';
      input.dataset.testid = `model-${name}`;
      input.disabled = !enabled;
      input.setAttribute('aria-describedby', 'settings-problem');
      input.addEventListener('change', changed);
      return { name, spec, input, usual: usual.get(name) ?? spec.low };
    });
    place.replaceChildren(
      ...fields.map(({ spec, input }) => {
        const field = make('label', '', 'field');
        field.append(make('span', spec.label), input);
        return field;
      }),
    );
  };

  return {
    problems,
    show(preset, values) {
      // The keyboard focus stays where it is.
      if (preset !== shown) build(preset);
      shown = preset;
      for (const { name, input, usual } of fields) input.valueAsNumber = values[name] ?? usual;
    },
    enable(now) {
      enabled = now;
      for (const { input } of fields) input.disabled = !now;
    },
  };
}

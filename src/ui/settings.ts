/** The form of the run panel: model, steps, seed. */
import { presets } from '../session/presets.ts';
import { element, make, setText } from './dom.ts';

export interface FormValues {
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
}

const firstPreset = 'demo';
const firstSeed = 1;

/** The settings to begin with: those of the address (`?preset=tiny&steps=50&seed=7`), else the demo. */
export function settingsFromAddress(search: string): FormValues {
  const asked = new URLSearchParams(search);
  const name = asked.get('preset') ?? firstPreset;
  const preset = Object.hasOwn(presets, name) ? name : firstPreset;
  const whole = (key: string, otherwise: number) => {
    const value = Number(asked.get(key) ?? Number.NaN);
    return Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
  };
  return { preset, steps: whole('steps', presets[preset].steps), seed: whole('seed', firstSeed) };
}

export interface SettingsForm {
  /** Shows these values, as when a saved run is resumed. */
  show(values: FormValues): void;
  enable(enabled: boolean): void;
}

/** @param onChange called with what the user changed, once it is valid. */
export function createSettings(onChange: (values: Partial<FormValues>) => void): SettingsForm {
  const form = element('settings', HTMLFormElement);
  const preset = element('preset', HTMLSelectElement);
  const steps = element('steps', HTMLInputElement);
  const seed = element('seed', HTMLInputElement);
  const description = element('preset-description', HTMLParagraphElement);

  const group = (label: string, published: boolean) => {
    const made = make('optgroup');
    made.label = label;
    for (const [name, preset] of Object.entries(presets)) {
      if ((preset.published !== undefined) !== published) continue;
      const option = make('option', preset.label);
      option.value = name;
      made.append(option);
    }
    return made;
  };
  preset.append(group('For this browser', false), group('Published sizes', true));

  const describe = () => setText(description, presets[preset.value]?.description ?? '');
  form.addEventListener('submit', event => event.preventDefault());
  preset.addEventListener('change', () => {
    describe();
    onChange({ preset: preset.value });
  });
  const whenValid = (input: HTMLInputElement, key: 'steps' | 'seed') =>
    input.addEventListener('change', () => {
      if (input.reportValidity()) onChange({ [key]: input.valueAsNumber });
    });
  whenValid(steps, 'steps');
  whenValid(seed, 'seed');

  return {
    show(values) {
      preset.value = values.preset;
      steps.valueAsNumber = values.steps;
      seed.valueAsNumber = values.seed;
      describe();
    },
    enable(enabled) {
      for (const input of [preset, steps, seed]) input.disabled = !enabled;
    },
  };
}

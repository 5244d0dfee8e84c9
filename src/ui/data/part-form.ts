/** "Only a part of it": which variables, levels, region and period of files or a store are used, and how they are thinned. */
import {
  type DataPart,
  type PartOption,
  type PartText,
  partForms,
  partOptions,
  readPart,
  writePart,
} from '../../data/choice/part.ts';
import { element } from '../dom.ts';

export interface PartForm {
  /** What the form says; undefined, after it was shown to the user, where some of it cannot be used. */
  part(): DataPart | undefined;
  /** The same, without what cannot be used. */
  said(): DataPart;
  show(part: DataPart): void;
  /** @param canUse there are data that it can be used of */
  enable(enabled: boolean, canUse: boolean): void;
}

/**
 * @param onUse the user wants this part of the data that are chosen
 * @param onChange the form says something else
 */
export function createPartForm(onUse: () => void, onChange: () => void): PartForm {
  const form = element('part-form', HTMLFormElement);
  const use = element('use-part', HTMLButtonElement);
  const inputs = Object.fromEntries(
    partOptions.map(option => [option, element(`part-${option}`, HTMLInputElement)]),
  );
  const texts = (): PartText =>
    Object.fromEntries(
      partOptions.flatMap((option): [PartOption, string][] => {
        const text = inputs[option].value.trim();
        return text ? [[option, text]] : [];
      }),
    );
  const check = () => {
    const given = texts();
    const read = readPart(given);
    for (const option of partOptions) {
      const isWrong = given[option] !== undefined && read[option] === undefined;
      inputs[option].setCustomValidity(isWrong ? `It must be ${partForms[option]}.` : '');
    }
    return read;
  };
  form.addEventListener('input', check);
  form.addEventListener('change', onChange);
  form.addEventListener('submit', event => {
    event.preventDefault();
    onUse();
  });
  return {
    part() {
      const read = check();
      if (form.checkValidity()) return read;
      element('part-details', HTMLDetailsElement).open = true;
      form.reportValidity();
      return undefined;
    },
    said: () => readPart(texts()),
    show(part) {
      const written = writePart(part);
      for (const option of partOptions) inputs[option].value = written[option] ?? '';
      if (Object.keys(written).length > 0) element('part-details', HTMLDetailsElement).open = true;
    },
    enable(enabled, canUse) {
      for (const option of partOptions) inputs[option].disabled = !enabled;
      use.disabled = !enabled || !canUse;
    },
  };
}

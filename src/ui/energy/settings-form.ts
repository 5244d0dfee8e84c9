/** The form in which a user says what is known of the power of a machine: of the page's own run, or of a guest's for its host. */
import { html, nothing } from 'lit';
import type { GpuChoice } from '../../energy/gpu-choice.ts';
import { gpuKinds, gpuRows } from '../../energy/gpu-rows.ts';
import { grids } from '../../energy/grid.ts';
import { recognise } from '../../energy/recognise.ts';
import { checkSettings, type EnergySettings, gpuPowerOf, usualSettings } from '../../energy/settings.ts';
import { imagined } from '../../show/energy-summary.ts';
import { words } from './words.ts';

export const usualElsewhere = imagined[2];

export interface SettingsForm {
  readonly settings: EnergySettings;
  /** The building and the grid are the host's to say. */
  readonly ofGuest?: boolean;
  /** Settings that make sense; else the fault in words. */
  readonly take: (said: EnergySettings | string) => void;
}

export function settingsForm({ settings, ofGuest = false, take }: SettingsForm) {
  const { gpu, hostWatts, pue, gramsPerKwh, place } = settings;
  const choice = (kind: GpuChoice['kind'], text: string, more: unknown = nothing) => html`
    <p class="energy-choice">
      <label><input type="radio" name="gpu" value=${kind} .checked=${gpu.kind === kind} /> ${text}</label> ${more}
    </p>`;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const form = new FormData(event.target);
    take(checked(() => (ofGuest ? { ...settings, ...machineIn(form, settings) } : allIn(form, settings))));
  };
  return html`
    <form @submit=${submit} data-testid="energy-settings" novalidate>
      ${choice('recognised', words.recognised)}
      ${choice('row', words.row, html`<select name="row" aria-label=${words.row} @change=${choosesWith('row')}>${rowOptions(gpu.kind === 'row' ? gpu.name : usualElsewhere)}</select>`)}
      ${choice(
        'watts',
        words.watts,
        html`${numberField('watts', words.watts, gpu.kind === 'watts' ? gpu.watts : undefined, '', choosesWith('watts'))}
        <label>${words.idle} ${numberField('idle', words.idle, gpu.kind === 'watts' ? gpu.idle : undefined, '', choosesWith('watts'))}</label>`,
      )}
      ${gpu.kind === 'wall' ? choice('wall', words.wall) : nothing}
      <label class="field"><span>${words.host}</span>${numberField('host', words.host, hostWatts, words.hostUsual)}</label>
      ${
        ofGuest
          ? nothing
          : html`<label class="field"><span>${words.pue}</span>${numberField('pue', words.pue, pue, words.pueUsual)}</label>
            <label class="field"><span>${words.grid}</span>${numberField('grams', words.grid, gramsPerKwh)}</label>
            <label class="field"><span>${words.place}</span><select name="place" @change=${chooseGrid}>
              ${[...grids.map(grid => grid.place), words.ownGrid].map(name => html`<option ?selected=${name === place}>${name}</option>`)}
            </select></label>`
      }
      <button type="submit" class="secondary">${words.apply}</button>
    </form>
  `;
}

/** @returns the settings where they make sense; else what does not, in words */
export function checked(made: () => EnergySettings): EnergySettings | string {
  try {
    const settings = checkSettings(made());
    gpuPowerOf(recognise({}), settings.gpu);
    return settings;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

export const numberField = (
  name: string,
  label: string,
  value?: number,
  placeholder = '',
  changed?: (event: Event) => void,
) =>
  html`<input type="number" step="any" name=${name} aria-label=${label} placeholder=${placeholder} .value=${value === undefined ? '' : `${value}`} @input=${changed ?? nothing} />`;

/** Rows that a run can be imagined on, by kind. */
export const rowOptions = (chosen: string) =>
  gpuKinds
    .filter(kind => kind !== 'software')
    .map(
      kind => html`<optgroup label=${kind}>
        ${gpuRows.filter(row => row.kind === kind).map(({ name }) => html`<option ?selected=${name === chosen}>${name}</option>`)}
      </optgroup>`,
    );

/** Who fills in the field of a choice has chosen it. */
const choosesWith = (kind: GpuChoice['kind']) => (event: Event) => {
  if (!(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)) return;
  const radio = event.target.form?.querySelector(`input[value="${kind}"]`);
  if (radio instanceof HTMLInputElement) radio.checked = true;
};

/** The intensity of the place that was chosen stands in the field beside it. */
function chooseGrid({ target }: Event): void {
  if (!(target instanceof HTMLSelectElement)) return;
  const grid = grids.find(({ place }) => place === target.value);
  const field = target.form?.elements.namedItem('grams');
  if (grid && field instanceof HTMLInputElement) field.value = `${grid.gramsPerKwh}`;
}

/** The number in a field; undefined where it is empty. */
export function given(form: FormData, name: string): number | undefined {
  const text = form.get(name);
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : undefined;
}

function allIn(form: FormData, settings: EnergySettings): EnergySettings {
  const pue = given(form, 'pue');
  return { ...machineIn(form, settings), ...(pue !== undefined && { pue }), ...gridIn(form) };
}

function machineIn(form: FormData, settings: EnergySettings): Pick<EnergySettings, 'gpu' | 'hostWatts'> {
  return { gpu: chosenGpu(form, settings), hostWatts: given(form, 'host') };
}

function chosenGpu(form: FormData, { gpu }: EnergySettings): GpuChoice {
  switch (form.get('gpu')) {
    case 'row':
      return { kind: 'row', name: String(form.get('row')) };
    case 'watts': {
      const idle = given(form, 'idle');
      return {
        kind: 'watts',
        watts: given(form, 'watts') ?? Number.NaN,
        ...(idle !== undefined && { idle }),
      };
    }
    case 'wall':
      return gpu;
    default:
      return { kind: 'recognised' };
  }
}

/** A number that is not the chosen place's is the user's own. */
function gridIn(form: FormData): Pick<EnergySettings, 'gramsPerKwh' | 'place'> {
  const gramsPerKwh = given(form, 'grams') ?? usualSettings.gramsPerKwh;
  const grid = grids.find(({ place }) => place === form.get('place'));
  return { gramsPerKwh, place: grid?.gramsPerKwh === gramsPerKwh ? grid.place : words.ownGrid };
}

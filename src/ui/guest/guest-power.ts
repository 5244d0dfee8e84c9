/**
 * What a guest's page tells its host of the power of its machine, for the sum of what the run takes: whether it does, what, and
 * what the user may put right. Loaded when the page takes part.
 *
 * `<isobar-guest-power>` has properties `tells`, `text` (what is told, in words; of a page that tells nothing what it would be)
 * and `settings`. It sends two bubbling events: `isobar-tell-power`, CustomEvent<boolean>, and `isobar-energy-settings`,
 * CustomEvent<EnergySettings>, with settings that make sense.
 */
import { html, nothing } from 'lit';
import type { Guest } from '../../crew/api.ts';
import { type EnergySettings, usualSettings } from '../../energy/settings.ts';
import { restText } from '../../show/energy-words.ts';
import { watchPressure } from '../energy/evidence.ts';
import { keepSettings, keptSettings, storageHere } from '../energy/kept-settings.ts';
import { ownCard, powerSaid, saidPower } from '../energy/said-power.ts';
import { settingsForm } from '../energy/settings-form.ts';
import { moreClues } from '../energy/this-machine.ts';
import { LightElement } from '../light-element.ts';
import { keepTelling, powerWords as words } from './tells-power.ts';

export class GuestPower extends LightElement {
  static override readonly properties = {
    tells: { attribute: false },
    text: { attribute: false },
    settings: { attribute: false },
    fault: { state: true },
  };
  declare tells: boolean;
  declare text: string;
  declare settings: EnergySettings;
  declare fault: string;

  constructor() {
    super();
    this.tells = false;
    this.text = '';
    this.settings = usualSettings;
    this.fault = '';
  }

  protected override render() {
    const { tells, text, settings } = this;
    return html`
      <details class="guest-power">
        <summary data-testid="guest-power">${words.title(tells)}</summary>
        <label class="check"><input type="checkbox" data-testid="tell-power" .checked=${tells} @change=${this.#tell} /> ${words.tell}</label>
        <p class="caption" data-testid="told-power">${tells ? words.told(text) : words.untold(text)}</p>
        ${
          tells
            ? html`<details class="explain"><summary>${words.change}</summary>
                ${settingsForm({ settings, ofGuest: true, take: this.#take })}
              </details>
              <p class="energy-fault" role="alert">${this.fault}</p>`
            : nothing
        }
      </details>
    `;
  }

  readonly #tell = ({ target }: Event): void => {
    if (target instanceof HTMLInputElement)
      this.dispatchEvent(new CustomEvent('isobar-tell-power', { bubbles: true, detail: target.checked }));
  };

  readonly #take = (said: EnergySettings | string): void => {
    this.fault = typeof said === 'string' ? said : '';
    if (typeof said === 'string') return;
    this.dispatchEvent(
      new CustomEvent<EnergySettings>('isobar-energy-settings', { bubbles: true, detail: said }),
    );
  };
}

customElements.define('isobar-guest-power', GuestPower);

/**
 * @param tells as the user has said when joining
 * @returns what shows it
 */
export async function tellPower(
  guest: Pick<Guest, 'about' | 'tellPower'>,
  tells: boolean,
): Promise<GuestPower> {
  const { adapter } = guest.about;
  const store = storageHere();
  const card = ownCard(adapter);
  const more = await moreClues();
  const panel = new GuestPower();
  panel.tells = tells;
  panel.settings = fitting(keptSettings(store, card));
  let processor: number | undefined;

  /** Rows go from the table. */
  function fitting(settings: EnergySettings): EnergySettings {
    try {
      powerSaid(adapter, settings, more);
      return settings;
    } catch {
      return usualSettings;
    }
  }
  const tell = () => {
    const { settings, tells } = panel;
    const { gpu, rest } = powerSaid(adapter, settings, more);
    panel.text = `${gpu.name}; ${gpu.evidence}; ${restText(rest)}`;
    guest.tellPower(tells ? { ...saidPower(settings, more), processor } : undefined);
  };
  panel.addEventListener('isobar-tell-power', event => {
    if (!(event instanceof CustomEvent)) return;
    panel.tells = event.detail === true;
    keepTelling(store, panel.tells);
    tell();
  });
  panel.addEventListener('isobar-energy-settings', event => {
    if (!(event instanceof CustomEvent)) return;
    panel.settings = event.detail as EnergySettings;
    keepSettings(store, card, panel.settings);
    tell();
  });
  // Of another GPU it changes nothing: see `evidence.ts`.
  if (adapter.software) {
    watchPressure(({ inUse }) => {
      processor = inUse.high;
      if (panel.tells) tell();
    });
  }
  tell();
  return panel;
}

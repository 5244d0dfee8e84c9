/** The controls above the maps: channel, lead time and start of the forecast. */
import type { MapSpec, MapView } from '../session/api/api.ts';
import { dateTime, leadTime } from '../show/format.ts';
import { element, make, setText } from './dom.ts';

/** Model steps ahead that are offered; the session stops where the record ends. */
const leads = [1, 2, 3, 4, 5, 7, 10];
const hourMilliseconds = 3_600_000;

/** See `MapSpec`. */
export interface Choice extends Record<string, number> {
  readonly sample: number;
  readonly channel: number;
  readonly steps: number;
}

export interface MapChoice {
  current(): Choice;
  /** Offers what this run has. */
  restart(spec: MapSpec): void;
  /** Shows when the forecast of this map starts. */
  showStart(map: MapView): void;
}

/** @param onChange called when the user chose something else. */
export function createMapChoice(onChange: () => void): MapChoice {
  const channel = element('channel', HTMLSelectElement);
  const lead = element('lead', HTMLSelectElement);
  const sample = element('sample', HTMLInputElement);
  const date = element('sample-date', HTMLOutputElement);
  channel.addEventListener('change', onChange);
  lead.addEventListener('change', onChange);
  sample.addEventListener('input', onChange);

  const option = (value: number, text: string) => {
    const made = make('option', text);
    made.value = String(value);
    return made;
  };

  return {
    current: () => ({
      sample: Number(sample.value),
      channel: Math.max(0, channel.selectedIndex),
      steps: Number(lead.value),
    }),
    restart({ channels, stepHours, starts }) {
      const before = channel.selectedIndex;
      channel.replaceChildren(...channels.map((c, i) => option(i, c.longName)));
      if (before > 0 && before < channels.length) channel.selectedIndex = before;
      const wanted = lead.selectedIndex;
      lead.replaceChildren(...leads.map(n => option(n, leadTime(n * stepHours))));
      lead.selectedIndex = Math.max(0, wanted);
      const last = Math.max(0, starts - 1);
      const first = sample.max === '0';
      sample.max = String(last);
      if (first || Number(sample.value) > last) sample.value = String(Math.floor(last / 2));
      setText(date, '');
    },
    showStart(map) {
      const start = dateTime(map.validTime - map.leadHours * hourMilliseconds);
      setText(date, start);
      sample.ariaValueText = start;
    },
  };
}

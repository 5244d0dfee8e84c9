/** The colour bar below a map: its bands, round values, units. */
import type { ColourScale } from './colours.ts';
import { make } from './dom.ts';
import { fieldNumber } from './format.ts';

/** Draws the bar of `scale` into `target`, with about five values below it. */
export function drawColourBar(target: HTMLElement, scale: ColourScale, units: string): void {
  const bands = scale.colours.length;
  const colours = make('div', '', 'colours');
  for (const colour of scale.colours) {
    const band = make('i', '', 'bar-band');
    band.style.background = colour;
    colours.append(band);
  }
  const ticks = make('div', '', 'ticks');
  // An even stride through the bands, so that every value is round and zero is among those of a diverging scale.
  const stride = [1, 2, 3, 4, 5, 6, 8, 10].find(s => bands % s === 0 && bands / s <= 6) ?? bands;
  for (let i = 0; i <= bands; i += stride) {
    const value = scale.low + ((scale.high - scale.low) * i) / bands;
    const tick = make('span', `${fieldNumber(value, 4)}${i === bands ? ` ${units}` : ''}`.trim());
    tick.style.left = `${(100 * i) / bands}%`;
    ticks.append(tick);
  }
  target.replaceChildren(colours, ticks);
}

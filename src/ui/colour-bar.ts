/** The colour bar below a map: its bands and round values. */
import type { ColourScale } from '../show/colours.ts';
import { fieldNumber } from '../show/format.ts';
import { make } from './dom.ts';

/** Draws the bar of `scale` into `target`, with at most `most` intervals between the values below it. */
export function drawColourBar(target: HTMLElement, scale: ColourScale, most: number): void {
  const bands = scale.colours.length;
  const colours = make('div', '', 'colours');
  for (const colour of scale.colours) {
    const band = make('i', '', 'bar-band');
    band.style.background = colour;
    colours.append(band);
  }
  const ticks = make('div', '', 'ticks');
  const stride = scale.low === -scale.high ? symmetricStride(bands, most) : Math.ceil(bands / most);
  for (let i = 0; i <= bands; i += stride) {
    const value = scale.low + ((scale.high - scale.low) * i) / bands;
    const tick = make('span', fieldNumber(value, 4));
    tick.style.left = `${(100 * i) / bands}%`;
    ticks.append(tick);
  }
  target.replaceChildren(colours, ticks);
}

/** Bands between two ticks such that both ends and the zero in the middle have one. */
function symmetricStride(bands: number, most: number): number {
  const half = bands / 2;
  let stride = Math.ceil(bands / most);
  while (half % stride !== 0 && stride < half) stride++;
  return Math.min(stride, half);
}

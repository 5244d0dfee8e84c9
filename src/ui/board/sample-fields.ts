/** What the model reads, as pictures under the board's cut of a sample: a few of the fields that a forecast starts from. */
import type { RolloutSpec, RolloutView } from '../../session/api/api.ts';
import { fieldScale } from '../../show/colours.ts';
import { paintField } from '../../show/map-image.ts';
import { sheetOf } from '../weather/map-sheet.ts';

/** Columns of ranks that are offered at most have a picture each. */
const pictures = 4;

/** Of channels that lie evenly among those of the roll-out. */
export function sampleFields(
  { start, channels }: RolloutView,
  { latitude, longitude }: RolloutSpec,
): ImageData[] {
  const { small } = sheetOf({ latitude, longitude });
  const size = latitude.length * longitude.length;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return [];
  return Array.from({ length: Math.min(pictures, channels.length) }, (_, i) => {
    const at = Math.floor((i * channels.length) / Math.min(pictures, channels.length));
    const values = start.subarray(at * size, (at + 1) * size);
    paintField(canvas, values, small, fieldScale(values));
    return context.getImageData(0, 0, canvas.width, canvas.height);
  });
}

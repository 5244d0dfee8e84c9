/** What the maps say under the pointer: the place and the three values there. */
import type { MapView } from '../session/api/api.ts';
import { fieldNumber, prettyUnits } from '../show/format.ts';
import type { MapFrame } from '../show/map-frame.ts';
import { type Sampler, valueAt } from '../show/map-image.ts';

/** Degrees north and east in words: `52° N 13° E`. */
export const placeName = (north: number, east: number): string =>
  `${degrees(north, 'N', 'S')} ${degrees(((east + 540) % 360) - 180, 'E', 'W')}`;

const degrees = (value: number, positive: string, negative: string) =>
  `${Math.abs(Math.round(value))}° ${value >= 0 ? positive : negative}`;

/** Words for the point at fractions `across` and `down` (0 to 1) of the map. */
export function readout(
  map: MapView,
  frame: MapFrame,
  sampler: Sampler,
  across: number,
  down: number,
): string {
  const column = Math.min(sampler.width - 1, Math.floor(across * sampler.width));
  const row = Math.min(sampler.height - 1, Math.floor(down * sampler.height));
  const truth = valueAt(map.truth, sampler, column, row);
  const forecast = valueAt(map.forecast, sampler, column, row);
  const north = frame.north - down * (frame.north - frame.south);
  const place = placeName(north, frame.west + across * (frame.east - frame.west));
  const values = `truth ${fieldNumber(truth, 4)}, forecast ${fieldNumber(forecast, 4)}, error ${fieldNumber(forecast - truth, 3)}`;
  return `${place}: ${values} ${prettyUnits(map.channel.units)}`.trim();
}

/** Root mean square of `a - b` over the map, by cos(latitude), where both are known. */
export function mapRmse(a: Float32Array, b: Float32Array, latitude: Float64Array): number {
  const columns = a.length / latitude.length;
  let sum = 0;
  let weights = 0;
  latitude.forEach((north, row) => {
    const weight = Math.cos((north * Math.PI) / 180);
    for (let k = row * columns; k < (row + 1) * columns; k++) {
      const difference = a[k] - b[k];
      if (Number.isNaN(difference)) continue;
      sum += weight * difference * difference;
      weights += weight;
    }
  });
  return Math.sqrt(sum / weights);
}

/** The words of the data sheet. */
import type { DataSheet, SheetMaps } from '../../session/api/data-sheet.ts';
import { bytes, count, fieldNumber, prettyUnits } from '../../show/format.ts';

const degrees = (value: number, [positive, negative]: readonly [string, string]) =>
  `${Number(Math.abs(value).toFixed(2))}° ${value < 0 ? negative : positive}`;

export const words = {
  title: 'What is in these data',
  intro:
    'The sheet tells what is seen of the data before anything is trained on them, as npm run data does in the terminal.',
  read: 'Read the data sheet',
  readAll: (size: number) => `Read all of it (${bytes(size)})`,
  offers: {
    computed: 'The sheet of these computed data takes a while: they are computed for it.',
    remote:
      'The data lie at an address: the sheet reads all of what is chosen, or a sample of the steps where that is much.',
  },
  reading: (share: number) => `Reading: ${Math.floor(100 * share)} %`,
  opening: 'Opening the data …',
  part: ({ timesRead, sizes, bytes: size }: DataSheet) =>
    `The numbers are of a sample, ${count(timesRead)} of ${count(sizes.times)} steps: in memory all of it takes ${bytes(size)}.`,
  refused: (why: string) => `There is no sheet: ${why}`,
  nothingMissing: 'No value is missing.',
  first: (
    { channel, time, values }: NonNullable<SheetMaps['first']>,
    calendar: DataSheet['time']['calendar'],
  ) => {
    const known = values.filter(value => !Number.isNaN(value));
    const range = known.reduce(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
    return `${channel.longName}, ${time.replace('T', ' ').replace('Z', ' UTC')}: ${range.map(value => fieldNumber(value, 4)).join(' to ')} ${prettyUnits(channel.units)}${calendar === 'standard' ? '' : ` (calendar ${calendar})`}`;
  },
  missing: ({ latitude, longitude }: SheetMaps, missing: Float32Array) => {
    const points = missing.filter(share => share > 0).length;
    const most = missing.indexOf(missing.reduce((a, b) => Math.max(a, b)));
    const [row, column] = [Math.floor(most / longitude.length), most % longitude.length];
    const east = ((longitude[column] + 540) % 360) - 180;
    return `Missing values: at ${count(points)} of ${count(missing.length)} points; most at ${degrees(latitude[row], ['N', 'S'])} ${degrees(east, ['E', 'W'])}, ${Number((100 * missing[most]).toFixed(1))} %`;
  },
} as const;

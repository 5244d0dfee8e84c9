/**
 * Data in the shape of others, to try speed and memory where those are not at hand: every field is a sum of a few waves
 * that travel at constant speed, drawn by a counter-based generator. A value is a function of (seed, channel, step,
 * row, column) alone, so that a rank computes just the box that it would have read. Smooth, and learnable; not weather.
 */
import { DataError } from '../io/data-error.ts';
import { CHANNELS, STATIC_CHANNELS } from './atmosphere/channels.ts';
import { uniform } from './atmosphere/random.ts';
import type { BoxedSource } from './boxed-source.ts';
import type { SyntheticChoice } from './choice/synthetic.ts';
import { weatherBench2Channels, weatherBench2Statics } from './choice/weatherbench2.ts';
import type { Channel, Dataset } from './dataset.ts';
import { checkBox, type DataBox } from './slice.ts';

const STEP_HOURS = 6;
const FIRST_TIME = Date.UTC(2001, 0, 1);
/** Waves of a field. */
const WAVES = 4;
/** Streams of the draws: fields that change, and static ones. */
const CHANGING = 1;
const STATIC = 2;

const fields = {
  atmosphere: { channels: CHANNELS, statics: STATIC_CHANNELS },
  weatherbench2: { channels: weatherBench2Channels, statics: weatherBench2Statics },
} as const;

/** Channels and static fields that synthetic data have: the names of what they stand for, without its units. */
function fieldsLike(like: SyntheticChoice['like']) {
  const plain = (channel: Channel) => ({
    ...channel,
    longName: `${channel.longName}, synthetic`,
    units: '1',
  });
  const { channels, statics } = fields[like];
  return { channels: channels.map(plain), statics: statics.map(plain) };
}

export function openSynthetic(choice: SyntheticChoice): BoxedSource {
  const { height, width, steps, seed } = choice;
  const { channels, statics } = fieldsLike(choice.like);
  const latitude = Float64Array.from({ length: height }, (_, y) => 90 - ((y + 0.5) * 180) / height);
  const longitude = Float64Array.from({ length: width }, (_, x) => (x * 360) / width);
  const times = Float64Array.from({ length: steps }, (_, t) => FIRST_TIME + t * STEP_HOURS * 3_600_000);
  const whole: DataBox = {
    channels: channels.map((_, c) => c),
    statics: statics.map((_, s) => s),
    latitudeFrom: 0,
    latitudeTo: height,
  };

  const read = (box: DataBox = whole): Dataset => {
    checkBox(box, {
      channels: channels.length,
      statics: statics.length,
      rows: height,
      columns: width,
      steps,
    });
    const { latitudeFrom, latitudeTo, timeFrom = 0, timeTo = steps } = box;
    const points = (latitudeTo - latitudeFrom) * width;
    const values = allocate((timeTo - timeFrom) * box.channels.length * points);
    box.channels.forEach((c, i) => {
      const waves = wavesOf(seed, CHANGING, c);
      for (let t = timeFrom; t < timeTo; t++) {
        const at = ((t - timeFrom) * box.channels.length + i) * points;
        addWaves(waves, t, choice, latitudeFrom, values.subarray(at, at + points));
      }
    });
    return {
      source: `synthetic waves in the shape of ${nameOf(choice)} (seed ${seed}), not weather`,
      synthetic: true,
      channels: box.channels.map(c => channels[c]),
      statics: box.statics.map(s => {
        const field = new Float32Array(points);
        addWaves(wavesOf(seed, STATIC, s), 0, choice, latitudeFrom, field);
        return { channel: statics[s], values: field };
      }),
      latitude: latitude.slice(latitudeFrom, latitudeTo),
      longitude,
      periodic: true,
      times: times.slice(timeFrom, timeTo),
      stepHours: STEP_HOURS,
      values,
      hasMissing: false,
    };
  };
  return {
    fields: { channels, statics: statics.length, latitude, longitude, times, stepHours: STEP_HOURS },
    read: async box => ({ dataset: read(box), bytesRead: 0 }),
    // Every value is computed where it is needed.
    describeSplit: () => [],
  };
}

const nameOf = ({ like, height, width }: SyntheticChoice) =>
  `${like === 'atmosphere' ? 'the embedded atmosphere' : 'ERA5'}, ${width} x ${height} points`;

function allocate(count: number): Float32Array {
  try {
    return new Float32Array(count);
  } catch {
    const gibibytes = ((4 * count) / 2 ** 30).toFixed(1);
    throw new DataError(
      `Synthetic data of this shape take ${gibibytes} GiB, more than can be had here: use a mesh of more ranks.`,
    );
  }
}

/** amplitude sin(rows y + rowPhase) cos(columns x - speed t + columnPhase), y in half circles, x in circles. */
interface Wave {
  readonly amplitude: number;
  readonly rows: number;
  readonly rowPhase: number;
  readonly columns: number;
  readonly columnPhase: number;
  readonly speed: number;
}

function wavesOf(seed: number, stream: number, field: number): Wave[] {
  return Array.from({ length: WAVES }, (_, wave) => {
    const draw = uniform(Math.imul(seed, 0x9e3779b1) ^ (stream * 0x10000 + field * WAVES + wave));
    return {
      // The longer, the stronger.
      amplitude: 1 / (1 + wave),
      rows: Math.PI * (1 + wave),
      rowPhase: 2 * Math.PI * draw(),
      columns: 1 + wave + Math.floor(3 * draw()),
      columnPhase: 2 * Math.PI * draw(),
      // Once around a wavelength in one to six days; some travel westward.
      speed: (2 * Math.PI) / (4 + 20 * draw()) / (draw() < 0.2 ? -1 : 1),
    };
  });
}

/** Adds the waves at a step to some rows of a field, from row `first` on: [rows, width]. */
function addWaves(
  waves: readonly Wave[],
  step: number,
  { height, width }: SyntheticChoice,
  first: number,
  out: Float32Array,
): void {
  const line = new Float32Array(width);
  for (const { amplitude, rows, rowPhase, columns, columnPhase, speed } of waves) {
    for (let x = 0; x < width; x++) {
      line[x] = Math.cos((2 * Math.PI * columns * x) / width - speed * step + columnPhase);
    }
    for (let y = 0; y < out.length / width; y++) {
      const factor = amplitude * Math.sin((rows * (first + y + 0.5)) / height + rowPhase);
      for (let x = 0; x < width; x++) out[y * width + x] += factor * line[x];
    }
  }
}

/** A run with forecasts of a travelling wave, and the answers that its session would give. */
import type { Channel, RolloutSpec, RolloutView, RunInfo } from '../../../src/session/api/api.ts';
import { emptyPage, type PageState } from '../../../src/ui/page-state.ts';

const rows = 32;
const columns = 64;
export const points = rows * columns;
export const latitude = Float64Array.from({ length: rows }, (_, y) => 87.1875 - 5.625 * y);
export const longitude = Float64Array.from({ length: columns }, (_, x) => 5.625 * x);

export const channels: readonly Channel[] = [
  { name: 'u200', longName: 'eastward wind at 200 hPa', units: 'm s-1', variable: 'u', levelHPa: 200 },
  {
    name: 'z500',
    longName: 'geopotential at 500 hPa',
    units: 'm2 s-2',
    variable: 'geopotential',
    levelHPa: 500,
  },
];

/** Geopotential or wind of a wave that moves east, `error` too slowly. */
export function wave(channel: number, lead: number, error = 0): Float32Array<ArrayBuffer> {
  const radian = Math.PI / 180;
  return Float32Array.from({ length: points }, (_, p) => {
    const north = latitude[Math.floor(p / columns)] * radian;
    const east = (longitude[p % columns] - (12 - error) * lead) * radian;
    const band = Math.cos(north) ** 4 * Math.sin(2 * north);
    if (channel === 0) return 45 * Math.sin(2 * north) ** 2 + 30 * band * Math.sin(5 * east);
    return 9.80665 * (5860 - 900 * Math.sin(north) ** 2 + 260 * band * Math.cos(5 * east));
  });
}

export const spec: RolloutSpec = {
  kind: 'rollout',
  name: 'rollout',
  label: 'Forecasts of one start',
  ...{ channels, latitude, longitude, stepHours: 24, starts: 21 },
};

/** @param slow degrees a day that the forecast's wave is too slow; 12: it stands still, as persistence has it */
export function rolloutOf(slow: number, leads = 10): RolloutView {
  const steps = Array.from({ length: leads }, (_, i) => i + 1);
  const join = (error: number) => {
    const out = new Float32Array(leads * channels.length * points);
    steps.forEach((lead, i) => {
      for (const c of channels.keys()) out.set(wave(c, lead, error), (i * channels.length + c) * points);
    });
    return out;
  };
  const start = new Float32Array(channels.length * points);
  for (const c of channels.keys()) start.set(wave(c, 0), c * points);
  const rms = (lead: number, c: number, error: number) => {
    const [a, b] = [wave(c, lead, error), wave(c, lead)];
    return Math.sqrt(a.reduce((sum, value, p) => sum + (value - b[p]) ** 2, 0) / points);
  };
  const errors = (error: number) =>
    Float32Array.from(steps.flatMap(lead => [...channels.keys()].map(c => rms(lead, c, error))));
  return {
    kind: 'rollout',
    startTime: Date.parse('2002-11-24T18:00Z'),
    channels: [0, 1],
    leadHours: steps.map(step => 24 * step),
    start,
    truth: join(0),
    forecast: join(slow),
    errors: {
      forecast: errors(slow),
      persistence: errors(12),
      climatology: Float32Array.from(steps.flatMap(() => [14, 1200])),
    },
  };
}

/** A prepared run that offers this; nothing else of it is looked at. */
export const infoOf = (...views: RunInfo['views']) => ({ views, step: 0 }) as unknown as RunInfo;

export const pageOf = (change: Partial<PageState>): PageState => ({ ...emptyPage(), ...change });

/** Files as people have them (`test/fixtures/cases`): each reads as it must, or says why not. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { FieldsChoice } from '../../../src/data/choice/choice.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { loadDataset } from '../../../src/data/load.ts';
import { DataError } from '../../../src/io/data-error.ts';
import cases from '../../fixtures/cases/cases.json' with { type: 'json' };

interface Case {
  readonly channels?: Readonly<
    Record<string, { known: number; values: number; mean: number; min: number; max: number }>
  >;
  readonly times?: { readonly first: string; readonly lastYear: number; readonly lastDayOfYear: number };
  readonly calendar?: string;
  /** Words that the message has. */
  readonly error?: string;
}

const folder = fileURLToPath(new URL('../../fixtures/cases/', import.meta.url));

function choiceOf(name: string): FieldsChoice {
  if (!name.endsWith('.zarr')) {
    return { kind: 'files', files: [{ name, blob: new Blob([readFileSync(folder + name)]) }] };
  }
  const root = `${folder}${name}/`;
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = paths
    .filter(path => statSync(root + path).isFile())
    .map(path => [path, new Blob([readFileSync(root + path)])] as const);
  return { kind: 'zarr', source: { kind: 'files', name, files: new Map(files) }, selection: {} };
}

/** Of every channel, over all steps. */
function summary({ channels, values, latitude, longitude }: Dataset): Case['channels'] {
  const points = latitude.length * longitude.length;
  return Object.fromEntries(
    channels.map(({ name }, c) => {
      const own = values.filter((_, i) => Math.floor(i / points) % channels.length === c);
      const known = own.filter(value => !Number.isNaN(value));
      return [
        name,
        {
          known: known.length,
          values: own.length,
          mean: known.reduce((sum, value) => sum + value, 0) / known.length,
          min: known.reduce((a, b) => Math.min(a, b)),
          max: known.reduce((a, b) => Math.max(a, b)),
        },
      ];
    }),
  );
}

const pending: readonly string[] = [
  'expver.nc',
  'forecast-steps.nc',
  'ensemble.nc',
  'calendar-360.nc',
  'compressed.nc.gz',
  'login-page.nc',
  'netcdf4.nc',
  'curvilinear.nc',
  'nanoseconds.zarr',
  'fixed-scale.zarr',
  'fill-zero.zarr',
  'store.zarr.zip',
  'groups.zarr',
];

it.each(Object.entries<Case>(cases).filter(([name]) => !pending.includes(name)))(
  '%s',
  async (name, { channels, error }) => {
    const reading = loadDataset(choiceOf(name));
    if (error) {
      const failure = await reading.then(
        () => undefined,
        thrown => thrown,
      );
      expect(failure).toBeInstanceOf(DataError);
      expect(String(failure)).toContain(error);
      return;
    }
    const { dataset } = await reading;
    const found = summary(dataset);
    expect(Object.keys(found ?? {})).toEqual(Object.keys(channels ?? {}));
    for (const [channel, expected] of Object.entries(channels ?? {})) {
      const { known, values, mean, min, max } = found![channel];
      expect({ channel, known, values }).toEqual({ channel, known: expected.known, values: expected.values });
      for (const [a, b] of [
        [mean, expected.mean],
        [min, expected.min],
        [max, expected.max],
      ]) {
        expect(Math.abs(a - b)).toBeLessThan(1e-6 * Math.max(1, Math.abs(b)));
      }
    }
  },
);

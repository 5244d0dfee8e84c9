/** Files as people have them, for tests. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import cases from '../../fixtures/cases/cases.json' with { type: 'json' };

const folder = fileURLToPath(new URL('../../fixtures/cases/', import.meta.url));

/** A file or store of `test/fixtures/cases` as a user would choose it. */
export function caseChoice(name: string): BoxedChoice {
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

/** Of the cases those that xarray reads as they are meant; it takes chunks that a store lacks for its fill value. */
export const asXarrayReads: readonly string[] = Object.entries(cases).flatMap(([name, expected]) =>
  'channels' in expected && name !== 'fill-zero.zarr' ? [name] : [],
);

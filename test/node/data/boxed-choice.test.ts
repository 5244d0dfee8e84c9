import { expect, it } from 'vitest';
import { type BoxedChoice, bareChoice, wholeChoice } from '../../../src/data/choice/choice.ts';

const selection = { variables: ['t'], from: '2016-01-01' };
const atUrl: BoxedChoice = { kind: 'zarr', source: { kind: 'url', url: '/a.zarr' }, selection };
const inFolder: BoxedChoice = {
  kind: 'zarr',
  source: { kind: 'files', name: 'a.zarr', files: new Map() },
  selection,
};
const chosen: BoxedChoice = { kind: 'files', files: [{ name: 'a.nc', blob: new Blob() }] };
const served: BoxedChoice = { kind: 'files', files: [{ url: '/a.nc' }] };

it('what lies at addresses is kept and told whole, and needs nothing else', () => {
  for (const choice of [atUrl, served]) {
    expect(bareChoice(choice)).toBe(choice);
    expect(wholeChoice(choice, inFolder)).toBe(choice);
  }
});

it('of a folder its part is kept, and holds for whatever folder is given', () => {
  const bare = bareChoice(inFolder);
  expect(bare).toEqual({ kind: 'zarr', selection });
  expect(wholeChoice(bare, { ...inFolder, selection: {} })).toEqual(inFolder);
  expect(wholeChoice(bare, undefined)).toBeUndefined();
  expect(wholeChoice(bare, chosen)).toBeUndefined();
});

it('of files their kind is kept, and what of them is used, whatever files are given', () => {
  const part = { region: { west: -20, south: 30, east: 40, north: 70 }, thin: { means: 2 } };
  expect(bareChoice(chosen)).toEqual({ kind: 'files' });
  expect(bareChoice({ ...chosen, part })).toEqual({ kind: 'files', part });
  expect(wholeChoice({ kind: 'files', part }, chosen)).toEqual({ ...chosen, part });
  expect(wholeChoice({ kind: 'files', part }, { ...chosen, part: { levels: [500] } })).toEqual({
    ...chosen,
    part,
  });
  expect(wholeChoice({ kind: 'files' }, { ...chosen, part })).toEqual(chosen);
  expect(wholeChoice({ kind: 'files' }, inFolder)).toBeUndefined();
});

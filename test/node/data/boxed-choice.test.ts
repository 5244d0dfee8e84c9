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

it('of files only their kind is kept', () => {
  expect(bareChoice(chosen)).toEqual({ kind: 'files' });
  expect(wholeChoice({ kind: 'files' }, chosen)).toBe(chosen);
  expect(wholeChoice({ kind: 'files' }, inFolder)).toBeUndefined();
});

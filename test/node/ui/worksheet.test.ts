/** What a link hides, as its words in the address. */
import { expect, test } from 'vitest';
import { searchOf, settingsIn } from '../../../src/ui/address.ts';
import { hiddenIn, hideNames, hidingRules, withHidden } from '../../../src/ui/worksheet/hidden.ts';

test('names are read in their order, whatever stands between them; others are passed over', () => {
  expect(hiddenIn('?hide=seed+mesh')).toEqual(['seed', 'mesh']);
  expect(hiddenIn('?preset=tiny&hide=mesh,seed,,none,toString')).toEqual(['seed', 'mesh']);
  expect(hiddenIn('?hide=')).toEqual([]);
  expect(hiddenIn('')).toEqual([]);
});

test('what is written is read again, and all else of the address stays', () => {
  for (const name of hideNames) expect(hiddenIn(withHidden('', [name]))).toEqual([name]);
  expect(withHidden('?preset=tiny', ['mesh', 'seed'])).toBe('?preset=tiny&hide=seed+mesh');
  expect(withHidden('?hide=seed&preset=tiny', [])).toBe('?preset=tiny');
  expect(withHidden('?hide=seed', [])).toBe('');
  // The settings of a run leave it as it is.
  expect(searchOf(settingsIn('?preset=tiny&mesh=2x2'), withHidden('', ['seed', 'mesh']))).toBe(
    '?hide=seed+mesh&preset=tiny&mesh=2x2',
  );
});

test('there is a rule for each, and none where nothing is hidden', () => {
  expect(hidingRules([])).toBe('');
  expect(hidingRules(['reset', 'seed'])).toBe(
    '#reset { display: none !important; }\n.field:has(#seed) { display: none !important; }',
  );
});

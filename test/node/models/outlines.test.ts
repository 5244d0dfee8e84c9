/** What forms and flags know of the kinds is what the kinds know. */
import { expect, test } from 'vitest';
import { modelKinds } from '../../../src/models/index.ts';
import { modelOutline, modelOutlines } from '../../../src/models/outlines.ts';
import { taskKinds } from '../../../src/tasks/index.ts';
import { taskOutline, taskOutlines } from '../../../src/tasks/outlines.ts';

const namesOf = (kinds: readonly { readonly kind: string }[]) => kinds.map(({ kind }) => kind);

test('every kind has its outline, in the same order', () => {
  expect(namesOf(modelOutlines)).toEqual(namesOf(modelKinds));
  expect(namesOf(taskOutlines)).toEqual(namesOf(taskKinds));
  for (const { kind, label, options } of modelKinds)
    expect(modelOutline(kind)).toMatchObject({ label, options });
  for (const { kind, label, options } of taskKinds)
    expect(taskOutline(kind)).toMatchObject({ label, options });
});

test('a name that is no kind is refused with those that are', () => {
  expect(() => modelOutline('transformer')).toThrow(
    'There is no kind of model named transformer; there are weathermixer, resnet.',
  );
  expect(() => taskOutline('chess')).toThrow('There is no task named chess; there are forecast, classify.');
});

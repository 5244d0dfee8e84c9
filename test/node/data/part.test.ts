/** What of a data set is used, as it is written in options and addresses. */
import { expect, it } from 'vitest';
import { type DataPart, readPart, writePart } from '../../../src/data/choice/part.ts';

it('is written as it is read', () => {
  const part: DataPart = {
    variables: ['z', 't2m'],
    levels: [850, 0.5],
    region: { west: 160, south: -50.5, east: -140, north: -20 },
    from: '2016-01-01',
    to: '2016-02-30',
    thin: { means: 4, steps: 2 },
  };
  const text = {
    variables: 'z,t2m',
    levels: '850,0.5',
    region: '160,-50.5,-140,-20',
    from: '2016-01-01',
    to: '2016-02-30',
    thin: 'means:4,steps:2',
  };
  expect(writePart(part)).toEqual(text);
  expect(readPart(text)).toEqual(part);
  expect(writePart({})).toEqual({});
  expect(readPart({})).toEqual({});
});

it.each([
  ['variables', ' , '],
  ['levels', '850,'],
  ['levels', '-5'],
  ['region', '0,10,20'],
  ['region', '0,40,20,30'],
  ['region', '5,0,5,10'],
  ['region', '0,0,20,91'],
  ['region', '0,,20,40'],
  ['from', '2016'],
  ['thin', '4'],
  ['thin', 'points:0'],
  ['thin', 'points:2,means:2'],
  ['thin', 'steps:2,steps:3'],
] as const)('%s is not "%s"', (option, text) => {
  expect(readPart({ [option]: text })).toEqual({});
  expect(() => readPart({ [option]: text }, (o, t) => new RangeError(`${o}: ${t}`))).toThrow(
    `${option}: ${text}`,
  );
});

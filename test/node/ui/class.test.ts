/** What of the class in the page needs no document. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsIn } from '../../../src/ui/address.ts';
import { laneSettings, lanesOf, meshesLike, mostLanes } from '../../../src/ui/class/lanes.ts';
import { allowedPlace, placesOf } from '../../../src/ui/class/places.ts';
import { sparkArea, sparkline } from '../../../src/ui/class/sparkline.ts';
import { headLine, stateWords } from '../../../src/ui/class/words.ts';
import { readLesson } from '../../../src/ui/lesson/parse.ts';

const base = '?preset=tiny&seed=3&steps=200';

test('lanes of a race have one thing different and share the rest', () => {
  const lanes = lanesOf(`${base}&utm=x`, 'mesh', '1x1, 1x2,1x2, 2x2');
  if (typeof lanes === 'string') throw new Error(lanes);
  expect(lanes.map(({ label }) => label)).toEqual(['mesh 1x1', 'mesh 1x2', 'mesh 2x2']);
  for (const { search } of lanes) {
    expect(settingsIn(search)).toMatchObject({ preset: 'tiny', seed: 3, steps: 200 });
    expect(search).toMatch(/^\?[\w.=&-]*$/);
    expect(search).not.toContain('utm');
  }
  expect(lanes.map(({ search }) => settingsIn(search).mesh.columns)).toEqual([1, 2, 2]);
});

test.for(laneSettings)('the lanes that are offered can be run: $name', ({ name, usual }) => {
  const lanes = lanesOf('?preset=demo', name, usual);
  expect(lanes).toHaveLength(usual.split(',').length);
});

test.for([
  ['1x2', '1x2, 2x1'],
  ['2x2', '2x2, 1x4, 4x1'],
])('groups on %s race on other meshes of as many pages: %s', ([mesh, lanes]) => {
  expect(meshesLike(mesh)).toBe(lanes);
});

test.for([
  ['mesh', '1x1', 'Write two lanes or more'],
  ['mesh', '', 'Write two lanes or more'],
  ['mesh', '1x1, 9 by 9', '"9 by 9" is no mesh'],
  ['accumulate', '1, 7', '"7" is no accumulate'],
  ['width', '1,2,3,4,5,6', `at most ${mostLanes} lanes`],
] as const)('lanes that are none say what is wrong: %s %s', ([name, text, words]) => {
  expect(lanesOf(base, name, text)).toContain(words);
});

test('a class leads to views and lessons, and to nothing else', () => {
  const text = readFileSync(new URL('../../../src/ui/lesson/texts/1-one-device.md', import.meta.url), 'utf8');
  const result = readLesson(text);
  if ('faults' in result) throw new Error(result.faults[0].message);
  const places = placesOf([result.lesson]);
  expect(places.at(-1)?.address).toBe('#/lesson/1/1');
  for (const { address } of places) expect(allowedPlace(address)).toBe(address);
  expect(allowedPlace('#/timeline?step=3')).toBe('#/timeline?step=3');
  for (const address of ['#/share', '#/class', '#/data']) expect(allowedPlace(address)).toBeUndefined();
});

test('a curve on a card is as wide as its run has come, and a single point is none', () => {
  const curve = [10, 20, 30, 40].map(step => ({ step, loss: 1 / step, seconds: step }));
  expect(sparkline(curve.slice(0, 1), 0.5)).toBeUndefined();
  const xs = [...(sparkline(curve, 0.5) ?? '').matchAll(/[ML]([\d.]+) /g)].map(([, x]) => Number(x));
  expect(xs).toHaveLength(4);
  expect(Math.max(...xs)).toBeCloseTo(sparkArea.width / 2 - sparkArea.right, 0);
});

test('the wall says in words who is here and who needs the teacher', () => {
  const none = {
    asking: 0,
    failed: 0,
    stuck: 0,
    gone: 0,
    waiting: 0,
    preparing: 0,
    ready: 0,
    paused: 0,
    training: 0,
    holding: 0,
    done: 0,
    watching: 0,
  };
  expect(headLine(none)).toBe('0 here');
  expect(headLine({ ...none, training: 20, stuck: 1, failed: 1, watching: 2, asking: 1, gone: 3 })).toBe(
    '24 here · 2 watch · 1 asks · 2 stuck · 3 silent',
  );
  expect(stateWords('gone', 40_000)).toMatch(/^silent for 40/);
  expect(stateWords('watching', 0)).toBe('watches: no WebGPU');
});

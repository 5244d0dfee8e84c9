/** The address of the page: which run it sets up, and which view it shows. */
import { expect, test } from 'vitest';
import { presets } from '../../../src/session/api/presets.ts';
import { type AddressSettings, searchOf, settingsIn } from '../../../src/ui/address.ts';
import { hashOf, routeOf } from '../../../src/ui/shell/route.ts';

const demo = settingsIn('');

test('an address without settings is the demo as it is, and nothing is written of that', () => {
  expect(demo).toMatchObject({ preset: 'demo', steps: presets.demo.steps, seed: 1, data: 'embedded' });
  expect(searchOf(demo, '')).toBe('');
});

test.each<[string, AddressSettings]>([
  ['?preset=tiny', settingsIn('?preset=tiny')],
  [
    '?preset=tiny&steps=24&seed=7&mesh=2x2&replicas=2&micro-batches=2&overlap=off&wire=f16&link=wifi&batch=6&accumulate=2&recompute=on&data=synthetic&dropout=0.1',
    {
      preset: 'tiny',
      steps: 24,
      seed: 7,
      mesh: { rows: 2, columns: 2, replicas: 2, microBatches: 2, overlap: false, wire: 'f16' },
      link: 'wifi',
      batch: 6,
      accumulate: 2,
      recompute: true,
      data: 'synthetic',
      model: { dropout: 0.1 },
    },
  ],
  [
    '?preset=tiny&levels=850%2C500&region=160%2C-50%2C-140%2C-20&from=2001-01-01&thin=means%3A2%2Csteps%3A4',
    {
      ...settingsIn('?preset=tiny'),
      part: {
        levels: [850, 500],
        region: { west: 160, south: -50, east: -140, north: -20 },
        from: '2001-01-01',
        thin: { means: 2, steps: 4 },
      },
    },
  ],
])('%s is read as it was written', (search, settings) => {
  expect(settingsIn(search)).toEqual(settings);
  expect(searchOf(settings, '')).toBe(search);
});

test.each([
  '?preset=none',
  '?region=0,10,20',
  '?thin=4',
  '?from=May',
  '?preset=toString',
  '?steps=0',
  '?steps=1.5',
  '?steps=',
  '?seed=-1',
  '?mesh=2by2',
  '?mesh=0x2',
  '?replicas=100',
  '?wire=f8',
  '?overlap=maybe',
  '?link=none',
  '?batch=0',
  '?batch=4.5',
  '?accumulate=7',
  '?recompute=1',
  '?data=files',
  '?dropout=2',
  '?subset=0.5',
  '?dropout=',
])('%s says nothing that can be used: the demo stays as it is', search => {
  expect(settingsIn(search)).toEqual(demo);
});

test('what is no setting stays in the address; what is as the preset has it goes', () => {
  expect(searchOf(settingsIn('?preset=tiny'), '?hide=seed&steps=9&tab=2')).toBe(
    '?hide=seed&tab=2&preset=tiny',
  );
});

test.each([
  ['', { view: 'home', path: [], camera: {} }],
  ['#results', { view: 'home', path: [], camera: {} }],
  ['#/board', { view: 'board', path: [], camera: {} }],
  ['#/nowhere/3', { view: 'home', path: [], camera: {} }],
  ['#/timeline?step=254&from=0.03', { view: 'timeline', path: [], camera: { step: '254', from: '0.03' } }],
  ['#join=tabs.room.secret', { view: 'home', path: [], camera: {} }],
  ['#join=tabs.room.secret#/timeline?step=4', { view: 'timeline', path: [], camera: { step: '4' } }],
  ['#/board/blocks.0%2Ftoken/%', { view: 'board', path: ['blocks.0/token', '%'], camera: {} }],
])('the address %s shows a view', (hash, route) => {
  expect(routeOf(hash)).toEqual(route);
  expect(routeOf(hashOf(routeOf(hash)))).toEqual(route);
});

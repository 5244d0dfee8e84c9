/** What fields are called, and in which units they are shown. */
import { expect, test } from 'vitest';
import { weatherBench2Channels } from '../../../src/data/choice/weatherbench2.ts';
import { firstShown, forPeople, toPeople } from '../../../src/show/people.ts';

const channel = (variable: string, longName: string, units: string, levelHPa?: number) => ({
  ...{ name: variable, variable, longName, units },
  ...(levelHPa === undefined ? {} : { levelHPa }),
});

test.each([
  [
    'geopotential',
    'geopotential at 500 hPa',
    'm2 s-2',
    500,
    'height of the 500 hPa surface',
    'm',
    53935,
    5499.8,
  ],
  ['z', 'geopotential at 850 hPa', 'm**2 s**-2', 850, 'height of the 850 hPa surface', 'm', 9806.65, 1000],
  ['hgt', 'Geopotential height at 500 hPa', 'm', 500, 'height of the 500 hPa surface', 'm', 5500, 5500],
  ['slp', 'sea level pressure', 'Pa', undefined, 'sea level pressure', 'hPa', 101325, 1013.25],
  ['t2m', 'temperature at 2 m', 'K', undefined, 'temperature at 2 m', '°C', 273.15, 0],
  ['theta', 'potential temperature at 500 hPa', 'K', 500, 'potential temperature at 500 hPa', 'K', 300, 300],
  ['u', 'eastward wind at 200 hPa', 'm/s', 200, 'eastward wind at 200 hPa', 'm/s', 30, 30],
  ['q', 'specific humidity', 'kg kg-1', undefined, 'specific humidity', 'g/kg', 0.004, 4],
  ['vorticity', 'relative vorticity', 's-1', undefined, 'relative vorticity', '10⁻⁵ s⁻¹', 3e-5, 3],
  ['geopotential_at_surface', 'geopotential', 'm2 s-2', undefined, 'geopotential', 'm² s⁻²', 7, 7],
  ['count', 'a number', '1', undefined, 'a number', '', 7, 7],
] as const)('%s in %s', (variable, longName, units, level, label, unit, value, shown) => {
  const people = forPeople(channel(variable, longName, units, level));
  expect([people.label, people.unit]).toEqual([label, unit]);
  const [got] = toPeople(Float32Array.of(value), people);
  expect(got).toBeCloseTo(shown, 1);
});

test.each([
  [channel('z', 'geopotential at 850 hPa', 'm2 s-2', 850), '850 hPa height'],
  [channel('u', 'eastward wind at 200 hPa', 'm/s', 200), '200 hPa eastward wind'],
  [channel('u', 'wind of the 200 hPa surface', 'm/s', 200), 'wind of the 200 hPa surface'],
  [channel('t', 'temperature at 2 m', 'K'), 'temperature at 2 m'],
  [channel('slp', 'sea level pressure', 'Pa'), 'sea level pressure'],
])('in a list the level comes first', (listed, words) => {
  expect(forPeople(listed).listed).toBe(words);
});

test('first the height of 500 hPa, else pressure at sea level, else the first field', () => {
  const first = weatherBench2Channels[firstShown(weatherBench2Channels)];
  expect(first.name).toBe('z500');
  const without = weatherBench2Channels.filter(({ variable }) => variable !== 'geopotential').reverse();
  expect(without[firstShown(without)].name).toBe('msl');
  const winds = without.filter(({ units }) => units === 'm s-1');
  expect(firstShown(winds)).toBe(0);
});

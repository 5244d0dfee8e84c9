/** The data sheet of the built page, under its policy: NetCDF-4 through WebAssembly, with its maps, and a part of it. */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { test } from './fixture.ts';
import { status } from './mesh-page.ts';

const cases = fileURLToPath(new URL('../fixtures/cases/', import.meta.url));

test('a NetCDF-4 file shows its sheet before it trains, then that of a part, which the address keeps', async ({
  page,
  pageUrl,
  problems,
}) => {
  await page.goto(`${pageUrl}?preset=regional&steps=2&data=synthetic&thin=steps%3A2#/data`);
  await status(page, 'ready');
  const sheet = page.getByTestId('data-sheet');
  const [thin, region] = [page.getByTestId('part-thin'), page.getByTestId('part-region')];
  await page.locator('[data-testid=data-sheet][data-state=offered]').waitFor();
  // What is computed is computed for its sheet when that is asked for.
  await page.getByTestId('read-sheet').click();
  await page.locator('[data-testid=data-sheet][data-state=read]').waitFor();
  expect(await sheet.textContent()).toContain('256 from 2001-01-01T00:00Z');
  expect(await sheet.textContent()).toContain('No value is missing.');

  expect(await thin.inputValue()).toBe('steps:2');
  await thin.fill('');
  await thin.press('Tab');
  expect(new URL(page.url()).search).toBe('?preset=regional&steps=2&data=synthetic');

  await page.getByTestId('file-input').setInputFiles(`${cases}netcdf4.nc`);
  await page.getByTestId('sheet-source').filter({ hasText: 'netcdf4.nc' }).waitFor();
  await page.locator('[data-testid=data-sheet][data-state=read]').waitFor();
  await status(page, 'ready');
  const text = (await sheet.textContent())?.replaceAll('\u00a0', ' ');
  expect(text).toContain('NetCDF-4 (HDF5)');
  expect(text).toContain('48 from 1970-01-01T00:00Z to 1970-01-12T18:00Z, steps of 6 h, calendar standard');
  expect(text).toContain('4 x 5 points: latitude 60 to 30 (north to south), longitude -20 to 20');
  const z850 = await sheet.locator('tr', { hasText: 'z850' }).locator('td').allTextContents();
  expect(z850.slice(0, 4)).toEqual(['m2 s-2', '850 hPa', '99.9 %', '280.136']);
  expect(text).toContain('number lies along no dimension, not on latitude and longitude');
  expect(text).toContain('10 x 1 x 4 x 5');
  expect(text).toContain('Missing values: at 1 of 20 points; most at 50° N 10° W, 1 %');
  expect(await sheet.locator('canvas.field[data-painted]').count()).toBe(2);
  // Coasts of a region are drawn again once the finer set is there.
  await sheet.locator('canvas[data-coast=fine]').first().waitFor();

  await region.fill('-20,35,x,60');
  await page.getByTestId('use-part').click();
  expect(await region.evaluate((input: HTMLInputElement) => input.validationMessage)).toContain(
    'It must be west,south,east,north in degrees',
  );
  await region.fill('-20,35,0,60');
  await page.getByTestId('use-part').click();
  await sheet.getByText('20° W to 0° E, 35° N to 60° N').waitFor();
  await page.locator('[data-testid=data-sheet][data-state=read]').waitFor();
  expect(await sheet.textContent()).toContain('3 x 3 points: latitude 60 to 40');
  expect(new URL(page.url()).searchParams.get('region')).toBe('-20,35,0,60');
  await status(page, 'ready');
  expect(await page.getByTestId('data-note').textContent()).toContain('3 x 3 points');
  expect(problems).toEqual([]);
});

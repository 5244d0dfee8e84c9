/** The weather: what it draws and says of a run, what it asks for and when it does not. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import type { ProgressField, RolloutView } from '../../../src/session/api/api.ts';
import type { PageState } from '../../../src/ui/page-state.ts';
import '../../../src/ui/theme.css';
import '../../../src/ui/panels.css';
import '../../../src/ui/weather/weather.css';
import '../../../src/ui/weather/weather.ts';
import type { AskView, WeatherElement } from '../../../src/ui/weather/weather.ts';
import { channels, infoOf, latitude, longitude, pageOf, rolloutOf, spec, wave } from './weather-fixture.ts';

const untrained = rolloutOf(12);
let element: WeatherElement;

beforeEach(() => {
  element = document.createElement('isobar-weather');
  element.style.width = '404px';
  document.body.append(element);
});

afterEach(() => document.body.replaceChildren());

const maps = () => find('#maps', HTMLDivElement);
const draws = () => Number(maps().dataset.drawn ?? 0);
const textOf = (id: string) => find(`#${id}`, HTMLElement).textContent.trim();

function find<T extends Element>(selector: string, type: new () => T): T {
  const found = element.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`there is no ${selector}`);
  return found;
}

/** Different colours of a canvas. */
function coloursOf(selector: string): number {
  const { width, height } = find(selector, HTMLCanvasElement);
  const image = find(selector, HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height);
  return new Set(new Uint32Array(image?.data.buffer ?? new ArrayBuffer())).size;
}

const pixelsOf = (selector: string) => find(selector, HTMLCanvasElement).toDataURL();

/** Resolves when a forecast has been drawn since `before`. */
const drawnSince = (before: number) => expect.poll(draws).toBeGreaterThan(before);

/** A ready run, whose forecast is drawn. */
async function ready(view: RolloutView = untrained, change: Partial<PageState> = {}) {
  const ask = vi.fn<AskView>(async () => view);
  element.ask = ask;
  element.state = pageOf({ status: 'ready', info: infoOf(spec), ...change });
  await drawnSince(0);
  await element.updateComplete;
  return ask;
}

async function choose(id: 'lead' | 'sample', value: number): Promise<void> {
  const input = find(`#${id}`, HTMLInputElement);
  input.value = String(value);
  input.dispatchEvent(new Event('input'));
  await element.updateComplete;
}

test('while another cut of the same run is prepared, the slider of starts stays where it was', async () => {
  await ready();
  const start = () => find('#sample', HTMLInputElement).valueAsNumber;
  expect(start()).toBe(10);
  element.state = pageOf({ status: 'preparing' });
  await element.updateComplete;
  element.state = pageOf({ status: 'ready', info: infoOf(spec) });
  await element.updateComplete;
  expect(start()).toBe(10);
  expect(textOf('sample-date')).toBe('24 Nov 2002, 18:00 UTC');
});

test('the untrained model says "no change": the height of 500 hPa in metres, and both errors the same', async () => {
  const ask = await ready();
  expect(ask.mock.calls).toEqual([['rollout', { sample: 10, channel: 1 }]]);
  expect(find('#channel', HTMLSelectElement).selectedOptions[0].textContent).toBe('500 hPa height');
  for (const map of ['#map-forecast', '#map-truth', '#map-error']) {
    expect(coloursOf(map), map).toBeGreaterThan(4);
  }
  await expect.poll(() => coloursOf('.isolines')).toBeGreaterThan(1);
  await expect.poll(() => coloursOf('.large .coast')).toBeGreaterThan(1);
  expect(textOf('maps-when')).toBe('25 Nov 2002, 18:00 UTC, 1 day ahead; in m');
  const off = (untrained.errors.forecast[1] / 9.80665).toPrecision(3);
  expect(textOf('maps-caption')).toContain(
    `off by ${off}\u00a0m, as “no change” (persistence) is: untrained,`,
  );
  expect(textOf('sample-date')).toBe('24 Nov 2002, 18:00 UTC');
  expect(textOf('maps-reading')).toMatch(
    /^Highest 5\u202f\d{3}\u00a0m at .*, lowest 4\u202f\d{3}\u00a0m at /,
  );
});

test('the slider runs through all leads, and asks for nothing', async () => {
  const ask = await ready(rolloutOf(4), { step: 7 });
  const first = pixelsOf('#map-forecast');
  let before = draws();
  await choose('lead', 9);
  await drawnSince(before);
  expect(textOf('maps-when')).toBe('3 Dec 2002, 18:00 UTC, 9 days ahead; in m');
  expect(pixelsOf('#map-forecast')).not.toBe(first);
  expect(textOf('maps-caption')).not.toContain('untrained');
  before = draws();
  await choose('lead', 0);
  await drawnSince(before);
  expect(textOf('maps-when')).toContain('the start');
  expect(textOf('maps-caption')).toContain('nothing to be off by');
  expect(coloursOf('#map-error')).toBeLessThan(3);
  expect(ask).toHaveBeenCalledOnce();
});

test('values are read by keys as by the pointer, at the same place of all maps', async () => {
  await ready(rolloutOf(4), { step: 7 });
  const map = find('.weather-map.large', HTMLDivElement);
  const press = (key: string, shiftKey = false) =>
    map.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, cancelable: true }));
  press('ArrowUp');
  // From the middle to 45 N, and 45 E.
  for (let i = 0; i < 8; i++) press('ArrowUp');
  for (let i = 0; i < 8; i++) press('ArrowRight');
  await element.updateComplete;
  const read = textOf('maps-reading');
  const [, forecast, happened] =
    /^45° N 45° E: forecast ([\d\u202f]+)\u00a0m, happened ([\d\u202f]+), difference/.exec(read) ?? [];
  const near = (field: Float32Array) => {
    // The pixel is half a degree off the middle of the two centres; a cell further it is 90 m more.
    return (field[7 * 64 + 8] + field[8 * 64 + 8]) / 2 / 9.80665;
  };
  const number = (text: string | undefined) => Number(text?.replaceAll('\u202f', ''));
  expect(Math.abs(number(forecast) - near(wave(1, 1, 4)))).toBeLessThan(12);
  expect(Math.abs(number(happened) - near(wave(1, 1)))).toBeLessThan(12);
  expect(find('#maps-reading', HTMLElement).ariaLive).toBe('polite');
  expect([...element.querySelectorAll<HTMLElement>('.weather-point')].map(({ hidden }) => hidden)).toEqual([
    false,
    false,
    false,
  ]);
  press('Escape');
  await element.updateComplete;
  expect(textOf('maps-reading')).toContain('Highest');

  const sheet = find('#map-truth', HTMLCanvasElement);
  const { left, top, width, height } = sheet.getBoundingClientRect();
  const at = { clientX: left + 0.625 * width, clientY: top + 0.25 * height, bubbles: true };
  sheet.dispatchEvent(new PointerEvent('pointermove', at));
  await element.updateComplete;
  expect(textOf('maps-reading')).toBe(read);
  expect(find('#maps-reading', HTMLElement).ariaLive).toBe('off');
});

test('the atmosphere is drawn while it is computed, and nothing moves when it is, or when the forecast comes', async () => {
  await element.updateComplete;
  const height = () => element.getBoundingClientRect().height;
  const empty = height();
  expect(textOf('maps-panel')).toContain('as soon as the data are there');
  const field = (day: number): ProgressField => ({
    channel: channels[1],
    latitude,
    longitude,
    values: wave(1, day),
    day,
  });
  const ask = vi.fn<AskView>(async () => untrained);
  element.ask = ask;
  const spinUp = (day: number) =>
    pageOf({ status: 'preparing', progress: { stage: 'spinning up', fraction: day / 9, field: field(day) } });
  element.state = spinUp(3);
  await expect.poll(() => coloursOf('#map-forecast')).toBeGreaterThan(4);
  const third = pixelsOf('#map-forecast');
  expect(textOf('maps-when')).toBe('Day 3: height of the 500 hPa surface; in m');
  expect(textOf('maps-caption')).toContain('Nothing is learnt yet');
  expect(height()).toBeCloseTo(empty, 0);
  element.state = spinUp(4);
  await expect.poll(() => pixelsOf('#map-forecast')).not.toBe(third);
  expect(ask).not.toHaveBeenCalled();
  element.state = pageOf({ status: 'ready', info: infoOf(spec) });
  await drawnSince(0);
  await element.updateComplete;
  expect(textOf('maps-caption')).toContain('untrained, it says that');
  expect(height()).toBeCloseTo(empty, 0);
});

test('while the run trains it asks rarely, when it stands still at once, and never once the run is about to go', async () => {
  const ask = await ready();
  const at = (status: PageState['status'], step: number) => {
    element.state = { ...element.state, status, step };
    return element.updateComplete;
  };
  for (let step = 1; step <= 20; step++) await at('running', step);
  expect(ask).toHaveBeenCalledOnce();
  const before = draws();
  await at('paused', 20);
  await drawnSince(before);
  expect(ask).toHaveBeenCalledTimes(2);
  await element.leave();
  await at('done', 21);
  await choose('sample', 3);
  await choose('lead', 3);
  expect(ask).toHaveBeenCalledTimes(2);
  // What was fetched can still be run through.
  expect(textOf('lead-words')).toBe('3 days');
  const later = draws();
  element.state = pageOf({ status: 'ready', info: infoOf(spec) });
  await drawnSince(later);
  expect(ask.mock.lastCall).toEqual(['rollout', { sample: 3, channel: 1 }]);
});

test('another field or start is asked for where it is not there', async () => {
  const ask = await ready();
  const select = find('#channel', HTMLSelectElement);
  const pick = async (index: number) => {
    const before = draws();
    select.selectedIndex = index;
    select.dispatchEvent(new Event('change'));
    await drawnSince(before);
    await element.updateComplete;
  };
  await pick(0);
  expect(ask).toHaveBeenCalledOnce();
  expect(textOf('maps-when')).toContain('in m/s');
  const alone = { ...untrained, channels: [1] };
  const size = alone.forecast.length / 2;
  ask.mockImplementation(async () => ({
    ...alone,
    forecast: alone.forecast.subarray(0, size),
    truth: alone.truth.subarray(0, size),
  }));
  await pick(1);
  const before = draws();
  await choose('sample', 20);
  await drawnSince(before);
  expect(ask.mock.lastCall).toEqual(['rollout', { sample: 20, channel: 1 }]);
  ask.mockImplementation(async () => untrained);
  await pick(0);
  expect(ask.mock.lastCall).toEqual(['rollout', { sample: 20, channel: 0 }]);
});

test('a run without forecasts hides it, one without a test part says so, and what goes wrong is told', async () => {
  element.state = pageOf({ info: infoOf({ kind: 'table', name: 'confusion', label: '' }) });
  await element.updateComplete;
  expect(find('#maps-panel', HTMLElement).hidden).toBe(true);
  const ask = vi.fn<AskView>(async () => untrained);
  element.ask = ask;
  element.state = pageOf({ info: infoOf({ ...spec, starts: 0 }) });
  await element.updateComplete;
  expect(find('#maps-panel', HTMLElement).hidden).toBe(false);
  expect(textOf('maps-panel')).toContain('no part that was kept for testing');
  expect(ask).not.toHaveBeenCalled();
  const cause = new Error('the device is gone');
  ask.mockRejectedValue(cause);
  const told = new Promise<unknown>(resolve =>
    document.body.addEventListener('view-error', event => resolve((event as CustomEvent).detail), {
      once: true,
    }),
  );
  element.state = pageOf({ info: infoOf(spec) });
  expect(await told).toBe(cause);
});

describe('the button rolls the forecast out', () => {
  afterEach(async () => {
    vi.useRealTimers();
    await cdp().send('Emulation.setEmulatedMedia', { features: [] });
  });

  test('to the end, and stops there', async () => {
    await ready();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const button = find('[data-testid=roll]', HTMLButtonElement);
    button.click();
    await element.updateComplete;
    expect([textOf('lead-words'), button.textContent.trim()]).toEqual(['2 days', '■ Stop']);
    vi.advanceTimersByTime(600);
    await element.updateComplete;
    expect(textOf('lead-words')).toBe('3 days');
    vi.advanceTimersByTime(20 * 600);
    await element.updateComplete;
    expect([textOf('lead-words'), button.textContent.trim()]).toEqual(['10 days', '▶ Roll out']);
  });

  test('lead by lead where motion is not wanted', async () => {
    await cdp().send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-reduced-motion', value: 'reduce' }],
    });
    await ready();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const button = find('[data-testid=roll]', HTMLButtonElement);
    expect(button.textContent.trim()).toBe('▶ Next');
    button.click();
    vi.advanceTimersByTime(20 * 600);
    await element.updateComplete;
    expect([textOf('lead-words'), button.textContent.trim()]).toEqual(['2 days', '▶ Next']);
  });
});

/** The energy panel, with a run's events: what it shows, what it takes from the user, what it refuses. */
import { afterEach, expect, test } from 'vitest';
import '../../../src/ui/theme.css';
import '../../../src/ui/energy/energy.css';
import type { PlaceOfRank } from '../../../src/energy/machines.ts';
import type { EnergySettings } from '../../../src/energy/settings.ts';
import { readToldMachine, type SaidPower, toldVersion } from '../../../src/energy/told-machine.ts';
import type { HashedPlan, RunEvent, RunInfo } from '../../../src/session/api/api.ts';
import { EnergyPanel } from '../../../src/ui/energy/energy-panel.ts';
import { createPageEnergy } from '../../../src/ui/energy/page-energy.ts';
import { webglRenderer } from '../../../src/ui/energy/this-machine.ts';
import { words } from '../../../src/ui/energy/words.ts';
import { tellPower } from '../../../src/ui/guest/guest-power.ts';

afterEach(() => document.body.replaceChildren());

const info = {
  ranks: [],
  batch: 4,
  config: { steps: 1000, overrides: {} },
} as unknown as RunInfo;
/** A step that takes a tenth of a second of an RTX 3060. */
const planOf = async () =>
  [
    {
      hash: 'h',
      steps: [{ kind: 'dispatch', work: { kernel: 'product', flops: 1.27e12, read: 1e9, written: 1e9 } }],
    },
  ] as unknown as HashedPlan[];

const ownPlaces: readonly PlaceOfRank[] = [
  { rank: 0, host: 'here', clues: { renderer: 'NVIDIA GeForce RTX 3060' } },
];

function metered(kept = new Map<string, string>(), places = () => ownPlaces) {
  const panel = new EnergyPanel();
  const store = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const faults: unknown[] = [];
  const energy = createPageEnergy({
    planOf,
    places,
    store,
    show: view => {
      panel.view = view;
    },
    failed: cause => faults.push(cause),
  });
  panel.addEventListener('isobar-energy-settings', event => {
    if (event instanceof CustomEvent) energy.set(event.detail as EnergySettings);
  });
  document.body.append(panel);
  const prepare = async () => {
    energy.event({ type: 'prepared', info });
    await expect.poll(() => panel.view?.steps).toBe(1000);
  };
  return { panel, energy, kept, faults, prepare };
}

const metrics: RunEvent = {
  type: 'metrics',
  step: 10,
  losses: Array.from({ length: 10 }, () => 1),
  learningRates: [],
  gradientNorms: [],
  seconds: 2,
  samplesPerSecond: 20,
  dataMs: 0,
  secondsLeft: 1,
  gpuBusySeconds: 1.8,
};

const find = <T extends HTMLElement>(panel: HTMLElement, selector: string) =>
  panel.querySelector<T>(selector)!;
const text = (panel: HTMLElement, name: string, prefix = 'energy-') =>
  find(panel, `[data-testid="${prefix}${name}"]`).textContent?.replaceAll('\u00a0', ' ').trim() ?? '';
const fill = (panel: HTMLElement, name: string, value: string) => {
  find<HTMLInputElement>(panel, `input[name="${name}"]`).value = value;
};
const choose = (panel: HTMLElement, kind: string) =>
  find<HTMLInputElement>(panel, `input[value="${kind}"]`).click();
const submit = async (panel: EnergyPanel, form: string) => {
  find<HTMLFormElement>(panel, `[data-testid="energy-${form}"]`).requestSubmit();
  await panel.updateComplete;
};
const band = /^[\d.,]+ \w+ \([\d.,]+ to [\d.,]+\)/;

test('from the first steps on: power, a sample, so far, the whole run and another GPU, all as bands', async () => {
  const { panel, energy, faults, prepare } = metered();
  await panel.updateComplete;
  expect(panel.textContent).toContain(words.nothing);
  await prepare();
  energy.event({ type: 'status', status: 'running' });
  energy.event(metrics);
  await panel.updateComplete;
  for (const name of ['watts', 'sample', 'so-far', 'whole', 'grams']) expect(text(panel, name)).toMatch(band);
  expect(panel.textContent).toContain('GeForce RTX 3060');
  expect(panel.textContent).toContain('model known; power: the rating of the board');
  const chart = find(panel, '.energy-chart');
  expect(chart.getAttribute('aria-label')).toMatch(/^Power over time: /);
  await expect.poll(() => chart.dataset.points).toBe('1');
  const before = text(panel, 'elsewhere');
  expect(before).toMatch(band);
  const select = find<HTMLSelectElement>(panel, '[data-testid="energy-other"]');
  select.value = 'M4';
  select.dispatchEvent(new Event('change'));
  await panel.updateComplete;
  expect(text(panel, 'elsewhere')).not.toBe(before);
  // A run that is gone takes nothing.
  energy.event({ type: 'gone' });
  await panel.updateComplete;
  expect(panel.textContent).toContain(words.nothing);
  expect(faults).toEqual([]);
});

test('typed power counts from then on, and is kept; what cannot be is refused in words', async () => {
  const { panel, energy, kept, prepare } = metered();
  await prepare();
  energy.event({ type: 'status', status: 'running' });
  energy.event(metrics);
  await panel.updateComplete;
  choose(panel, 'watts');
  fill(panel, 'watts', '-120');
  await submit(panel, 'settings');
  expect(find(panel, '[role="alert"]').textContent).toBe(
    'The power at full load is -120 W; it must be a number from 0.1 to 20000.',
  );
  expect(kept.size).toBe(0);
  fill(panel, 'watts', '120');
  fill(panel, 'host', '0');
  fill(panel, 'grams', '100');
  await submit(panel, 'settings');
  expect(find(panel, '[role="alert"]').textContent).toBe('');
  energy.event(metrics);
  await panel.updateComplete;
  expect(panel.textContent).toContain('power: typed in');
  expect(panel.textContent).toContain(words.anew);
  expect(text(panel, 'grams')).toContain('100 g/kWh (as typed in)');
  // Another page, another day.
  const later = metered(kept);
  await later.prepare();
  expect(later.panel.view?.settings).toMatchObject({ gpu: { kind: 'watts', watts: 120 }, hostWatts: 0 });
});

test('a wall meter: two readings, the second while training; then the power at that load is what it showed', async () => {
  const { panel, energy, prepare } = metered();
  await prepare();
  await panel.updateComplete;
  const button = find<HTMLButtonElement>(panel, '[data-testid="energy-calibration"] button');
  expect(button.disabled).toBe(true);
  energy.event({ type: 'status', status: 'running' });
  energy.event(metrics);
  await panel.updateComplete;
  expect(button.disabled).toBe(false);
  fill(panel, 'rest', '60');
  fill(panel, 'load', '50');
  await submit(panel, 'calibration');
  expect(find(panel, '[role="alert"]').textContent).toContain(
    'The meter showed 60 W at rest and 50 W while training',
  );
  fill(panel, 'load', '200');
  await submit(panel, 'calibration');
  energy.event({ ...metrics, gpuBusySeconds: 1.8 });
  await panel.updateComplete;
  expect(panel.view?.watts?.central).toBeCloseTo(200, 6);
  expect(panel.textContent).toContain('power: calibrated with a wall meter');
});

test('settings that were kept and fit no more are left out, and said', async () => {
  const kept = new Map<string, string>();
  const first = metered(kept);
  await first.prepare();
  first.energy.set({ gpu: { kind: 'row', name: 'M4' }, gramsPerKwh: 475, place: 'World' });
  const [key] = kept.keys();
  kept.set(key, kept.get(key)!.replace('M4', 'Voodoo'));
  const second = metered(kept);
  await second.prepare();
  expect(second.panel.view?.settings.gpu.kind).toBe('recognised');
  expect(second.panel.view?.notes).toEqual([words.unfit]);
  kept.set(key, '{');
  const third = metered(kept);
  await third.prepare();
  expect(third.panel.view?.settings.gpu.kind).toBe('recognised');
});

test('with machines of guests: a row for each, by what its power is known, also of one that has left', async () => {
  const own = { rank: 0, host: 'here', clues: { renderer: 'NVIDIA GeForce RTX 3060' } };
  const ada = {
    ...{ rank: 1, host: 'mark', name: 'Ada', clues: { vendor: 'apple', architecture: 'metal-3' } },
    said: { gpu: { kind: 'watts', watts: 25 } as const },
  };
  let places: readonly PlaceOfRank[] = [own, ada];
  const { panel, energy, prepare } = metered(new Map(), () => places);
  await prepare();
  energy.event({ type: 'status', status: 'running' });
  energy.event(metrics);
  await panel.updateComplete;
  const rows = () =>
    [...panel.querySelectorAll('[data-testid="energy-machines"] li')].map(row =>
      [...row.querySelectorAll('dt, dd, p')]
        .map(({ textContent }) => textContent?.replaceAll(/\s+/g, ' ').trim())
        .filter(Boolean)
        .join(' '),
    );
  expect(rows()).toHaveLength(2);
  const figures = '[\\d.]+ W \\([\\d.]+ to [\\d.]+\\) So far [\\d.]+ mWh \\([\\d.]+ to [\\d.]+\\)';
  expect(rows()[0]).toMatch(
    new RegExp(
      `^this machine, rank 0 ${figures} GeForce RTX 3060: model known; power: the rating of the board; rest`,
    ),
  );
  expect(rows()[1]).toMatch(
    new RegExp(`^Ada, rank 1 ${figures} some GPU by Apple: class known, model not; power: typed in; rest`),
  );
  places = [own];
  energy.event({ type: 'prepared', info: { ...info }, goesOn: true });
  await expect
    .poll(rows)
    .toContainEqual(expect.stringMatching(/^Ada, takes no part any more So far [\d.]+ mWh/));
});

test("a guest's page: nothing is told until its user lets it; then what is known, and what is put right", async () => {
  const told: (SaidPower | undefined)[] = [];
  const adapter = {
    ...{ vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA GeForce RTX 3060', features: [] },
    ...{ maxStorageBufferBindingSize: 2 ** 31, maxBufferSize: 2 ** 31, software: false },
  };
  const guest = {
    about: { name: 'Ada', adapter, gigaflops: 1 },
    tellPower: (said?: SaidPower) => told.push(said),
  };
  localStorage.clear();
  const panel = await tellPower(guest, false);
  document.body.append(panel);
  await panel.updateComplete;
  expect(told).toEqual([undefined]);
  expect(text(panel, 'told-power', '')).toContain(
    'It would be told: GeForce RTX 3060; model known; power: the rating of the board',
  );
  find<HTMLInputElement>(panel, '[data-testid="tell-power"]').click();
  await panel.updateComplete;
  expect(told.at(-1)).toMatchObject({ gpu: { kind: 'recognised' }, threads: navigator.hardwareConcurrency });
  fill(panel, 'watts', '-120');
  choose(panel, 'watts');
  const submitted = () => find<HTMLFormElement>(panel, '[data-testid="energy-settings"]').requestSubmit();
  submitted();
  await panel.updateComplete;
  expect(find(panel, '[role="alert"]').textContent).toContain('The power at full load is -120 W');
  expect(told).toHaveLength(2);
  fill(panel, 'watts', '120');
  submitted();
  expect(told.at(-1)).toMatchObject({ gpu: { kind: 'watts', watts: 120 } });
  // The page of a host has no more than this from it, and reads it.
  expect(
    readToldMachine(JSON.parse(JSON.stringify({ version: toldVersion, power: told.at(-1) }))),
  ).toMatchObject({
    power: { gpu: { kind: 'watts', watts: 120 } },
  });
  // Another room, another day.
  await tellPower(guest, true);
  expect(told.at(-1)).toMatchObject({ gpu: { kind: 'watts', watts: 120 } });
  find<HTMLInputElement>(panel, '[data-testid="tell-power"]').click();
  expect(told.at(-1)).toBeUndefined();
});

test('WebGL names this browser, or nothing', () => {
  const name = webglRenderer();
  expect(name === undefined || name.length > 0).toBe(true);
});

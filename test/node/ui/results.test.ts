/** What is taken away from the page is what the terminal writes of the same events. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { clearFolder, type RunPaths, readTable } from '../../../src/cli/output-folder.ts';
import { reportPens } from '../../../src/cli/report-pens.ts';
import { createRunLog } from '../../../src/cli/run-log.ts';
import type { MapView, RunEvent, RunInfo, Score } from '../../../src/session/api/api.ts';
import { figureSvg } from '../../../src/show/figure.ts';
import { tableText } from '../../../src/show/metrics-table.ts';
import { reportHtml } from '../../../src/show/report.ts';
import {
  configFile,
  curveFigures,
  mapsFigure,
  metricsFile,
  type ResultSource,
  reportFile,
  runName,
  scoresFile,
} from '../../../src/ui/results/files.ts';
import { pageResults, type Resulting } from '../../../src/ui/results/page-results.ts';
import { recordedResults } from '../../../src/ui/results/recorded-results.ts';
import { createRunTable } from '../../../src/ui/results/run-table.ts';
import { channel, mapSpec, runInfo, runResult, scores } from '../cli/run-info.ts';
import { recordedRun } from './recorded-run.ts';

const info: RunInfo = { ...runInfo, config: { ...runInfo.config, steps: 60, evaluateEvery: 5 } };

/** The same numbers every time, from 0 to 1. */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

const of = (step: number, losses: readonly number[], next: () => number): RunEvent => ({
  ...{ type: 'metrics', step, losses, learningRates: losses.map(next), gradientNorms: losses.map(next) },
  ...{ seconds: next(), samplesPerSecond: 3, dataMs: 1, secondsLeft: 1, gpuBusySeconds: 1 },
});
const scoredAt = (step: number, factor: number): Score[] =>
  scores.map(score => ({ ...score, value: score.value * factor + step }));

/** A run of so many steps from one on, some of them told together, and scored every five. */
function eventsOf(from: number, to: number): Exclude<RunEvent, { type: 'progress' | 'trace' }>[] {
  const next = numbers();
  const events: RunEvent[] = [{ type: 'status', status: 'running' }];
  for (let step = from; step < to; ) {
    const until = Math.min(to, step + 1 + Math.floor(3 * next()), 5 * (Math.floor(step / 5) + 1));
    events.push(
      of(
        until,
        Array.from({ length: until - step }, () => (next() < 0.1 ? Number.NaN : next())),
        next,
      ),
    );
    step = until;
    if (step % 5 === 0)
      events.push({ type: 'scores', step, part: 'validation', scores: scoredAt(step, next()) });
    if (step % 20 === 0) events.push({ type: 'checkpoint', step, bytes: 7 });
  }
  events.push({ type: 'status', status: 'done' });
  return events.filter(event => event.type !== 'progress' && event.type !== 'trace');
}

const field = Float32Array.from({ length: 12 }, (_, i) => 5000 + 13 * i);
const map: MapView = {
  ...{ kind: 'map', channel, leadHours: 24, validTime: 0, truth: field, climatology: field },
  forecast: field.map((value, i) => value + i),
  persistence: field.map(value => value - 2),
};
const session: Resulting = {
  result: async () => runResult,
  view: async () => map,
  async saveForecasts(_, write) {
    await write('', 2, Uint8Array.of(3, 4));
    await write('', 0, Uint8Array.of(1, 2));
    return { starts: 1, first: '', last: '', members: 1, leads: 1, longest: '', names: [] };
  },
};

let folder: string;
let run: RunPaths;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-results-'));
  run = await clearFolder(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('metrics.csv and report.html of the page are those of the terminal, to the last byte', async () => {
  const log = createRunLog(run);
  const table = createRunTable();
  await log.begin(info);
  table.event({ type: 'prepared', info });
  for (const event of eventsOf(0, 43)) {
    await log.add(event);
    table.event(event);
  }
  const text = () => metricsFile(table.kept()!).text;
  expect(text()).toBe(readFileSync(run.metrics, 'utf8'));
  expect(text().split('\n')).toHaveLength(45);
  expect(text()).toMatch(/\n40,10,[^\n]*,\d[^,\n]*\n/);

  // A rank is lost, and the run goes on from its last checkpoint.
  const again = { ...info, step: 40 };
  await log.goOnFrom(40, again);
  table.event({ type: 'prepared', info: again, goesOn: true });
  for (const event of eventsOf(40, 60)) {
    await log.add(event);
    table.event(event);
  }
  expect(text()).toBe(readFileSync(run.metrics, 'utf8'));
  expect(text().split('\n')).toHaveLength(62);

  const rows = (await readTable(run))?.rows ?? [];
  const content = { settings: info.config, info: again, result: runResult, rows };
  const ofTerminal = reportHtml({ ...content, views: [{ spec: mapSpec, view: map }] }, reportPens);
  const source = pageResults(table.kept()!, session, () => undefined);
  expect((await reportFile(source, reportPens)).text).toBe(ofTerminal);
});

test('forecasts are a file put together of the parts that the session writes, in any order', async () => {
  const table = createRunTable();
  table.event({ type: 'prepared', info: { ...info, task: 'forecast' } });
  const source = pageResults(table.kept()!, session, () => undefined);
  expect([...new Uint8Array(await (await source.forecasts!()).arrayBuffer())]).toEqual([1, 2, 3, 4]);
  const full = vi
    .spyOn(Blob.prototype, 'arrayBuffer')
    .mockRejectedValue(new DOMException('The requested file could not be read', 'NotReadableError'));
  await expect(source.forecasts!()).rejects.toThrow(
    'the browser has no room for 4\u00a0B. Make room on the disk, or write it there with npm run forecast.',
  );
  full.mockRestore();
  table.event({ type: 'prepared', info: { ...info, task: 'classify' } });
  expect(pageResults(table.kept()!, session, () => undefined).forecasts).toBeUndefined();
});

test('a run that is gone or begun anew leaves nothing behind', () => {
  const table = createRunTable();
  table.event({ type: 'prepared', info });
  for (const event of eventsOf(0, 10)) table.event(event);
  table.event({ type: 'prepared', info });
  expect(table.kept()).toMatchObject({ scored: [], every: 1, from: 0, table: { rows: [] } });
  table.event({ type: 'gone' });
  expect(table.kept()).toBeUndefined();
});

test('of a very long run rows are thinned: those that are scored stay, and memory has a bound', () => {
  const table = createRunTable(100);
  const long = { ...info, config: { ...info.config, evaluateEvery: 50 } };
  table.event({ type: 'prepared', info: long });
  const next = numbers();
  for (let step = 1; step <= 1000; step++) {
    table.event(of(step, [step], next));
    if (step % 50 === 0) table.event({ type: 'scores', step, part: 'validation', scores });
  }
  const { table: kept, every } = table.kept()!;
  expect(every).toBe(16);
  expect(kept.rows.length).toBeLessThanOrEqual(100);
  expect(kept.rows.map(({ step }) => step)).toEqual(
    Array.from({ length: 1000 }, (_, i) => i + 1).filter(step => step % 16 === 0 || step % 50 === 0),
  );
  expect(kept.rows.every(({ step, loss }) => step === loss)).toBe(true);
  const seconds = kept.rows.map(row => row.seconds ?? 0);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
});

describe('the other files', () => {
  const table = createRunTable();
  table.event({ type: 'prepared', info });
  for (const event of eventsOf(0, 10)) table.event(event);
  const odd = { ...scores[0], of: { name: 'a "b", c', label: '' }, value: Number.NaN };
  const later = { ...scores[0], at: { axis: 'lead time', units: 'h', value: 48 } };
  table.event({ type: 'scores', step: 10, part: 'test', scores: [scores[0], odd, later] });
  const source: ResultSource = pageResults(table.kept()!, session, () => ({
    ...{ title: 'maps & more', unit: 'm', latitude: mapSpec.latitude, longitude: mapSpec.longitude },
    fields: [
      {
        ...{ title: 'truth', values: field, isIsolined: true },
        scale: { low: 5000, high: 5200, colours: ['#ff0000', '#00ff00'], pixels: Uint32Array.of(1, 2) },
      },
    ],
  }));

  test('scores.csv has a row a score, and quotes what has to be quoted', () => {
    const lines = scoresFile(source).text.trimEnd().split('\n');
    expect(lines[0]).toBe('part,step,metric,of,at,atUnits,value,units,better,persistence,climatology');
    expect(lines).toHaveLength(1 + 3 + 3 + 3);
    expect(lines[1]).toMatch(/^validation,5,rmse,z500,24,h,\d+\.\d+,m2 s-2,lower,600,900$/);
    expect(lines[7]).toBe('test,10,rmse,z500,24,h,300,m2 s-2,lower,600,900');
    expect(lines[8]).toBe('test,10,rmse,"a ""b"", c",24,h,NaN,m2 s-2,lower,600,900');
  });

  test('config.json says what decides the run, and nothing of the files of its user', () => {
    const files = [{ name: 'own.nc', blob: new Blob(['x']) }];
    const own = { info: { ...info, config: { ...info.config, data: { kind: 'files', files } as const } } };
    expect(JSON.parse(configFile(own).text)).toEqual({
      ...{ preset: 'tiny', steps: 60, seed: 1, evaluateEvery: 5 },
      data: { kind: 'files' },
    });
    expect(runName(info)).toBe('isobar-tiny-1x1-seed-1');
  });

  test('curves and maps stand alone, with their colours, legends and words', () => {
    const titles = curveFigures(source).map(({ title }) => title);
    expect(titles).toEqual([
      'Training loss',
      'RMSE against persistence, validation part',
      'ACC, validation part',
      'RMSE against persistence, by lead time',
    ]);
    const svg = figureSvg(curveFigures(source)[0], reportPens.png);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="720"/);
    expect(svg).toContain('>loss of each step</text>');
    expect(svg).not.toMatch(/class=|style=|NaN|undefined/);
    const maps = figureSvg(mapsFigure(source, reportPens.coast)!, reportPens.png);
    expect(maps).toContain('<title>maps &amp; more</title>');
    expect(maps.match(/data:image\/png/g)).toHaveLength(1);
    expect(maps.match(/<rect [^>]*fill="#(ff0000|00ff00)"/g)).toHaveLength(2);
    // Coastlines and isolines, and no point of them left of the map or above it.
    const paths = Array.from(maps.matchAll(/ d="([^"]*)"/g), ([, d]) => d);
    expect(paths).toHaveLength(2);
    const points = paths.flatMap(d => Array.from(d.matchAll(/(-?[\d.]+)[ ,](-?[\d.]+)/g)));
    expect(Math.min(...points.map(([, x]) => Number(x)))).toBeGreaterThanOrEqual(20);
    expect(Math.min(...points.map(([, , y]) => Number(y)))).toBeGreaterThanOrEqual(64);
  });
});

test('a recording gives what it has: the losses that are kept, its scores, maps of its last roll-out', async () => {
  const recording = recordedRun(40);
  const source = recordedResults(recording, () => undefined);
  expect(source.table.rows.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(source.table.rows.map(({ loss }) => loss)).toEqual(
    Array.from({ length: 40 }, (_, i) => 1 / (i + 1)),
  );
  expect(source.every).toBe(1);
  expect(tableText(source.table).split('\n')[0]).toMatch(/^step,epoch,loss/);
  expect(scoresFile(source).text).toContain('validation,40,rmse,,,,NaN,K,lower,3');
  const result = await source.result();
  expect(result).toMatchObject({ steps: 40, lossFirst: 1, lossLast: 1 / 40, samplesPerSecond: 2 });
  const views = await source.views();
  const rollout = recording.answers.at(-1)?.view;
  expect(views.length).toBeGreaterThan(0);
  const [{ view }] = views;
  if (view.kind !== 'map' || rollout?.kind !== 'rollout') throw new Error('no map of a roll-out');
  const points = rollout.start.length / rollout.channels.length;
  expect(view.leadHours).toBe(24);
  expect(view.forecast).toEqual(rollout.forecast.slice(0, points));
  expect(view.persistence).toEqual(rollout.start.slice(0, points));
});

/** The command that trains a study, with trainings that are made up: what it keeps, goes on with and refuses. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseTrainArguments } from '../../../src/cli/arguments.ts';
import { main, type Train } from '../../../src/cli/study.ts';
import { trainArguments } from '../../../src/cli/study-run.ts';
import type { RunResult } from '../../../src/session/api/api.ts';
import { readStudy, runsOf } from '../../../src/study/study-file.ts';
import { readRows } from '../../../src/study/study-row.ts';

const study = {
  name: 'a study',
  models: [{ preset: 'tiny', samples: 320, days: 100 }],
  series: [{ scaling: 'strong', replicas: [1, 2], globalBatch: 16 }],
  repeats: 2,
};

let folder: string;
let file: string;
let out: string;
const told: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-study-'));
  file = join(folder, 'study.json');
  out = join(folder, 'out');
  writeFileSync(file, JSON.stringify(study));
  told.length = 0;
  for (const kind of ['error', 'log'] as const) {
    vi.spyOn(console, kind).mockImplementation((text: string) => {
      told.push(text);
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const result = {
  lossLast: 0.5,
  scores: [],
  samplesPerSecond: 160,
  dataMs: 1,
  adapter: { vendor: 'a', architecture: 'card', description: '' },
  ranks: [],
} as unknown as RunResult;

/** Trains what it is asked to, and notes it. */
const training = (does: (id: string) => Awaited<ReturnType<Train>> | undefined = () => undefined) => {
  const asked: string[] = [];
  const train: Train = async ({ id }) => {
    asked.push(id);
    return does(id) ?? { fault: undefined, result };
  };
  return { asked, train };
};
const rows = () => readRows(readFileSync(join(out, 'runs.jsonl'), 'utf8'));

test('every run becomes a row as it ends, and all of them a report', async () => {
  const { asked, train } = training();
  expect(await main([file, '--out', out], train)).toBe(0);
  expect(asked).toEqual(['tiny-r1-b16-n1', 'tiny-r2-b8-n1', 'tiny-r1-b16-n2', 'tiny-r2-b8-n2']);
  expect(rows().map(({ id, seconds, card }) => [id, seconds, card])).toEqual(
    asked.map(id => [id, 2, 'a card']),
  );
  expect(readFileSync(join(out, 'runs.csv'), 'utf8').split('\n')).toHaveLength(6);
  const report = readFileSync(join(out, 'report.html'), 'utf8');
  expect(report).toContain('<h2>tiny on a card</h2>');
  expect(report).toContain('Energy against rank-hours: Not determined by 4 runs.');
  const plot = readFileSync(join(out, 'strong-efficiency.svg'), 'utf8');
  expect(plot.startsWith('<svg xmlns="http://www.w3.org/2000/svg" ')).toBe(true);
  expect(plot.endsWith('</svg>\n')).toBe(true);
  expect(plot).toContain('>tiny</text>');
});

test('what a run took is in its row, as a band, and in the table', async () => {
  const energy = {
    training: { low: 100, central: 200, high: 400 },
    scoring: { low: 10, central: 30, high: 50 },
  };
  const { train } = training(() => ({ fault: undefined, result, energy, updateMs: 5 }));
  expect(await main([file, '--out', out], train)).toBe(0);
  expect(rows()[0]).toMatchObject({
    ...{ energyLow: 100, energyCentral: 200, energyHigh: 400 },
    ...{ scoringEnergyLow: 10, scoringEnergyCentral: 30, scoringEnergyHigh: 50 },
    // 20 steps.
    updateSeconds: 0.1,
  });
  const [head, first] = readFileSync(join(out, 'runs.csv'), 'utf8')
    .split('\n')
    .map(line => line.split(','));
  // Of training alone: a run's seconds are those of its training.
  expect(first[head.indexOf('meanWatts')]).toBe('100');
});

test('a study that was killed goes on with the run that was under way, and loses none that was done', async () => {
  const first = training(id => {
    if (id === 'tiny-r1-b16-n2') throw new Error('killed');
    return undefined;
  });
  expect(await main([file, '--out', out], first.train)).toBe(1);
  expect(rows()).toHaveLength(2);
  // And in the middle of a line.
  writeFileSync(join(out, 'runs.jsonl'), `${readFileSync(join(out, 'runs.jsonl'), 'utf8')}{"id":"tiny-r1-b`);
  const second = training();
  expect(await main([file, '--out', out], second.train)).toBe(0);
  expect(second.asked).toEqual(['tiny-r1-b16-n2', 'tiny-r2-b8-n2']);
  expect(rows().map(({ id }) => id)).toEqual(runsOf(readStudy(JSON.stringify(study))).map(({ id }) => id));
});

test('a run that fails is told with its reason; the others are trained, and it is tried again the next time', async () => {
  const { train } = training(id =>
    id === 'tiny-r2-b8-n1' ? { fault: 'no memory', result: undefined } : undefined,
  );
  expect(await main([file, '--out', out], train)).toBe(1);
  expect(told).toContain('tiny-r2-b8-n1 failed: no memory');
  expect(told).toContain('1 of 4 runs failed; the same command tries them again.');
  expect(rows()).toHaveLength(3);
  const again = training();
  expect(await main([file, '--out', out], again.train)).toBe(0);
  expect(again.asked).toEqual(['tiny-r2-b8-n1']);
});

test('Ctrl-C ends it after what is done was kept, and says how it goes on', async () => {
  const { asked, train } = training();
  const stopping: Train = async (run, ...more) => {
    if (run.id !== 'tiny-r2-b8-n1') return train(run, ...more);
    process.emit('SIGINT');
    return { fault: undefined, result: undefined };
  };
  expect(await main([file, '--out', out], stopping)).toBe(130);
  expect(asked).toEqual(['tiny-r1-b16-n1']);
  expect(told.at(-1)).toContain(`Go on with: npm run study -- ${file} --out ${out}`);
  expect(existsSync(join(out, 'report.html'))).toBe(true);
  expect(existsSync(join(out, 'run.lock'))).toBe(false);
});

test.each([
  [['--list', '--out'], /--out/],
  [[], 'A study needs the path of one file.'],
  [['absent.json'], /^The study absent\.json cannot be read: /],
])('%j is refused', async (argv, message) => {
  expect(await main(argv, training().train)).toBe(2);
  expect(told[0]).toMatch(message);
});

test('a folder is of one study', async () => {
  await main([file, '--out', out], training().train);
  writeFileSync(file, JSON.stringify({ ...study, repeats: 3 }));
  expect(await main([file, '--out', out], training().train)).toBe(2);
  expect(told.at(-2)).toContain('holds another study, or an earlier version of this one');
});

test('what a run is trained with are arguments of npm run train', () => {
  const [, run] = runsOf(
    readStudy(
      JSON.stringify({
        ...study,
        models: [{ preset: 'tiny', samples: 320, days: 100, learningRate: { value: 0.001, batch: 16 } }],
      }),
    ),
  );
  const command = parseTrainArguments(trainArguments(run, 'x', 'webrtc'));
  expect(command).toMatchObject({
    kind: 'new',
    out: 'x',
    json: true,
    traceDetail: 'layer',
    settings: {
      preset: 'tiny',
      steps: 20,
      seed: 1,
      data: { kind: 'embedded', days: 100 },
      overrides: { batch: 16, learningRate: 0.001 },
      mesh: { rows: 1, columns: 1, replicas: 2, transport: 'webrtc' },
    },
  });
});

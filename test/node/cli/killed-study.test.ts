/**
 * A study whose process, or that of one of its runs, is ended by SIGKILL: it keeps a row of every run that was done, no run
 * outlives it, and it goes on. The training itself is a stand-in: a real one starts a browser for each of the six runs here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRows } from '../../../src/study/study-row.ts';

const study = {
  name: 'a study',
  models: [{ preset: 'tiny', samples: 320, days: 100 }],
  series: [{ scaling: 'strong', replicas: [1, 2], globalBatch: 16 }],
  repeats: 2,
};
const [first, second, third, fourth] = ['tiny-r1-b16-n1', 'tiny-r2-b8-n1', 'tiny-r1-b16-n2', 'tiny-r2-b8-n2'];

/** A process that trains. */
interface Trainer {
  readonly id: string;
  readonly pid: number;
  /** Its result comes, and it ends. */
  finish(): void;
  /** It is gone, however that came about. */
  readonly ended: Promise<void>;
}

let folder: string;
let server: Server;
const started: ChildProcess[] = [];
const came: Trainer[] = [];
let waiting: ((trainer: Trainer) => void) | undefined;
/** The next process that trains. */
const trainer = () =>
  new Promise<Trainer>(resolve => {
    const next = came.shift();
    if (next) resolve(next);
    else waiting = resolve;
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-killed-study-'));
  writeFileSync(join(folder, 'study.json'), JSON.stringify(study));
  server = createServer(socket => {
    const ended = new Promise<void>(resolve => socket.on('close', () => resolve()));
    // A process that is killed may reset its connection.
    socket.on('error', () => {});
    socket.once('data', data => {
      const { out, pid } = JSON.parse(`${data}`) as { out: string; pid: number };
      const next = { id: basename(out), pid, finish: () => void socket.write('finish'), ended };
      const resolve = waiting;
      waiting = undefined;
      if (resolve) resolve(next);
      else came.push(next);
    });
  });
  await new Promise<void>(resolve => server.listen(join(folder, 'socket'), resolve));
});
afterEach(() => {
  // Of a test that failed: a study takes its run with it.
  for (const child of started.splice(0)) child.kill('SIGKILL');
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const out = () => join(folder, 'out');
const rows = () => readRows(readFileSync(join(out(), 'runs.jsonl'), 'utf8')).map(({ id }) => id);
const csvRows = () => readFileSync(join(out(), 'runs.csv'), 'utf8').trimEnd().split('\n').length - 1;

function startStudy() {
  const program = fileURLToPath(new URL('killed-study.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, join(folder, 'study.json'), '--out', out()], {
    env: { ...process.env, STAND_IN_SOCKET: join(folder, 'socket') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const ended = new Promise<number | NodeJS.Signals | null>(resolve =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  );
  return { child, ended, told: () => told };
}

test('SIGKILL of the study, then of a run: no row that was done is lost, and the rest is trained', async () => {
  const killed = startStudy();
  (await trainer()).finish();
  const underWay = await trainer();
  expect(underWay.id).toBe(second);
  expect(rows()).toEqual([first]);
  killed.child.kill('SIGKILL');
  expect(await killed.ended).toBe('SIGKILL');
  // It does not train on beside those of the next study.
  await underWay.ended;
  expect(rows()).toEqual([first]);
  expect(csvRows()).toBe(1);

  const goesOn = startStudy();
  const again = await trainer();
  expect(again.id).toBe(second);
  process.kill(again.pid, 'SIGKILL');
  for (const id of [third, fourth]) {
    const next = await trainer();
    expect(next.id).toBe(id);
    next.finish();
  }
  expect(await goesOn.ended).toBe(1);
  expect(goesOn.told()).toContain(`${second} failed: The process was ended by SIGKILL.`);
  expect(goesOn.told()).toContain('1 of 4 runs failed; the same command tries them again.');
  expect(rows()).toEqual([first, third, fourth]);
  expect(csvRows()).toBe(3);

  const last = startStudy();
  const missing = await trainer();
  expect(missing.id).toBe(second);
  missing.finish();
  expect(await last.ended).toBe(0);
  expect(rows()).toEqual([first, third, fourth, second]);
  expect(csvRows()).toBe(4);
});

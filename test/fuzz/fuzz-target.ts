/** Runs a target in a process of its own, and goes on in a new one where that hangs or ends. */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './cases.ts';
import type { Report } from './fuzz-child.ts';

export interface Range {
  readonly seed: number;
  readonly first: number;
  /** At most so many cases. */
  readonly cases: number;
  readonly seconds: number;
  /** A case that has not ended after so long by the clock never will. */
  readonly hangSeconds: number;
}

const program = fileURLToPath(new URL('fuzz-child.ts', import.meta.url));
/** What a process may take before it is ended: a reader that fills memory takes nothing else with it. */
const HEAP_MIB = 1024;

/** How many cases were run, and of how many the input was read rather than refused. */
export interface Tally {
  readonly cases: number;
  readonly read: number;
}

/** @param found told of every finding */
export async function fuzzTarget(
  name: string,
  range: Range,
  found: (finding: Finding) => void,
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-fuzz-'));
  const place = join(folder, 'case');
  const { seed, first, cases, seconds } = range;
  const begun = performance.now();
  const end = first + cases;
  try {
    for (let next = first; next < end; ) {
      const left = seconds - (performance.now() - begun) / 1000;
      if (left <= 0) return { cases: next - first, read: 0 };
      const part = { ...range, first: next, cases: end - next, seconds: left };
      const ended = await runChild(name, part, place, found);
      if ('read' in ended) return { cases: next - first + ended.cases, read: ended.read };
      const index = placeIn(place);
      if (index === undefined)
        throw new Error(`The process that fuzzes ${name} ended before its first case: ${ended.why}.`);
      found({ target: name, seed, index, kind: 'end', detail: ended.why });
      next = index + 1;
    }
    return { cases, read: 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Ended = Tally | { readonly why: string };

function runChild(
  name: string,
  { seed, first, cases, seconds, hangSeconds }: Range,
  place: string,
  found: (finding: Finding) => void,
): Promise<Ended> {
  const parameters = [name, seed, first, cases, seconds, place].map(String);
  const child = fork(program, parameters, {
    execArgv: ['--import', 'tsx', '--max-semi-space-size=1', `--max-old-space-size=${HEAP_MIB}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', text => {
    complaint ||= /^.*(Error|FATAL).*$/m.exec(`${text}`)?.[0] ?? '';
  });
  return new Promise(resolve => {
    let done: Tally | undefined;
    let hangs = false;
    let last: number | undefined;
    // The first look is at a process that still loads.
    const watch = setInterval(() => {
      const now = placeIn(place);
      hangs = now !== undefined && now === last && done === undefined;
      last = now;
      if (hangs) child.kill('SIGKILL');
    }, hangSeconds * 1000);
    child.on('message', (report: Report) => {
      if (report.type === 'finding') found(report.finding);
      else done = report;
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const ended = `the process ended with ${signal ?? code}${complaint && `: ${complaint}`}`;
      const why = hangs ? `it did not end within ${hangSeconds} s` : ended;
      resolve(done ?? { why });
    });
  });
}

/** The case that a child is at, or was at last. */
function placeIn(file: string): number | undefined {
  try {
    return readFileSync(file).readDoubleLE(0);
  } catch {
    return undefined;
  }
}

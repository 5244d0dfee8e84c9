/**
 * One process at a time writes into the folder of a run: the file `run.lock` says which. It comes about as a hard link,
 * so it is there whole or not at all, and of several that make it at once one succeeds. A lock whose process is gone is
 * stale, and may be removed by whoever holds a second lock beside it, made in the same way: nobody can then remove the
 * lock of one who was faster. The lock goes when the run ends, however it ends, but for a process that is killed.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { UsageError } from './usage-error.ts';

const holderSchema = v.object({
  /** Of this lock alone. */
  id: v.string(),
  pid: v.number(),
  host: v.string(),
  /** When the lock was made, as an ISO date. */
  since: v.string(),
  /** Of Linux only: when the process began, in ticks since the machine did; that start of the machine; whose numbers. */
  begun: v.optional(v.string()),
  boot: v.optional(v.string()),
  pidNamespace: v.optional(v.string()),
});

type Holder = v.InferOutput<typeof holderSchema>;

export interface FolderLock {
  release(): void;
}

/**
 * @param folder exists
 * @throws UsageError naming the process that writes there
 */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, 'run.lock');
  const own = thisProcess();
  const inTheWay = acquire(path, own, folder);
  if (inTheWay) throw new UsageError(refusal(folder, path, inTheWay));
  const release = () => {
    process.off('exit', release);
    const holder = read(path);
    if (holder !== 'absent' && holder !== 'unreadable' && holder.id === own.id) rmSync(path);
  };
  process.on('exit', release);
  return { release };
}

/** @returns who holds it; undefined where it is `own` now */
function acquire(path: string, own: Holder, folder: string): Holder | 'unreadable' | undefined {
  for (;;) {
    if (create(path, own, folder)) return undefined;
    const holder = read(path);
    if (holder === 'absent') continue;
    if (holder === 'unreadable' || stateOf(holder) !== 'gone') return holder;
    const toRemove = `${path}.stale`;
    const faster = acquire(toRemove, own, folder);
    if (faster) return faster;
    try {
      const still = read(path);
      // Only who holds `toRemove` removes a stale lock: if it is there now, it stays so until the next line.
      if (still !== 'absent' && still !== 'unreadable' && still.id === holder.id) rmSync(path);
    } finally {
      rmSync(toRemove);
    }
  }
}

/** @returns whether there was none before */
function create(path: string, own: Holder, folder: string): boolean {
  const whole = `${path}.${own.id}`;
  const text = `${JSON.stringify(own)}\n`;
  try {
    writeFileSync(whole, text);
  } catch (error) {
    throw new UsageError(`Nothing can be written into the folder ${folder}: ${(error as Error).message}.`);
  }
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    return createWithoutLinks(path, text);
  } finally {
    rmSync(whole);
  }
}

/** Where the file system has no hard links: others may find it empty for a moment, and take it for one that is held. */
function createWithoutLinks(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function read(path: string): Holder | 'absent' | 'unreadable' {
  try {
    const parsed = v.safeParse(holderSchema, JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.output : 'unreadable';
  } catch (error) {
    return isCode(error, 'ENOENT') ? 'absent' : 'unreadable';
  }
}

/** `unknown`: of another machine, or of a container whose processes cannot be seen from here. */
function stateOf(holder: Holder): 'running' | 'gone' | 'unknown' {
  const here = thisProcess();
  if (holder.host !== here.host) return 'unknown';
  if (holder.boot !== here.boot) return 'gone';
  if (holder.pidNamespace !== here.pidNamespace) return 'unknown';
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // It may not be ours to signal.
    if (isCode(error, 'ESRCH')) return 'gone';
  }
  const now = statOf(holder.pid);
  if (!now || holder.begun === undefined) return 'running';
  // A number is used again, and a process that has ended keeps its number until its parent asks.
  return now.begun === holder.begun && !now.ended ? 'running' : 'gone';
}

function thisProcess(): Holder {
  return {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    begun: statOf(process.pid)?.begun,
    boot: ifThere(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: ifThere(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** What Linux says of a process: see proc_pid_stat(5), fields 3 and 22. */
function statOf(pid: number): { readonly begun: string; readonly ended: boolean } | undefined {
  const text = ifThere(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name before may hold anything but ends with the last bracket.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && { begun: fields[19], ended: fields[0] === 'Z' || fields[0] === 'X' };
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function refusal(folder: string, path: string, holder: Holder | 'unreadable'): string {
  if (holder === 'unreadable') {
    return `${folder} is locked, and ${path} does not say by whom. If no run writes there, delete that file.`;
  }
  const { pid, host, since } = holder;
  const time = `${since.slice(0, 19).replace('T', ' ')} UTC`;
  if (stateOf(holder) === 'unknown') {
    return (
      `${folder} is written by process ${pid} on the machine ${host}, since ${time}; whether it still runs cannot be ` +
      `told from here. If it does not, delete ${path}.`
    );
  }
  return (
    `${folder} is written by another run: process ${pid}, since ${time}. Wait for its end or stop it with Ctrl-C, ` +
    'or choose another folder with --out.'
  );
}

const isCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code;

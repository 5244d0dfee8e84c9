import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockFolder } from '../../../src/cli/run-lock.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

/** What happens just before a lock of this name is made. */
let meanwhile: { readonly name: string; readonly act: () => void } | undefined;
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>();
  const linkSync = (from: string, to: string) => {
    if (meanwhile && to.endsWith(meanwhile.name)) meanwhile.act();
    fs.linkSync(from, to);
  };
  return { ...fs, linkSync };
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-lock-'));
  path = join(folder, 'run.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const held = async () => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
const put = (holder: object | string) =>
  writeFile(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
/** What this process writes into a lock. */
async function ownHolder() {
  const lock = lockFolder(folder);
  const holder = await held();
  lock.release();
  return holder;
}

const module = fileURLToPath(new URL('../../../src/cli/run-lock.ts', import.meta.url));
const script = `
const { lockFolder } = await import(${JSON.stringify(module)});
process.setMaxListeners(0); // it locks again and again
process.send('here');
process.on('message', () => {
  try {
    lockFolder(process.argv[1]);
    process.send('locked');
  } catch (error) {
    process.send(error.message);
  }
});`;

/** Processes that load the lock and then wait for a word to try it. */
async function others(count: number): Promise<ChildProcess[]> {
  const loader = ['--import', 'tsx', '--input-type=module', '--eval', script, folder];
  const started = Array.from({ length: count }, () =>
    spawn(process.execPath, loader, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  await Promise.all(started.map(child => once(child, 'message')));
  return started;
}

/** All try at once. @returns what each says */
function tryAll(children: readonly ChildProcess[]): Promise<string[]> {
  const answers = children.map(async child => String((await once(child, 'message'))[0]));
  for (const child of children) child.send('go');
  return Promise.all(answers);
}

async function end(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async child => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }),
  );
}

describe('a folder that is written', () => {
  test('is refused by name, and free again afterwards', async () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(UsageError);
    expect(() => lockFolder(folder)).toThrow(
      new RegExp(
        `^${folder} is written by another run: process ${process.pid}, since \\d{4}-\\d\\d-\\d\\d [\\d:]{8} UTC\\. ` +
          'Wait for its end or stop it with Ctrl-C, or choose another folder with --out\\.$',
      ),
    );
    lock.release();
    lock.release();
    expect(await readdir(folder)).toEqual([]);
    lockFolder(folder).release();
  });

  test('is released by a process that exits of itself, and found stale after one that was killed', async () => {
    const [first, second] = await others(2);
    expect(await tryAll([first])).toEqual(['locked']);
    expect((await held()).pid).toBe(first.pid);
    expect((await tryAll([second]))[0]).toContain(`process ${first.pid}, since`);
    await end([first]);
    expect((await held()).pid).toBe(first.pid);
    expect(await tryAll([second])).toEqual(['locked']);
    expect((await held()).pid).toBe(second.pid);
    const ended = once(second, 'exit');
    second.disconnect();
    await ended;
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a lock is stale', () => {
  test.skipIf(process.platform !== 'linux').each([
    ['began at another time: its number was used again', { begun: '1' }],
    ['was of the machine before it was started again', { boot: 'another' }],
  ])('where the process %s', async (_, change) => {
    await put({ ...(await ownHolder()), id: 'old', ...change });
    const lock = lockFolder(folder);
    expect((await held()).id).not.toBe('old');
    lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('where there is no such process', async () => {
    const child = spawn(process.execPath, ['--eval', '']);
    await once(child, 'exit');
    await put({ ...(await ownHolder()), id: 'old', pid: child.pid });
    lockFolder(folder).release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('also where one died that was about to remove it, and one that was about to remove that', async () => {
    const gone = { ...(await ownHolder()), begun: '1', boot: 'another' };
    for (const name of ['run.lock', 'run.lock.stale', 'run.lock.stale.stale']) {
      await writeFile(join(folder, name), JSON.stringify({ ...gone, id: name }));
    }
    const lock = lockFolder(folder);
    expect(await readdir(folder)).toEqual(['run.lock']);
    lock.release();
  });
});

test('a stale lock that another has replaced meanwhile is not removed', async () => {
  const own = await ownHolder();
  await put({ ...own, id: 'old', boot: 'another' });
  meanwhile = { name: '.stale', act: () => writeFileSync(path, JSON.stringify({ ...own, id: 'faster' })) };
  expect(() => lockFolder(folder)).toThrow('is written by another run');
  meanwhile = undefined;
  expect((await held()).id).toBe('faster');
  expect(await readdir(folder)).toEqual(['run.lock']);
});

describe('a lock that cannot be judged stays, and the message says what to do', () => {
  test('of another machine', async () => {
    await put({ ...(await ownHolder()), host: 'elsewhere', pid: 77 });
    expect(() => lockFolder(folder)).toThrow(`process 77 on the machine elsewhere, since`);
    expect(() => lockFolder(folder)).toThrow(`If it does not, delete ${path}.`);
    expect((await held()).host).toBe('elsewhere');
  });

  test.skipIf(process.platform !== 'linux')('of a container of this machine', async () => {
    await put({ ...(await ownHolder()), pidNamespace: 'pid:[1]' });
    expect(() => lockFolder(folder)).toThrow('whether it still runs cannot be told from here');
  });

  test.each(['', '{"pid": 1}', 'nonsense'])('where it holds "%s"', async text => {
    await put(text);
    expect(() => lockFolder(folder)).toThrow(`${path} does not say by whom. If no run writes there, delete`);
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

test('of many that start at once exactly one has the folder, whether it was free or its lock stale', async () => {
  const children = await others(4);
  const stale = { ...(await ownHolder()), id: 'old', boot: 'another' };
  for (let round = 0; round < 30; round++) {
    // A process may lock again what it holds no more: here the file is put back under its feet.
    await (round % 2 === 0 ? rm(path, { force: true }) : put({ ...stale, id: `${round}` }));
    const answers = await tryAll(children);
    const winners = children.filter((_, i) => answers[i] === 'locked');
    expect(winners, answers.join('\n')).toHaveLength(1);
    const refused = answers.filter(answer => answer !== 'locked');
    for (const answer of refused) expect(answer).toContain('is written by another run: process ');
    expect((await held()).pid).toBe(winners[0].pid);
    expect(await readdir(folder)).toEqual(['run.lock']);
  }
  await end(children);
});

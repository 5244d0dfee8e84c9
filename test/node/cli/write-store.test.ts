/** `npm run data -- SOURCE --write STORE`: the store has what the source has, whatever became of the command on the way. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/data.ts';
import { filesChoice, storeChoice } from '../../../src/cli/data-paths.ts';
import type { BoxedChoice } from '../../../src/data/choice/choice.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { waveFile } from '../data/wave-store.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cases = fileURLToPath(new URL('../../fixtures/cases/', import.meta.url));

let folder: string;
let waves: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-write-'));
  waves = join(folder, 'waves.nc');
  await writeFile(waves, new Uint8Array(waveFile()));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; errors: string }> {
  const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const code = await main(argv);
    const text = (spy: typeof out) => spy.mock.calls.flat().join('\n');
    return { code, out: text(out), errors: text(errors) };
  } finally {
    vi.restoreAllMocks();
  }
}

const readAll = async (choice: BoxedChoice): Promise<Dataset> =>
  (await (await openBoxed(choice)).read()).dataset;

/** Files of a store by their paths, as they are on the disk. */
async function filesIn(store: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = await readdir(store, { recursive: true, withFileTypes: true });
  const paths = found
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  return new Map(
    await Promise.all(paths.map(async path => [relative(store, path), await readFile(path)] as const)),
  );
}

/** Values of a channel, whatever its number. */
function channelOf({ channels, values, times }: Dataset, name: string): number[] {
  const c = channels.findIndex(channel => channel.name === name);
  const size = values.length / times.length / channels.length;
  return Array.from(times).flatMap((_, t) =>
    Array.from(values.subarray((t * channels.length + c) * size, (t * channels.length + c + 1) * size)),
  );
}

it.each(['1x1', '2x2'])('has the same values, missing ones among them, in chunks for %s', async mesh => {
  const store = join(folder, `waves-${mesh}.zarr`);
  const { code, out } = await run(waves, '--write', store, '--mesh', mesh);
  expect(code, out).toBe(0);
  expect(out).toContain('7 arrays');
  const [own, expected] = [
    await readAll(await storeChoice(store, {})),
    await readAll(await filesChoice([waves], {})),
  ];
  const names = (dataset: Dataset) => dataset.channels.map(({ name }) => name).sort();
  expect(names(own)).toEqual(names(expected));
  for (const name of names(expected)) expect(channelOf(own, name)).toEqual(channelOf(expected, name));
  expect(own.times).toEqual(expected.times);
  expect([own.latitude, own.longitude]).toEqual([expected.latitude, expected.longitude]);
  expect(own.statics.map(({ values }) => values)).toEqual(expected.statics.map(({ values }) => values));
  const meta = JSON.parse(await readFile(join(store, 'geopotential/.zarray'), 'utf8'));
  expect(meta.chunks).toEqual(mesh === '1x1' ? [60, 3, 16, 16] : [60, 1, 8, 16]);
});

it('keeps calendars and members', async () => {
  for (const name of ['calendar-noleap.nc', 'ensemble.nc']) {
    const store = join(folder, `${name}.zarr`);
    expect((await run(`${cases}${name}`, '--write', store)).code).toBe(0);
    const expected = await readAll(await filesChoice([`${cases}${name}`], {}));
    const own = await readAll(await storeChoice(store, {}));
    expect(own.calendar).toEqual(expected.calendar);
    expect(own.members).toEqual(expected.members);
    expect(own.times).toEqual(expected.times);
    expect(own.values).toEqual(expected.values);
  }
});

/** Serves the file of waves; from the moment that `isStuck` says on, nothing any more. */
async function stuckServer(bytes: Uint8Array, isStuck: () => boolean, onStuck: () => void) {
  const server = createServer(({ method, headers }, response) => {
    if (isStuck()) {
      onStuck();
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const body = from === undefined ? bytes : bytes.subarray(Number(from), Number(to) + 1);
    response.writeHead(from === undefined ? 200 : 206, { 'Content-Length': body.length });
    response.end(method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/waves.nc`,
    close: () =>
      new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

it('goes on after it was killed, with what was written, and ends with the same files', async () => {
  const store = join(folder, 'killed.zarr');
  const chunk = join(store, '2m_temperature/0.0.0');
  let mayStick = true;
  let reached = () => {};
  const stuck = new Promise<void>(resolve => {
    reached = resolve;
  });
  // The first field is served; what is asked for when it is written is not.
  const bytes = new Uint8Array(await readFile(waves));
  const server = await stuckServer(bytes, () => mayStick && existsSync(chunk), reached);
  try {
    const killed = spawn(process.execPath, ['scripts/data.mjs', server.url, '--write', store], { cwd: root });
    const ended = new Promise(resolve => killed.on('close', resolve));
    await stuck;
    killed.kill('SIGKILL');
    await ended;
    // Nobody takes it for a store.
    expect(existsSync(join(store, '.zgroup')) || existsSync(join(store, '.zmetadata'))).toBe(false);
    const old = new Date(1e12);
    await utimes(chunk, old, old);
    mayStick = false;
    expect((await run(waves, '--write', store)).errors).toContain(
      'written from other data, or for another mesh',
    );
    expect((await run(server.url, '--write', store)).out).toContain('2 chunks of fields, 1 of them before');
    expect((await stat(chunk)).mtime).toEqual(old);
    const undisturbed = join(folder, 'undisturbed.zarr');
    expect((await run(server.url, '--write', undisturbed)).code).toBe(0);
    expect(await filesIn(store)).toEqual(await filesIn(undisturbed));
  } finally {
    await server.close();
  }
});

it.each([
  [['a.nc', '--write', 'a.nc'], 2, 'must be the name of a store, which ends with .zarr'],
  [['a.nc', '--days', '3'], 2, '--days belongs to embedded'],
  [['embedded', '--days', '0', '--write', 'a.zarr'], 2, 'must be a number, 1 or more'],
])('refuses %j', async (argv, code, words) => {
  const answer = await run(...argv);
  expect(answer.code).toBe(code);
  expect(answer.errors).toContain(words);
});

it('refuses a folder of something else, and a store that is whole', async () => {
  const other = join(folder, 'other.zarr');
  await mkdir(other);
  await writeFile(join(other, 'letter.txt'), '');
  expect((await run(waves, '--write', other)).errors).toContain('is no store');
  const whole = join(folder, 'waves-1x1.zarr');
  expect((await run(waves, '--write', whole)).errors).toContain('There is a whole store already');
});

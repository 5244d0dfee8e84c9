import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  appendTo,
  clearFolder,
  copyHistory,
  dropBeside,
  makeFolder,
  openFolder,
  putInPlace,
  readEvents,
  readTable,
  replaceFile,
  writeBeside,
} from '../../../src/cli/output-folder.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a new folder', () => {
  test('is made with all above it', async () => {
    await makeFolder(join(folder, 'a', 'b'));
    const run = await clearFolder(join(folder, 'a', 'b'));
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['events.jsonl']);
    expect(await readEvents(run.events)).toEqual([]);
    expect(await readTable(run)).toBeUndefined();
  });

  test('with a checkpoint in it is refused, and stays as it was', async () => {
    await writeFile(join(folder, 'checkpoint.safetensors'), 'precious');
    await writeFile(join(folder, 'metrics.csv'), 'old\n');
    await expect(clearFolder(folder)).rejects.toThrow(/--resume/);
    expect(await readFile(join(folder, 'metrics.csv'), 'utf8')).toBe('old\n');
  });

  test('loses what a run has left in it that never saved', async () => {
    for (const name of ['metrics.csv', 'metrics.jsonl', 'events.jsonl'])
      await writeFile(join(folder, name), 'old\n');
    await clearFolder(folder);
    expect(await readdir(folder)).toEqual(['events.jsonl']);
    expect(await readFile(join(folder, 'events.jsonl'), 'utf8')).toBe('');
  });

  test('below a file cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file', 'x'))).rejects.toThrow(UsageError);
  });
});

describe('a folder to resume', () => {
  test('needs a config and a checkpoint', async () => {
    await expect(openFolder(folder)).rejects.toThrow('config.json is missing');
    await writeFile(join(folder, 'config.json'), '{"steps": 5}');
    await expect(openFolder(folder)).rejects.toThrow('checkpoint.safetensors is missing');
    await writeFile(join(folder, 'checkpoint.safetensors'), '');
    expect((await openFolder(folder)).settings.steps).toBe(5);
  });

  test('with a damaged config says so', async () => {
    await writeFile(join(folder, 'config.json'), '{"steps":');
    await writeFile(join(folder, 'checkpoint.safetensors'), '');
    await expect(openFolder(folder)).rejects.toThrow('config.json cannot be read');
  });
});

test('what happened comes along to another folder', async () => {
  const [from, to] = await Promise.all(
    ['from', 'to'].map(async name => {
      await makeFolder(join(folder, name));
      return clearFolder(join(folder, name));
    }),
  );
  await appendTo(from.events, '{"type":"status","status":"ready"}\n');
  await appendTo(from.metrics, 'step,loss\n1,2\n');
  await copyHistory(from, to);
  expect(await readEvents(to.events)).toEqual([{ type: 'status', status: 'ready' }]);
  expect(await readTable(to)).toEqual({ columns: ['step', 'loss'], rows: [{ step: 1, loss: 2 }] });
});

describe('replacing a file', () => {
  test('writes text, bytes and streams', async () => {
    const path = join(folder, 'x');
    await replaceFile(path, 'text');
    expect(await readFile(path, 'utf8')).toBe('text');
    await replaceFile(path, Uint8Array.of(1, 2));
    expect([...(await readFile(path))]).toEqual([1, 2]);
    await replaceFile(path, pieces());
    expect([...(await readFile(path))]).toEqual([3, 4, 5]);
  });

  test.each([
    ['ENOSPC', 'The disk is full'],
    ['EDQUOT', 'The disk is full'],
    ['EIO', 'broken'],
  ])('that fails by %s leaves the old one', async (code, message) => {
    const path = join(folder, 'x');
    await writeFile(path, 'old');
    await expect(replaceFile(path, pieces(Object.assign(new Error('broken'), { code })))).rejects.toThrow(
      message,
    );
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['x']);
  });

  test('in two parts: what lies beside it takes its place, or is dropped', async () => {
    const path = join(folder, 'x');
    await writeFile(path, 'old');
    await writeBeside(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('old');
    await putInPlace(path);
    expect(await readFile(path, 'utf8')).toBe('new');
    await writeBeside(path, 'newer');
    await dropBeside(path);
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['x']);
  });
});

/** A body in two pieces, that breaks off after them where there is an error. */
async function* pieces(error?: Error): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(3, 4);
  yield Uint8Array.of(5);
  if (error) throw error;
}

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  appendEvent,
  copyEvents,
  createFolder,
  type LoggedEvent,
  openFolder,
  readEvents,
  replaceFile,
  rewindEvents,
} from '../../../src/cli/output-folder.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isobar-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const metrics = (step: number, losses: number[]): LoggedEvent => ({
  type: 'metrics',
  step,
  losses,
  learningRate: 1e-3,
  samplesPerSecond: 10,
  dataMs: 0,
  secondsLeft: 1,
  gpuBusySeconds: 1,
});

describe('a new folder', () => {
  test('is made with all above it', async () => {
    const run = await createFolder(join(folder, 'a', 'b'));
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['metrics.jsonl']);
    expect(await readEvents(run)).toEqual([]);
  });

  test('with a checkpoint in it is refused, and stays as it was', async () => {
    await writeFile(join(folder, 'checkpoint.safetensors'), 'precious');
    await writeFile(join(folder, 'metrics.jsonl'), 'old\n');
    await expect(createFolder(folder)).rejects.toThrow(/--resume/);
    expect(await readFile(join(folder, 'metrics.jsonl'), 'utf8')).toBe('old\n');
  });

  test('below a file cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(createFolder(join(folder, 'file', 'x'))).rejects.toThrow(UsageError);
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

describe('events', () => {
  test('after the checkpoint are dropped, those of a block cut at it', async () => {
    const run = await createFolder(folder);
    await appendEvent(run, metrics(4, [4, 3, 2, 1]));
    await appendEvent(run, { type: 'status', status: 'running' });
    await appendEvent(run, metrics(8, [0.5, 0.4, 0.3, 0.2]));
    await appendEvent(run, { type: 'skill', step: 8, part: 'validation', rows: [] });
    await appendEvent(run, metrics(12, [0.1, 0.1, 0.1, 0.1]));
    await rewindEvents(run, 6);
    expect(await readEvents(run)).toEqual([
      metrics(4, [4, 3, 2, 1]),
      { type: 'status', status: 'running' },
      metrics(6, [0.5, 0.4]),
    ]);
  });

  test('survive a last line cut short', async () => {
    const run = await createFolder(folder);
    await appendEvent(run, metrics(1, [1]));
    await writeFile(run.metrics, '{"type":"met', { flag: 'a' });
    expect(await readEvents(run)).toEqual([metrics(1, [1])]);
  });

  test('come along to another folder', async () => {
    const from = await createFolder(join(folder, 'from'));
    await appendEvent(from, metrics(1, [1]));
    const to = await createFolder(join(folder, 'to'));
    await copyEvents(from, to);
    expect(await readEvents(to)).toEqual([metrics(1, [1])]);
  });
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
});

/** A body in two pieces, that breaks off after them where there is an error. */
async function* pieces(error?: Error): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(3, 4);
  yield Uint8Array.of(5);
  if (error) throw error;
}

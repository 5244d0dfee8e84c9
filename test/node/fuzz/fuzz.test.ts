/** A few changed inputs of every kind, by a fixed seed, and that the fuzzer sees what it is for. `npm run fuzz` runs more. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { defaultBounds, type Finding, inputOfCase, runCase } from '../../fuzz/cases.ts';
import { fuzzTarget } from '../../fuzz/fuzz-target.ts';
import type { Input } from '../../fuzz/target.ts';
import { faults } from '../../fuzz/targets/faulty.ts';
import { allTargets, targetNamed } from '../../fuzz/targets.ts';

const digestOf = (input: Input) => {
  const hash = createHash('sha1');
  for (const [name, bytes] of input) hash.update(name).update(bytes);
  return hash.digest('hex');
};

const SEED = 9;
const CASES = 50;
/** Generous: nothing here is to depend on how busy the machine is, or when this process collects its garbage. */
const bounds = { ...defaultBounds, cpuMs: 20_000, bytesBesides: 64 * 2 ** 20 };

test.each(allTargets.map(target => [target.name, target] as const))(
  '%s: changed inputs are read, or refused with an error that says why',
  async (_, target) => {
    const corpus = await target.corpus();
    for (const input of corpus) {
      expect((await runCase(target, input, { seed: 0, index: -1 }, bounds)).finding).toBeUndefined();
    }
    for (let index = 0; index < CASES && corpus.length > 0; index++) {
      const input = inputOfCase(target, corpus, SEED, index);
      const { finding } = await runCase(target, input, { seed: SEED, index }, bounds);
      expect(
        finding,
        `npm run fuzz -- --target ${target.name} --seed ${SEED} --case ${index}`,
      ).toBeUndefined();
    }
  },
);

describe('the fuzzer', () => {
  const faulty = targetNamed('faulty');
  const names = Object.keys(faults);
  const judge = async (name: string, cpuMs: number) => {
    const input = (await faulty.corpus())[names.indexOf(name)];
    const { finding, isRead } = await runCase(
      faulty,
      input,
      { seed: 0, index: 0 },
      { ...defaultBounds, cpuMs },
    );
    return finding ? `${finding.kind}: ${finding.detail}` : isRead ? 'read' : 'refused';
  };

  test.each([
    ['none', /^read$/],
    ['allowed', /^refused$/],
    ['another error', /^error: TypeError: the reader is at fault\n {2}at .*faulty\.ts/],
    ['a buffer', /^memory: \d+ bytes allocated for an input of 1; at most 16777220 are in order$/],
    ['a buffer that is not there', /^memory/],
    ['copies of a buffer', /^memory/],
    ['a list', /^memory/],
  ])('judges: %s', async (name, words) => {
    expect(await judge(name, 20_000)).toMatch(words);
  });

  test('judges: slow', async () => {
    expect(await judge('slow', 50)).toMatch(
      /^time: \d+ ms for an input of 1 bytes; at most 50 are in order$/,
    );
  });

  test('makes the same input of the same seed and number, and another of another', async () => {
    for (const target of allTargets) {
      const corpus = await target.corpus();
      if (corpus.length === 0) continue;
      const of = (seed: number, index: number) => digestOf(inputOfCase(target, corpus, seed, index));
      expect(of(1, 2)).toBe(of(1, 2));
      const digests = Array.from({ length: 20 }, (_, i) => of(1 + (i % 2), i >> 1));
      expect(new Set(digests).size).toBeGreaterThan(10);
    }
  });

  test('goes on behind a case that hangs or ends the process', async () => {
    const corpus = await faulty.corpus();
    const indices = Array.from({ length: 200 }, (_, i) => i);
    const caseOf = (name: string) =>
      indices.find(i => inputOfCase(faulty, corpus, SEED, i) === corpus[names.indexOf(name)])!;
    const found: Finding[] = [];
    for (const name of ['endless', 'exit']) {
      const range = { seed: SEED, first: caseOf(name), cases: 1, seconds: 600, hangSeconds: 3 };
      await fuzzTarget('faulty', range, finding => found.push(finding));
    }
    expect(found.map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual([
      'end: it did not end within 3 s',
      'end: the process ended with 3',
    ]);
  });

  test('tells how to repeat what it found, and ends with code 1', async () => {
    const command = promisify(execFile);
    const parameters = ['scripts/fuzz.mjs', '--target', 'faulty', '--seed', '1', '--case'];
    const corpus = await faulty.corpus();
    const index = Array.from({ length: 200 }, (_, i) => i).find(
      i => inputOfCase(faulty, corpus, 1, i) === corpus[names.indexOf('another error')],
    );
    const ended = await command(process.execPath, [...parameters, `${index}`]).then(
      () => undefined,
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
    expect(ended?.code).toBe(1);
    expect(ended?.stdout).toContain('- error: TypeError: the reader is at fault');
    expect(ended?.stdout).toContain(`npm run fuzz -- --target faulty --seed 1 --case ${index}`);
  });
});

/** Statistics of data that are read while a model trains, kept: cut off and gone on with they are those of a pass in one go. */
import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BoxedSource } from '../../../src/data/boxed-source.ts';
import type { BoxedChoice, DataPart } from '../../../src/data/choice/choice.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';
import { type DataBox, sliceDataset } from '../../../src/data/slice.ts';
import { count } from '../../../src/io/number-text.ts';
import { packArrays, unpackArrays } from '../../../src/io/packed-arrays.ts';
import type { MeasuredPart } from '../../../src/tasks/forecast/held-part.ts';
import { gridFrame } from '../../../src/tasks/forecast/slice-moments.ts';
import type { ShardBox } from '../../../src/tasks/forecast/slice-task.ts';
import { createDataReader } from '../../../src/tasks/forecast/stream/data-reader.ts';
import type { PassStore } from '../../../src/tasks/forecast/stream/pass-store.ts';
import { streamedMoments } from '../../../src/tasks/forecast/stream/streamed-moments.ts';
import type { TaskOptions } from '../../../src/tasks/forecast/task.ts';
import { makeDataset } from '../data/fixtures.ts';
import { serveFiles } from '../data/serve-files.ts';
import { waveFile, waveStore } from '../data/wave-store.ts';
import { writeZarr } from '../data/write-zarr.ts';

const options: TaskOptions = {
  inputSteps: 2,
  leadSteps: 1,
  patch: [2, 2],
  split: { kind: 'fraction', train: 0.6, validation: 0.2 },
  normalisation: 'anomaly',
  harmonics: 1,
};
/** Four fields at two times, and a static one; the southern half, where a value is missing at one time. */
const box = {
  inputChannels: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  outputChannels: [0, 1, 2, 3],
  rowFrom: 0,
  rowTo: 8,
};
/** A fifth of it holds five records. */
const memory = 5 * 5 * 4 * 4 * 8 * 16;
const changed = Date.UTC(2020, 0, 1);

const fileOf = (content: ArrayBuffer, lastModified = changed) =>
  new File([content], 'waves.nc', { lastModified });
const filesOf = (file: File, part?: DataPart): BoxedChoice => ({
  kind: 'files',
  files: [{ name: file.name, blob: file }],
  ...(part && { part }),
});
const wave = waveFile();
const files = filesOf(fileOf(wave));
const stored = await writeZarr(waveStore());
const store: BoxedChoice = {
  kind: 'zarr',
  source: {
    kind: 'files',
    name: 'waves.zarr',
    files: new Map(
      Array.from(stored, ([path, bytes]) => [
        path,
        new File([Uint8Array.from(bytes)], path, { lastModified: changed }),
      ]),
    ),
  },
  selection: {},
};

interface Kept extends PassStore {
  readonly passes: Map<string, Uint8Array<ArrayBuffer>>;
}

function inMap(): Kept {
  const passes = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    passes,
    read: async key => passes.get(key)?.slice(),
    write: async (key, pass) => {
      passes.set(key, pass);
    },
  };
}

interface Measuring {
  /** Reads of records that are answered before the reader is killed. */
  readonly killedAfter?: number;
  readonly memory?: number;
  readonly keepMs?: number;
  readonly options?: Partial<TaskOptions>;
  readonly box?: ShardBox;
}

/** What a rank measures, and the records that it read for that, and how far it said that it was. */
async function measure(choice: BoxedChoice, kept: PassStore | undefined, how: Measuring = {}) {
  const asked: (readonly [number, number])[] = [];
  const open = async (wanted: BoxedChoice): Promise<BoxedSource> => {
    const source = await openBoxed(wanted);
    return {
      ...source,
      async read(part?: DataBox) {
        const { timeFrom = 0, timeTo = 0 } = part ?? {};
        if (
          timeTo > timeFrom &&
          asked.push([timeFrom, timeTo]) > (how.killedAfter ?? Number.POSITIVE_INFINITY)
        ) {
          throw new Error('killed');
        }
        return source.read(part);
      },
    };
  };
  const reader = createDataReader({ open, storeOf: () => kept, keepMs: how.keepMs ?? 0 });
  const progress: number[] = [];
  const order = { choice, options: { ...options, ...how.options }, memory: how.memory ?? memory };
  const measured = await reader
    .measure(order, how.box ?? box, (_, fraction) => progress.push(fraction))
    .catch((error: Error) => error);
  return { measured, asked, progress };
}

/** A folder as the picker of a browser gives it, of files by their paths. */
function folderOf(name: string, files: ReadonlyMap<string, File>): FileSystemDirectoryHandle {
  const missing = () => {
    throw new DOMException('none', 'NotFoundError');
  };
  const inside = (folder: string) => `${folder}/`;
  const below = (folder: string) =>
    new Map(
      Array.from(files).flatMap(([path, file]) =>
        path.startsWith(inside(folder)) ? [[path.slice(inside(folder).length), file] as const] : [],
      ),
    );
  const names = [...new Set(Array.from(files.keys(), path => path.split('/')[0]))];
  const handleOf = (entry: string) =>
    files.has(entry)
      ? { kind: 'file', name: entry, getFile: async () => files.get(entry) }
      : folderOf(entry, below(entry));
  const handle = {
    kind: 'directory',
    name,
    async *keys() {
      yield* names;
    },
    async *entries() {
      for (const entry of names) yield [entry, handleOf(entry)];
    },
    getFileHandle: async (entry: string) => (files.has(entry) ? handleOf(entry) : missing()),
    getDirectoryHandle: async (entry: string) => (names.includes(entry) ? handleOf(entry) : missing()),
  };
  return handle as object as FileSystemDirectoryHandle;
}

type Result = Awaited<ReturnType<typeof measure>>['measured'];

/** All that is told of a part, less what it took to find out. */
function numbersOf(measured: Result) {
  if (measured instanceof Error) throw measured;
  const { part, climatology } = measured;
  return { part, climatology: [...new Uint32Array(Float32Array.from(climatology).buffer)] };
}
const notesOf = (measured: Result) =>
  measured instanceof Error ? [] : (measured.notes ?? []).filter(note => note.includes('waves'));

describe.each([
  ['a file', files, 'waves.nc'],
  ['a store', store, 'waves.zarr'],
] as const)('the statistics of %s', (_, choice, name) => {
  test.each(['standard', 'anomaly'] as const)(
    'are the same bit for bit when a pass that was killed is gone on with, %s',
    async normalisation => {
      const how = { options: { normalisation } };
      const whole = await measure(choice, undefined, how);
      expect(whole.asked.length).toBeGreaterThan(11);
      const kept = inMap();
      const killed = await measure(choice, kept, { ...how, killedAfter: 7 });
      expect(killed.measured).toEqual(new Error('killed'));
      const resumed = await measure(choice, kept, how);
      expect(numbersOf(resumed.measured)).toEqual(numbersOf(whole.measured));
      // The first and the last record of the sums are read again, to see that they are the same.
      const [first, last, next] = resumed.asked;
      expect([first, last[1] - last[0]]).toEqual([[0, 1], 1]);
      expect(next[0]).toBe(last[1]);
      expect(next[0]).toBeGreaterThanOrEqual(25);
      expect(resumed.asked.at(-1)?.[1]).toBe(60);
      expect(resumed.progress[0]).toBe(next[0] / 60);
      expect(notesOf(resumed.measured)).toEqual([
        `Measuring ${name} went on after ${next[0]} of 60 records, where an earlier run was cut off.`,
      ]);
    },
  );

  test('are kept for later runs, whatever their memory is, and bytes are told as they were read', async () => {
    const kept = inMap();
    const whole = await measure(choice, kept);
    const again = await measure(choice, kept, { memory: 2 * memory });
    expect(numbersOf(again.measured)).toEqual(numbersOf(whole.measured));
    expect(again.asked).toEqual([
      [0, 1],
      [59, 60],
    ]);
    expect(again.progress.at(-1)).toBe(1);
    expect(notesOf(again.measured)).toEqual([`The statistics of ${name} were kept from an earlier run.`]);
    if (whole.measured instanceof Error || again.measured instanceof Error) return expect.unreachable();
    expect(again.measured.bytesRead).toBeLessThan(whole.measured.bytesRead);
  });
});

test('sums with gaps and harmonics are gone on with from their bytes, bit for bit', () => {
  const { times, stepHours, channels, latitude, longitude, ...dataset } = makeDataset({
    steps: 80,
    stepHours: 240,
    channels: ['a', 'b'],
    latitude: [-40, 0, 40],
    longitude: [0, 90, 180, 270],
    // Some points are never known, some now and then, before and after the sums were kept.
    value: (t, c, y, x) =>
      (y === 0 && x === 0) || (t + 3 * y + x + c) % 11 === 0
        ? Number.NaN
        : Math.sin(t * 0.7 + y + 0.9 * x) + 10 * c,
  });
  const whole = { ...dataset, times, stepHours, channels, latitude, longitude };
  const frame = gridFrame(
    { times, stepHours, channels, latitude, longitude, statics: 0 },
    { ...options, inputSteps: 1, patch: [1, 1] },
  );
  const rows = { inputChannels: [0, 1], outputChannels: [0, 1], rowFrom: 0, rowTo: 3 };
  const some = (timeFrom: number, timeTo: number) =>
    sliceDataset(whole, { channels: [0, 1], statics: [], latitudeFrom: 0, latitudeTo: 3, timeFrom, timeTo });
  const once = streamedMoments(frame, rows);
  once.add(some(0, 80), 0);
  const begun = streamedMoments(frame, rows);
  begun.add(some(0, 30), 0);
  const { arrays, ...sums } = begun.state();
  const read = unpackArrays(packArrays({}, { ...arrays })).arrays;
  const gone = streamedMoments(frame, rows, { ...sums, arrays: { ...arrays, ...read } });
  gone.add(some(30, 80), 30);
  const bitsOf = ({ climatology, part }: ReturnType<typeof once.finish>) => ({
    bits: [...new Uint32Array(Float32Array.from(climatology).buffer)],
    part,
  });
  const expected = once.finish([]);
  expect(bitsOf(gone.finish([]))).toEqual(bitsOf(expected));
  // The harmonics are told apart, so all of what is kept was needed.
  expect(expected.climatology.slice(24).some(value => value !== 0)).toBe(true);
});

describe('what was kept is not taken for', () => {
  const first = async () => {
    const kept = inMap();
    await measure(files, kept);
    return kept;
  };
  const shifted = (() => {
    // Other weather in the last record, below the same header and axes.
    const bytes = new Uint8Array(wave.slice(0));
    for (let at = bytes.length - 4 * 16 * 16; at < bytes.length; at += 4) bytes[at + 2] ^= 1;
    return bytes.buffer;
  })();

  test('another file of the same name, and the run says so', async () => {
    const kept = await first();
    const other = filesOf(fileOf(shifted, changed + 1000));
    const { measured, asked } = await measure(other, kept);
    expect(asked.length).toBeGreaterThan(11);
    expect(numbersOf(measured)).toEqual(numbersOf((await measure(other, undefined)).measured));
    const size = count(wave.byteLength);
    expect(notesOf(measured)).toEqual([
      `waves.nc has changed since its statistics were kept (they are of ${size} bytes of 2020-01-01T00:00:00.000Z; ` +
        `now it has ${size} bytes of 2020-01-01T00:00:01.000Z): they are measured anew.`,
    ]);
    // Which are then those that are kept.
    expect(notesOf((await measure(other, kept)).measured)[0]).toContain('were kept from an earlier run');
  });

  test('one that is as large and as old, but has other values in its last record', async () => {
    const kept = await first();
    const { measured, asked } = await measure(filesOf(fileOf(shifted)), kept);
    expect(asked.length).toBeGreaterThan(11);
    expect(notesOf(measured)[0]).toContain('waves.nc has other values than when its statistics were kept');
  });

  describe('a store of which one chunk in the middle was written anew', () => {
    const key = '2m_temperature/1.0.0';
    const other = new Map([...stored, [key, new Uint8Array(stored.get('2m_temperature/0.0.0')!)]]);

    test('behind an address, where its server marks what it has', async () => {
      const files = new Map(stored);
      const served = await serveFiles(files, undefined, {
        headersOf: bytes => ({ ETag: createHash('sha256').update(bytes).digest('hex') }),
      });
      onTestFinished(served.close);
      const choice: BoxedChoice = {
        kind: 'zarr',
        source: { kind: 'url', url: `${served.url}` },
        selection: {},
      };
      const kept = inMap();
      await measure(choice, kept);
      const notes = async () =>
        (await measure(choice, kept).then(({ measured }) => (measured as MeasuredPart).notes ?? [])).filter(
          note => note.includes('statistics'),
        );
      expect(await notes()).toEqual([expect.stringContaining('were kept from an earlier run')]);
      files.set(key, other.get(key)!);
      expect(await notes()).toEqual([
        expect.stringMatching(
          /has changed since its statistics were kept \(its chunk 2m_temperature\/1\.0\.0 was written anew\): they are measured anew\.$/,
        ),
      ]);
      expect(await notes()).toEqual([expect.stringContaining('were kept from an earlier run')]);
    });

    test('in a folder that is listed, and in one that files are looked up in, even with an older time', async () => {
      const filesIn = (content: ReadonlyMap<string, Uint8Array>, keyChanged: number) =>
        new Map(
          Array.from(content, ([path, bytes]) => [
            path,
            new File([Uint8Array.from(bytes)], path, { lastModified: path === key ? keyChanged : changed }),
          ]),
        );
      for (const placeOf of [
        (files: ReadonlyMap<string, File>) => ({ kind: 'files', name: 'waves.zarr', files }) as const,
        (files: ReadonlyMap<string, File>) =>
          ({ kind: 'folder', folder: folderOf('waves.zarr', files) }) as const,
      ]) {
        const choiceOf = (content: ReadonlyMap<string, Uint8Array>, keyChanged: number): BoxedChoice => ({
          kind: 'zarr',
          source: placeOf(filesIn(content, keyChanged)),
          selection: {},
        });
        const kept = inMap();
        await measure(choiceOf(stored, changed), kept);
        expect(notesOf((await measure(choiceOf(stored, changed), kept)).measured)[0]).toContain('were kept');
        const { measured, asked } = await measure(choiceOf(other, changed - 1000), kept);
        expect(asked.length).toBeGreaterThan(11);
        expect(notesOf(measured)[0]).toContain('waves.zarr has changed since its statistics were kept');
      }
    });
  });

  test.each([
    ['another region', { part: { region: { west: 0, south: -90, east: 180, north: 90 } } }],
    ['other variables', { part: { variables: ['geopotential', 'land_sea_mask'] } }],
    ['a thinned part', { part: { thin: { steps: 2 } } }],
    ['another split', { options: { split: { kind: 'fraction', train: 0.5, validation: 0.2 } } }],
    ['another climatology', { options: { harmonics: 2 } }],
  ] as const)(
    '%s',
    async (_, { part, options: other }: { part?: DataPart; options?: Partial<TaskOptions> }) => {
      const kept = await first();
      const before = kept.passes.size;
      const choice = filesOf(fileOf(wave), part);
      const fewer = { ...box, inputChannels: [0, 1, 2, 3, 4, 5, 6], outputChannels: [0, 1, 2] };
      const measured = await measure(choice, kept, { options: other, box: part?.variables ? fewer : box });
      expect(measured.asked[0][1]).toBeGreaterThan(1);
      expect(kept.passes.size).toBe(before + 1);
    },
  );

  test('anything where data do not tell when they were changed', async () => {
    const kept = inMap();
    const blob: BoxedChoice = { kind: 'files', files: [{ name: 'waves.nc', blob: new Blob([wave]) }] };
    await measure(blob, kept);
    expect(kept.passes.size).toBe(0);
  });

  test.each([
    ['cut off', (pass: Uint8Array) => pass.slice(0, pass.length / 2)],
    ['something else', () => new TextEncoder().encode('no pass at all')],
    [
      'of other sizes',
      (pass: Uint8Array) => {
        const { head, arrays } = unpackArrays(pass);
        return packArrays(Object(head), { ...arrays, known: Int32Array.of(1) });
      },
    ],
  ])('a pass that is %s: it is measured as if there were none', async (_, broken) => {
    const kept = await first();
    for (const [key, pass] of kept.passes) kept.passes.set(key, Uint8Array.from(broken(pass)));
    const { measured, asked } = await measure(files, kept);
    expect(asked.length).toBeGreaterThan(11);
    expect(notesOf(measured)).toEqual([]);
    expect(numbersOf(measured)).toEqual(numbersOf((await measure(files, undefined)).measured));
  });
});

test('a full disk does not stop a run, and is told', async () => {
  const full: PassStore = {
    read: async () => undefined,
    write: async () => {
      throw new Error('the disk is full');
    },
  };
  const { measured } = await measure(files, full);
  expect(numbersOf(measured)).toEqual(numbersOf((await measure(files, undefined)).measured));
  expect(notesOf(measured)).toEqual([
    'The statistics of waves.nc could not be kept (the disk is full): they are measured again in the next run.',
  ]);
});

test('a pass is kept at its end alone where it is short', async () => {
  const kept = inMap();
  let writes = 0;
  const counting: PassStore = {
    ...kept,
    write: async (key, pass) => {
      writes++;
      await kept.write(key, pass);
    },
  };
  await measure(files, counting, { keepMs: 60_000 });
  expect(writes).toBe(1);
});

test('of data with endless names no more is told than other ranks take', async () => {
  const kept = inMap();
  const named = (lastModified: number) =>
    filesOf(new File([wave], `${'waves'.repeat(1000)}.nc`, { lastModified }));
  await measure(named(changed), kept);
  const [note] = notesOf((await measure(named(changed + 1), kept)).measured);
  expect(note).toMatch(/^(waves)+… has changed since/);
  expect(note.length).toBeLessThan(1500);
});

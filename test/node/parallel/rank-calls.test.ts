/** Calls between ranks: what good ranks say passes, and what others say ends the links, unless they are of the same page. */
import { afterEach, describe, expect, test } from 'vitest';
import { callsTo, serveCalls } from '../../../src/parallel/call-proxies.ts';
import { PeerError } from '../../../src/parallel/faults.ts';
import { Links } from '../../../src/parallel/links.ts';
import type { CallName, RankCalls, ServedCalls } from '../../../src/parallel/rank-calls.ts';
import {
  climatology,
  copy,
  forms,
  heading,
  imageProgram,
  imageShard,
  label,
  names,
  options,
  order,
  part,
  program,
  samples,
  shard,
  shared,
  times,
  trace,
} from './call-samples.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const action of undo.splice(0)) action();
});

/** Ranks 0 and 1, in two browsers or in one page. */
function pair(pages = ['a', 'b']): readonly [Links, Links] {
  const { port1, port2 } = new MessageChannel();
  const first = new Links({ rank: 0, ports: new Map([[1, port1]]), generation: 1, pages });
  const second = new Links({ rank: 1, ports: new Map([[0, port2]]), generation: 1, pages });
  undo.push(
    () => first.close(),
    () => second.close(),
  );
  return [first, second];
}

/** Serves one call with an answer. @returns what it is called with */
function served(links: Links, name: CallName, answer: unknown): Promise<unknown> {
  return new Promise(resolve => {
    const call = (argument: unknown, from: number) => {
      resolve([argument, from]);
      return answer;
    };
    serveCalls(links, { [name]: call } as ServedCalls);
  });
}

const failureOf = (links: Links) => new Promise<Error>(resolve => links.onFailure(resolve));
/** As `callsTo` gives it, whatever the argument. */
const call = (calls: RankCalls, name: CallName, ...argument: readonly unknown[]) =>
  (calls[name] as (...argument: readonly unknown[]) => unknown)(...argument);

describe.each(names)('%s', name => {
  test('passes as it was said, between browsers', async () => {
    for (const [argument, answer] of samples[name]) {
      const [first, second] = pair();
      const heard = served(second, name, answer);
      const answered = call(callsTo(first, 1), name, ...argument);
      expect(await heard).toEqual([argument[0], 0]);
      expect(await answered).toEqual(answer);
    }
  });
});

const without = <T extends object>(value: T, key: keyof T) => {
  const { [key]: _, ...rest } = value;
  return rest;
};
const [[, form]] = forms['a GPU'];
const commanding = (of: object, command: object) => ({ task: 'forecast', program: of, command });
const wrongShard = (changes: Partial<typeof shard>) =>
  commanding(program, { shard: { ...shard, ...changes } });
const wrongImages = (changes: Partial<typeof imageShard>) => ({
  task: 'classify',
  program: imageProgram,
  command: { shard: { ...imageShard, ...changes } },
});
const asking = (asked: object) => ({ task: 'forecast', order: { ...order, ...asked } });

const { model } = program;
const config = model.config as object;

test.each<[CallName, unknown, string]>([
  [
    'measure',
    asking({ choice: { kind: 'files', files: [{ url: 'file:///etc/passwd' }] }, options }),
    'order.choice.files.0.url: no http(s) address',
  ],
  [
    'measure',
    asking({ choice: { kind: 'files' }, options: { ...options, harmonics: 1e9 } }),
    'order.options.harmonics: ',
  ],
  ['measure', null, 'Invalid type: Expected Object but received null'],
  ['measure', { task: 'forecast', order: { images: 3 } }, 'order.data: Invalid key'],
  ['measure', { task: 'poetry', order: {} }, 'task: '],
  ['prepare', commanding(without(program, 'mesh'), { shared }), 'program.mesh: Invalid key'],
  ['prepare', { task: 'classify', program, command: {} }, 'command.moments: Invalid key'],
  ['prepare', { ...commanding(imageProgram, { shared }) }, 'data of another task'],
  ['prepare', wrongImages({ pixels: new Uint8Array(11) }), 'command.shard: arrays that do not fit together'],
  [
    'prepare',
    wrongImages({ moments: { mean: [0.5], deviation: [0] } }),
    'command.shard.moments.deviation.0: ',
  ],
  [
    'prepare',
    commanding({ ...program, mesh: { rows: 0, columns: 1, replicas: 1 } }, { shared }),
    'program.mesh.rows: ',
  ],
  [
    'prepare',
    commanding({ ...program, model: { ...model, config: { ...config, blocks: 1e9 } } }, { shared }),
    'program.model.config.blocks: ',
  ],
  [
    'prepare',
    commanding({ ...program, model: { ...model, kind: 'other' } }, { shared }),
    'program.model.kind: ',
  ],
  ['prepare', commanding({ ...program, wire: 'f64' }, { shared }), 'program.wire: '],
  ['prepare', commanding(program, {}), 'command.shared: Invalid key'],
  [
    'prepare',
    wrongShard({ values: shard.values.subarray(1) as typeof shard.values }),
    'command.shard: arrays that do not fit together',
  ],
  ['prepare', wrongShard({ train: Int32Array.of(1, 19) }), 'command.shard: arrays that do not fit together'],
  ['prepare', wrongShard({ train: Int32Array.of(0) }), 'command.shard: arrays that do not fit together'],
  ['prepare', wrongShard({ targets: [4, -1] }), 'command.shard: arrays that do not fit together'],
  [
    'prepare',
    wrongShard({ lossWeight: new Float32Array(3) }),
    'command.shard: arrays that do not fit together',
  ],
  [
    'prepare',
    wrongShard({ box: { ...shard.box, outputChannels: [] }, targets: [], lossWeight: new Float32Array(0) }),
    'command.shard: arrays that do not fit together',
  ],
  ['prepare', wrongShard({ season: undefined }), 'command.shard: arrays that do not fit together'],
  ['tune', { ...program, forms: { 'a GPU': [['8x8x8 nn', { shader: 'matmul' }]] } }, 'forms.a GPU.0.1.'],
  [
    'tune',
    { ...program, forms: { 'a GPU': [['8x8x8 nn', { ...form, tile: [0, 64] }]] } },
    'forms.a GPU.0.1.tile.0: ',
  ],
  ['reset', 0.5, 'Invalid safe integer'],
  ['predict', { input: [1, 2], batch: 1 }, 'input: no Float32Array'],
  ['predict', { input: Float32Array.of(1), batch: -1 }, 'batch: '],
  ['readState', { config: {}, info: without(label.info, 'step') }, 'info.step: '],
  ['writeState', { state: { parameters: Uint8Array.of(1) }, step: 1 }, 'state.parameters: no Float32Array'],
  ['train', { seed: 3 }, 'plateau: '],
  ['times', { ...times, wallMs: Number.NaN }, 'wallMs: '],
  ['warning', 'x'.repeat(4001), 'Invalid length'],
  ['traces', [{ ...trace, spans: [{ ...trace.spans[0], begun: Number.NaN }] }], '0.spans.0.begun: '],
  ['keepCopy', { ...copy, state: 'none' }, 'state: '],
  ['readCopy', { ...heading, rank: -1 }, 'rank: '],
])(
  'an argument of %s that is none ends the links, with the rank and the field',
  async (name, argument, reason) => {
    const [first, second] = pair();
    const failures = [first, second].map(failureOf);
    serveCalls(second, { [name]: () => expect.unreachable() } as ServedCalls);
    const answered = Promise.resolve(call(callsTo(first, 1), name, argument)).catch(
      (error: unknown) => error,
    );
    const [heard, noticed] = await Promise.all(failures);
    expect(noticed).toBeInstanceOf(PeerError);
    expect((noticed as PeerError).rank).toBe(0);
    expect(noticed.message).toContain(`Rank 0 sent a call of ${name} that is none (${reason}`);
    // The one who sent it hears of it.
    expect(heard.message).toBe(`${noticed.message} (Rank 1 noticed.)`);
    expect([heard, undefined]).toContain(await answered);
  },
);

test.each<[CallName, unknown, string]>([
  [
    'measure',
    { task: 'forecast', answer: { part: { ...part, known: '012' }, climatology, bytesRead: 1 } },
    'answer.part.known: other digits than 0 and 1',
  ],
  ['prepare', { bytes: { arena: -1 }, dataBytes: 0 }, 'bytes.arena: '],
  ['prepare', { bytes: {}, dataBytes: 0, forms: { usual: 'fast', measured: [] } }, 'forms.usual: '],
  ['tune', { adapter: 'a GPU', forms: new Array(10_001).fill(['x', form]), warnings: [] }, 'forms: '],
  [
    'tune',
    { adapter: 'a GPU', forms: [['x', { ...form, splits: 1e9 }]], warnings: [] },
    'forms.0.1.splits: ',
  ],
  ['predict', null, 'no Float32Array'],
  ['readState', { parameters: [1] }, 'parameters: no Float32Array'],
  ['copies', [{ ...heading, mesh: 'all' }], '0.mesh: '],
  ['readCopy', without(copy, 'state'), 'state: '],
])(
  'an answer to %s that is none ends the links, with the rank and the field',
  async (name, answer, reason) => {
    const [first, second] = pair();
    const failures = [first, second].map(failureOf);
    void served(second, name, answer);
    const error: unknown = await Promise.resolve(call(callsTo(first, 1), name, ...samples[name][0][0])).catch(
      (thrown: unknown) => thrown,
    );
    const [noticed] = await Promise.all(failures);
    expect(noticed).toBe(error);
    expect((error as PeerError).rank).toBe(1);
    expect((error as PeerError).message).toContain(
      `Rank 1 sent an answer to ${name} that is none (${reason}`,
    );
  },
);

test('a call that is not served, or that there is none of, is a fault of the caller', async () => {
  for (const name of ['prepare', 'toString', 'fly']) {
    const [first, second] = pair();
    const noticed = failureOf(second);
    serveCalls(second, { warning() {} });
    first.notify(1, name, null);
    expect((await noticed).message).toBe(`Rank 0 sent a call of ${name}, which rank 1 does not answer.`);
  }
});

test('what ranks of one page tell each other is not looked at', async () => {
  const [first, second] = pair(['a', 'a']);
  const heard = served(second, 'predict', null);
  expect(await call(callsTo(first, 1), 'predict', { batch: -1 })).toBe(null);
  expect(await heard).toEqual([{ batch: -1 }, 0]);
});

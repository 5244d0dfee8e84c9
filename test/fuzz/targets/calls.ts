/** Calls of a rank in another browser: their arguments, and what is filled from a shard that it sends. */
import { FrameKind, HEADER_BYTES } from '../../../src/net/frame.ts';
import { serveCalls } from '../../../src/parallel/call-proxies.ts';
import { Links } from '../../../src/parallel/links.ts';
import { pack } from '../../../src/parallel/packing.ts';
import type { CallName, PrepareCommand, ServedCalls } from '../../../src/parallel/rank-calls.ts';
import { classifyFrame } from '../../../src/tasks/classify/frame.ts';
import type { ImageCommand } from '../../../src/tasks/classify/types.ts';
import type { ShardCommand } from '../../../src/tasks/forecast/types.ts';
import { taskKind } from '../../../src/tasks/index.ts';
import { batchesOf } from '../../../src/train/batches.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { messageOf } from '../../node/net/messages.ts';
import { names, samples } from '../../node/parallel/call-samples.ts';
import { shardInputs } from '../../reference/jobs.ts';
import { mutateJson } from '../mutate-json.ts';
import { bytesOf, inputOf, nameOf, type Target } from '../target.ts';

await loadAllKinds();

/** Values of a batch that are worth filling. */
const MOST_VALUES = 2 ** 20;

/** The text of packed values, and the bytes of their arrays behind it: see `parallel/packing`. */
function textOf(packed: Uint8Array<ArrayBuffer>): {
  readonly body: string;
  readonly rebuilt: (body: string) => Uint8Array<ArrayBuffer>;
} {
  const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;
  const length = new DataView(packed.buffer).getUint32(0, true);
  const { slots, body } = JSON.parse(new TextDecoder().decode(packed.subarray(8, 8 + length)));
  const arrays = packed.subarray(aligned(8 + length));
  return {
    body,
    rebuilt(changed) {
      const text = new TextEncoder().encode(JSON.stringify({ slots, body: changed }));
      const bytes = new Uint8Array(aligned(8 + text.length) + arrays.length);
      new DataView(bytes.buffer).setUint32(0, text.length, true);
      bytes.set(text, 8);
      bytes.set(arrays, aligned(8 + text.length));
      return bytes;
    },
  };
}

export const callTarget: Target = {
  name: 'calls',
  about: 'calls of a rank in another browser, and the batches of a shard that it sends',
  // Whatever a peer sends ends the links, but throws nothing.
  allows: () => false,
  async corpus() {
    return names.flatMap(name =>
      samples[name].map(([[argument = null]]) => inputOf(name, new Uint8Array(pack({ name, argument })))),
    );
  },
  mutate(input, random, corpus) {
    const { body, rebuilt } = textOf(bytesOf(input));
    const others = corpus.map(other => textOf(bytesOf(other)).body);
    return inputOf(nameOf(input), rebuilt(mutateJson(body, random, others)));
  },
  async run(input) {
    const { port1, port2 } = new MessageChannel();
    const links = new Links({ rank: 0, ports: new Map([[1, port1]]), generation: 0 });
    const prepared: PrepareCommand[] = [];
    const served = (name: CallName) => [
      name,
      (argument: PrepareCommand) => void (name === 'prepare' && prepared.push(argument)),
    ];
    serveCalls(links, Object.fromEntries(names.map(served)) as ServedCalls);
    const payload = bytesOf(input);
    const message = messageOf(payload.length, 5, { kind: FrameKind.call, from: 1, to: 0, plan: 0 });
    new Uint8Array(message, HEADER_BYTES).set(payload);
    port1.onmessage?.(new MessageEvent('message', { data: message }));
    links.close();
    port2.close();
    for (const command of prepared) fill(command);
  },
};

/** What has passed the check can be trained on. */
function fill({ task, command }: PrepareCommand): void {
  const of = task === 'forecast' ? fieldsOf(command as ShardCommand) : imagesOf(command as ImageCommand);
  if (!of) return;
  const shard = taskKind(task).openShard(of.shard);
  const batches = batchesOf(shard, of.inputs, { batch: 1, globalBatch: 1, offset: 0 });
  const batch = batches.allocate();
  for (let step = 1; step <= shard.samples.length; step++) void batches.fill(batch, 0, step, 1);
}

function fieldsOf(command: ShardCommand) {
  const shard = 'shard' in command ? command.shard : 'given' in command ? command.given.shard : undefined;
  if (!shard || shard.inputs.length * shard.height * shard.width > MOST_VALUES) return undefined;
  return { shard, inputs: shardInputs(shard) };
}

function imagesOf(command: ImageCommand) {
  if (!('shard' in command)) return undefined;
  const { shard } = command;
  return { shard, inputs: classifyFrame({ ...shard.format, classes: 2 }).inputs };
}

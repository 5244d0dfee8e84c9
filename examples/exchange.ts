/**
 * An exchange is an op like any other: two ranks hold half of the rows of x each, and multiply all of x by its transpose
 * after one all-gather. Each rank has its own graph, plan and buffers; what joins them is who carries their blocks, here
 * two lists in one thread, elsewhere links between browsers.
 */
import type { Peers } from '../src/engine/exchange-actions.ts';
import { Executor } from '../src/engine/executor.ts';
import { formsFor } from '../src/engine/forms.ts';
import { allocateSpaces, destroySpaces } from '../src/engine/spaces.ts';
import { readFloats, writeInput } from '../src/engine/transfer.ts';
import type { Gpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { allGather } from '../src/graph/ops/collective.ts';
import { reshape } from '../src/graph/ops/copy.ts';
import { inputTensor } from '../src/graph/ops/leaf.ts';
import { matmul } from '../src/graph/ops/matmul.ts';
import { compile } from '../src/plan/compile.ts';
import { layoutParameters } from '../src/plan/layout.ts';
import { lower } from '../src/plan/lower.ts';
import type { Plan } from '../src/plan/plan.ts';

const RANKS = [0, 1];

/** The plan of one rank: its two rows of x [4, 3] go to the other, whose rows come in. */
function planOf(rank: number): Plan {
  const own = inputTensor('own', [2, 3]);
  const gathered = allGather(own, { name: 'row', members: RANKS, index: rank }); // [2, 2, 3]
  const x = reshape(gathered, [4, 3]);
  return compile({ outputs: { y: matmul(x, x, { transposeB: true }) }, layout: layoutParameters([]) }); // [4, 4]
}

type Bytes = Uint8Array<ArrayBuffer>;

/** A block that one rank puts in and the other takes out, whoever comes first. */
function mailbox() {
  let put!: (block: Bytes) => void;
  const taken = new Promise<Bytes>(resolve => {
    put = resolve;
  });
  return { put, taken };
}

/** Carries blocks by receiver and exchange. */
function mailboxes() {
  const boxes = new Map<string, ReturnType<typeof mailbox>>();
  const box = (receiver: number, exchange: number) => {
    const key = `${receiver} ${exchange}`;
    const found = boxes.get(key) ?? mailbox();
    boxes.set(key, found);
    return found;
  };
  return (rank: number): Peers => ({
    send: (peer, exchange, bytes) => box(peer, exchange).put(bytes.slice()),
    receive: (_, exchange) => box(rank, exchange).taken,
    release: () => {},
  });
}

/** @returns y [4, 4] as each rank computed it */
export async function exchange(gpu: Gpu): Promise<Float32Array[]> {
  const pipelines = new PipelineCache(gpu.device);
  const peersOf = mailboxes();
  return Promise.all(
    RANKS.map(async rank => {
      const plan = lower(planOf(rank), formsFor(gpu));
      const spaces = await allocateSpaces(gpu, plan);
      const executor = await Executor.create(gpu, pipelines, plan, spaces);
      writeInput(
        gpu.device,
        executor,
        'own',
        Float32Array.from({ length: 6 }, (_, i) => 6 * rank + i),
      );
      await executor.run(peersOf(rank));
      const { buffer, offset, bytes } = executor.locate('y');
      const y = await readFloats(gpu.device, buffer, offset, bytes);
      executor.destroy();
      destroySpaces(spaces);
      return y;
    }),
  );
}

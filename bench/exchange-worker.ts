/**
 * A rank that swaps blocks with another one again and again, from device to device, as those of a run do. It is told its place
 * and its link, and then, as often as it is asked, so many rounds: it answers with the milliseconds of each.
 */
import { Executor } from '../src/engine/executor.ts';
import { allocateSpaces } from '../src/engine/spaces.ts';
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { Links } from '../src/parallel/links.ts';
import { type SwapOrder, swaps } from './swaps.ts';

const gpu = await openGpu(navigator.gpu);
let links: Links;
let executor: Executor;
let step = 0;

async function swap(rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    step++;
    links.beginRound(step);
    await executor.run(links);
    times.push(performance.now() - begun);
  }
  return times;
}

addEventListener('message', async ({ data }: MessageEvent<SwapOrder>) => {
  if (typeof data === 'number') {
    postMessage(await swap(data));
    return;
  }
  const { rank, port } = data;
  const peer = 1 - rank;
  const plan = swaps(peer);
  links = new Links({ rank, ports: new Map([[peer, port]]), generation: 0 });
  const spaces = await allocateSpaces(gpu, plan);
  executor = await Executor.create(gpu, new PipelineCache(gpu.device), plan, spaces);
  postMessage([]);
});
postMessage([]);

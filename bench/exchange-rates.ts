/** What an exchange takes besides the line's time, from blocks that ranks in workers swap, each with a device of its own. */
import { connectLocal } from '../src/net/local-link.ts';
import { EXCHANGES, type SwapOrder } from './swaps.ts';

/** Of a round of swaps, the first of which are not counted. */
const ROUNDS = 23;
const WARM_UP = 3;
/** Pairs of ranks that swap at a time until the machine is busy. */
const PAIRS = 4;

export interface ExchangeRates {
  /** From blocks on a device until they are on the other, while all cores are busy with the kernels of others; but for the next. */
  readonly secondsPerExchange: number;
  /** Of it, what it takes of the machine: where that has no time to spare, of its time for each. */
  readonly sharedSecondsPerExchange: number;
}

/** On a software adapter, whose kernels run on the cores that carry exchanges, too. */
export async function exchangeRates(): Promise<ExchangeRates> {
  const swapping = await openPairs();
  const sharedSecondsPerExchange = (await seconds(swapping)) / swapping.length;
  const busy = await open(navigator.hardwareConcurrency, busyWorker);
  const inAll = await seconds(swapping.slice(0, 2));
  for (const worker of [...swapping, ...busy]) worker.terminate();
  return {
    secondsPerExchange: Math.max(0, inAll - sharedSecondsPerExchange),
    sharedSecondsPerExchange,
  };
}

/** Workers with a rank each, every other one and the one before linked without latency. */
async function openPairs(): Promise<Worker[]> {
  const workers = await open(2 * PAIRS, exchangeWorker);
  const links = Array.from({ length: PAIRS }, () => connectLocal({ latencyMs: 0, megabytesPerSecond: 1e6 }));
  const linked = links.flat().map((port, i) => ask(workers[i], { rank: i % 2, port }, [port]));
  await Promise.all(linked);
  return workers;
}

/** That an exchange takes while all of these are at it. */
async function seconds(workers: readonly Worker[]): Promise<number> {
  const rounds = await Promise.all(workers.map(worker => ask(worker, ROUNDS)));
  return median(rounds.flatMap(ms => ms.slice(WARM_UP))) / EXCHANGES / 1000;
}

const exchangeWorker = () => new Worker(new URL('./exchange-worker.ts', import.meta.url), { type: 'module' });
const busyWorker = () => new Worker(new URL('./busy-worker.ts', import.meta.url), { type: 'module' });

/** Workers that have said that they are ready. */
const open = (count: number, start: () => Worker): Promise<Worker[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const worker = start();
      await answerOf(worker);
      return worker;
    }),
  );

function ask(worker: Worker, order: SwapOrder, given: Transferable[] = []): Promise<readonly number[]> {
  const answer = answerOf(worker);
  worker.postMessage(order, given);
  return answer;
}

const answerOf = (worker: Worker) =>
  new Promise<readonly number[]>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<readonly number[]>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

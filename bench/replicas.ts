/**
 * The page of `npm run bench -- replicas`: how much of the sums of gradients over replicas is hidden behind the backward
 * pass. ResNet-18 on images of 32 x 32, two replicas in workers of this page, over emulated links.
 */
import { type Remote, transfer, wrap } from 'comlink';
import { connectLocal } from '../src/net/local-link.ts';
import type { ReplicaApi } from './replica-worker.ts';

const REPLICAS = 2;
const STEPS = 5;
/** Steps that are not counted: pipelines are warmed up, and the replicas fall into step. */
const WARM_UP = 1;

const asked = new URLSearchParams(location.search);
/** Samples of a replica. */
const batches = (asked.get('batches') ?? '4,1').split(',').map(Number);
/** Milliseconds one way and MB/s. */
const links = (asked.get('links') ?? '0.5-60,5-20').split(',').map(text => text.split('-').map(Number));

const report = document.querySelector('#report');
function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

function spread(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const text = `${mean.toFixed(0)} (${least.toFixed(0)}-${most.toFixed(0)})`;
  return { mean, least, most, text };
}

const replicas: readonly Remote<ReplicaApi>[] = Array.from({ length: REPLICAS }, () =>
  wrap<ReplicaApi>(new Worker(new URL('./replica-worker.ts', import.meta.url), { type: 'module' })),
);
const results: object[] = [];
print(
  `ResNet-18, 32 x 32, ${REPLICAS} replicas; mean over ranks and ${STEPS - WARM_UP} steps (least and most)`,
);
print('batch  link                    step ms          exchange           exposed         hidden %');
for (const batch of batches) {
  for (const [latencyMs, megabytesPerSecond] of links) {
    const [first, second] = connectLocal({ latencyMs, megabytesPerSecond });
    const told = await Promise.all(
      [first, second].map((port, rank) => {
        const ports = rank === 0 ? [null, port] : [port, null];
        return replicas[rank].train(transfer({ ports, rank, batch, steps: STEPS }, [port]));
      }),
    );
    const times = told.flatMap(({ steps }) => steps.slice(WARM_UP));
    const step = spread(times.map(({ wallMs }) => wallMs));
    const exchange = spread(times.map(({ exchangeMs }) => exchangeMs));
    const exposed = spread(times.map(({ exposedExchangeMs }) => exposedExchangeMs));
    const hidden = spread(
      times.map(({ exchangeMs, exposedExchangeMs }) => 100 * (1 - exposedExchangeMs / exchangeMs)),
    );
    const cells = [step, exchange, exposed, hidden].map(({ text }) => text.padStart(18));
    const link = `${latencyMs} ms, ${megabytesPerSecond} MB/s`;
    print(`${String(batch).padStart(5)}  ${link.padEnd(16)}${cells.join('')}`);
    const { bytesSent, messagesSent, losses } = told[0];
    results.push({ batch, latencyMs, megabytesPerSecond, step, exchange, exposed, hidden, losses });
    print(
      `       ${(bytesSent / 1e6).toFixed(1)} MB, ${messagesSent} messages a rank and step; losses ${losses}`,
    );
  }
}
Object.assign(window, { __benchResult: results });

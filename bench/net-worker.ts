/** A rank of the transport bench: it sends blocks as an exchange does, and takes or returns those of the other rank. */
import { Links } from '../src/parallel/links.ts';

/** From the page: the port to the other rank, once, and then one order at a time. */
export type BenchOrder =
  | { readonly port: MessagePort; readonly from: number; readonly to: number }
  | { readonly bytes: number; readonly count: number; readonly isEcho: boolean };

/** What the other rank is called for, ahead of the blocks. */
interface Burst {
  readonly bytes: number;
  readonly count: number;
}

/** Blocks are copied from here, as they are from the mapped memory of a device. */
const memory = new Uint8Array(4 * 2 ** 20);
let links: Links;
let peer = 0;

addEventListener('message', async ({ data }: MessageEvent<BenchOrder>) => {
  if ('port' in data) {
    peer = data.to;
    links = new Links({ rank: data.from, ports: new Map([[peer, data.port]]), generation: 0 });
    links.answer((name, burst) => (name === 'echo' ? echo(burst as Burst) : take(burst as Burst)));
    links.onFailure(error => {
      throw error;
    });
    return;
  }
  const { bytes, count, isEcho } = data;
  const start = performance.now();
  const answer = links.call(peer, isEcho ? 'echo' : 'take', { bytes, count } satisfies Burst);
  for (let exchange = 0; exchange < count; exchange++) links.send(peer, exchange, memory.subarray(0, bytes));
  await (isEcho ? Promise.all([answer, links.receive(peer, 0, bytes)]) : answer);
  postMessage(performance.now() - start);
});

async function take({ bytes, count }: Burst): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, exchange) =>
      links.release(await links.receive(peer, exchange, bytes)),
    ),
  );
}

async function echo({ bytes }: Burst): Promise<void> {
  const block = await links.receive(peer, 0, bytes);
  links.send(peer, 0, block);
  links.release(block);
}

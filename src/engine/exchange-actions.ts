/**
 * The two halves of an exchange on the device: blocks that go out are copied to buffers that the host can read, and
 * sent from there; blocks that have arrived are written to their places.
 */
import { mapForReading } from '../gpu/mapping.ts';
import { usage } from '../gpu/usage.ts';
import { assignBlocks } from '../plan/memory.ts';
import type { FinishStep, Plan, StartStep, WirePrecision } from '../plan/plan.ts';
import type { ExchangeClock } from './exchange-clock.ts';
import { bindingOf, type Spaces } from './spaces.ts';

/** How the exchanges of a plan reach the peers. */
export interface Peers {
  /** Sends a block; the bytes are copied before this returns. @throws where it cannot, or must not, be sent */
  send(peer: number, exchange: number, bytes: Uint8Array<ArrayBuffer>, wire: WirePrecision): void;
  /**
   * The block that a peer sends in an exchange: `bytes` long.
   * @throws whatever makes it impossible, such as a peer that is gone.
   */
  receive(
    peer: number,
    exchange: number,
    bytes: number,
    wire: WirePrecision,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** A block that was received has been read: its memory may serve for another. */
  release(block: Uint8Array<ArrayBuffer>): void;
}

export interface StartAction {
  readonly kind: 'start';
  readonly exchange: number;
  readonly wire: WirePrecision;
  /** Blocks that go out, each once, and what of the staging buffer goes to whom. */
  readonly copies: readonly { readonly from: GPUBufferBinding; readonly at: number }[];
  readonly sends: readonly { readonly peer: number; readonly at: number; readonly bytes: number }[];
  readonly staging: GPUBuffer;
  readonly bytes: number;
}

export interface FinishAction {
  readonly kind: 'finish';
  readonly exchange: number;
  readonly wire: WirePrecision;
  readonly receives: readonly { readonly peer: number; readonly to: GPUBufferBinding }[];
  readonly keep?: { readonly from: GPUBufferBinding; readonly to: GPUBufferBinding };
}

export function startAction(
  { exchange, sends, wire = 'f32' }: StartStep,
  spaces: Spaces,
  staging: GPUBuffer,
): StartAction {
  const offsets = new Map<string, number>();
  const copies: { from: GPUBufferBinding; at: number }[] = [];
  let bytes = 0;
  const staged = sends.map(({ peer, at: placement }) => {
    const key = `${placement.space} ${placement.block} ${placement.offset}`;
    let at = offsets.get(key);
    if (at === undefined) {
      at = bytes;
      offsets.set(key, at);
      copies.push({ from: bindingOf(spaces, placement), at });
      bytes += placement.bytes;
    }
    return { peer, at, bytes: placement.bytes };
  });
  return { kind: 'start', exchange, wire, copies, sends: staged, staging, bytes };
}

export function finishAction(
  { exchange, receives, keep, wire = 'f32' }: FinishStep,
  spaces: Spaces,
): FinishAction {
  return {
    kind: 'finish',
    exchange,
    wire,
    receives: receives.map(({ peer, at }) => ({ peer, to: bindingOf(spaces, at) })),
    ...(keep ? { keep: { from: bindingOf(spaces, keep.from), to: bindingOf(spaces, keep.to) } } : {}),
  };
}

/** Maps what was staged, and sends it. @param first see `RunOptions.firstExchange` */
export async function sendStaged(
  device: GPUDevice,
  { staging, sends, exchange, wire, bytes }: StartAction,
  peers: Peers,
  first: number,
  clock: ExchangeClock,
): Promise<void> {
  await mapForReading(device, staging, bytes);
  const mapped = new Uint8Array(staging.getMappedRange(0, bytes));
  for (const { peer, at, bytes: length } of sends)
    peers.send(peer, first + exchange, mapped.subarray(at, at + length), wire);
  staging.unmap();
  clock.sent(exchange);
}

/** The blocks of all peers, in the order of the action. */
export async function receiveAll(
  { receives, exchange, wire }: FinishAction,
  peers: Peers,
  first: number,
  clock: ExchangeClock,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const blocks = await Promise.all(
    receives.map(({ peer, to }) => peers.receive(peer, first + exchange, to.size ?? 0, wire)),
  );
  clock.arrived(exchange);
  return blocks;
}

/** Host-visible buffers for what goes out, shared by exchanges that are never in flight together. */
export function stagingBuffers(device: GPUDevice, plan: Plan) {
  const starts = [...plan.steps.entries()].filter(
    (entry): entry is [number, StartStep] => entry[1].kind === 'start',
  );
  const ends = new Map(
    plan.steps.flatMap((step, index) => (step.kind === 'finish' ? [[step.exchange, index] as const] : [])),
  );
  const { block, blocks } = assignBlocks(
    starts.map(([first, step]) => ({
      bytes: stagedBytes(step),
      first,
      last: ends.get(step.exchange) ?? first,
    })),
    // A buffer that is mapped takes no copies.
    () => true,
  );
  const buffers = blocks.map(size =>
    device.createBuffer({ label: 'outgoing blocks', size, usage: usage.readBack }),
  );
  const numbers = new Map(starts.map(([, step], index) => [step, block[index]]));
  return { buffers, of: (step: StartStep) => buffers[numbers.get(step)!] };
}

function stagedBytes({ sends }: StartStep): number {
  const distinct = new Map(sends.map(({ at }) => [`${at.space} ${at.block} ${at.offset}`, at.bytes]));
  return [...distinct.values()].reduce((total, bytes) => total + bytes, 0);
}

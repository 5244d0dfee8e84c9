/** A rank of the transport bench: it sends what the page asks for, and answers what another rank sends. */
import { FrameKind, HEADER_BYTES, readHeader, writeHeader } from '../src/net/frame.ts';

/** From the page: the port to the other rank, once, and then one order at a time. */
export type BenchOrder =
  | { readonly port: MessagePort; readonly from: number; readonly to: number }
  | { readonly bytes: number; readonly count: number; readonly isEcho: boolean };

let port: MessagePort;
let from = 0;
let to = 0;
let answered: () => void = () => {};

addEventListener('message', async ({ data }: MessageEvent<BenchOrder>) => {
  if ('port' in data) {
    ({ port, from, to } = data);
    port.onmessage = receive;
    return;
  }
  const { bytes, count, isEcho } = data;
  const answer = new Promise<void>(resolve => {
    answered = resolve;
  });
  const start = performance.now();
  for (let left = count - 1; left >= 0; left--) post(isEcho ? FrameKind.call : FrameKind.data, bytes, left);
  await answer;
  postMessage(performance.now() - start);
});

/** @param left how many messages come after this one */
function post(kind: FrameKind, bytes: number, left: number, message = new ArrayBuffer(HEADER_BYTES + bytes)) {
  const part = { index: 0, bytes };
  const identity = { kind, flags: 0, plan: 0, step: left, exchange: 0, from, to, generation: 0 };
  writeHeader(message, { ...identity, total: bytes, part, checksum: 0 });
  port.postMessage(message, [message]);
}

function receive({ data }: MessageEvent<ArrayBuffer>): void {
  const { kind, step, total } = readHeader(data);
  if (kind === FrameKind.reply) answered();
  else if (kind === FrameKind.call) post(FrameKind.reply, total, 0, data);
  else if (step === 0) post(FrameKind.reply, 0, 0);
}

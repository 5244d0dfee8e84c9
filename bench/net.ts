/**
 * The transport bench: throughput and round trip by message size, beside a bare data channel between the same two
 * pages. The command opens this page twice: the near page, which measures, and the far one (`#far`), which answers.
 * They signal over a BroadcastChannel. Transports take turns, so that a busy spell of the machine meets them all.
 */
import { openConnections, signalFrom } from '../src/net/connections.ts';
import { connectLocal } from '../src/net/local-link.ts';
import { createPeerLink } from '../src/net/peer-link.ts';
import { type Loop, openBare } from './net-bare.ts';
import type { BenchOrder } from './net-worker.ts';

const isNear = location.hash !== '#far';
/** Over a long line all takes longer, and connections count: fewer sizes and rounds, more links. */
const isLong = new URLSearchParams(location.search).has('long');
const rounds = isLong ? 3 : 9;
const sizes = (isLong ? [64, 1024] : [1, 16, 64, 256, 1024, 4096]).map(kibibytes => kibibytes * 1024);
/** A burst is so many bytes, or so many messages where they are small: long enough for what it begins and ends with. */
const burstBytes = (isLong ? 8 : 64) * 2 ** 20;
const burstMessages = 2048;
const echoes = 2;
/** Peer connections of the links that are compared; undefined leaves it to the link, as a run does. */
const connectionCounts = isLong ? [1, 2, 4] : [undefined];
const nameOf = (connections: number | undefined) =>
  connections === undefined ? 'link' : `link of ${connections}`;

const report = document.querySelector('#report');

function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

function signalling(name: string) {
  const channel = new BroadcastChannel(name);
  return {
    signal: (message: unknown) => channel.postMessage(message),
    onSignal(listener: (message: unknown) => void) {
      channel.onmessage = ({ data }) => listener(data);
    },
  };
}

function startRank(port: MessagePort, from: number, to: number): Loop {
  const worker = new Worker(new URL('./net-worker.ts', import.meta.url), { type: 'module' });
  const setUp: BenchOrder = { port, from, to };
  worker.postMessage(setUp, [port]);
  const order = (order: BenchOrder) =>
    new Promise<number>(resolve => {
      worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      worker.postMessage(order);
    });
  return {
    burst: (bytes, count) => order({ bytes, count, isEcho: false }),
    roundTrip: bytes => order({ bytes, count: 1, isEcho: true }),
  };
}

function openLocal(): Loop {
  const [here, there] = connectLocal();
  startRank(there, 1, 0);
  return startRank(here, 0, 1);
}

async function openBareLoop(): Promise<Loop> {
  const { signal, onSignal } = signalling('bare');
  const channel = await new Promise<RTCDataChannel>((resolve, reject) => {
    const ignore = () => {};
    const connections = openConnections({
      initiator: isNear,
      signal,
      connections: 1,
      onOpen: ({ lane }) => resolve(lane),
      onLane: ignore,
      onFrame: ignore,
      onNote: ignore,
      onLost: reason => reject(new Error(reason)),
    });
    onSignal(message => connections.accept(signalFrom(message)));
  });
  return openBare(channel, isNear);
}

async function openLink(connections: number | undefined): Promise<Loop> {
  const { signal, onSignal } = signalling(nameOf(connections));
  const link = createPeerLink({ initiator: isNear, signal, connections });
  onSignal(link.accept);
  link.onClose(reason => {
    throw new Error(`The link ended: ${reason}`);
  });
  const [outer, inner] = connectLocal();
  const [from, to] = isNear ? [0, 1] : [1, 0];
  link.attach(0, from, to, outer);
  const rank = startRank(inner, from, to);
  // Left to itself, a link near by has one connection and never more.
  await (connections === undefined ? link.ready : link.complete);
  return rank;
}

function quantile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * part)];
}

const median = (values: readonly number[]) => quantile(values, 0.5);

const [bare, ...links] = await Promise.all([openBareLoop(), ...connectionCounts.map(openLink)]);
if (isNear) {
  const named = connectionCounts.map((count, i) => [nameOf(count), links[i]] as const);
  const transports = { bare, ...Object.fromEntries(named), port: openLocal() };
  Reflect.set(window, '__benchResult', await compare(transports));
}

/** Prints for each size: MB/s of each transport, the same as a share of the bare loop's, and round trips in ms. */
async function compare(transports: Readonly<Record<string, Loop>>) {
  const names = Object.keys(transports);
  const line = (head: string, cells: readonly string[]) =>
    print(head.padEnd(10) + cells.map(cell => cell.padStart(18)).join(''));
  print(`Medians of ${rounds} rounds: MB/s; share of bare, with its quartiles; round trip`);
  line('message', names);
  const rows = [];
  for (const bytes of sizes) {
    const rates: Record<string, number[]> = Object.fromEntries(names.map(name => [name, []]));
    const trips: Record<string, number[]> = Object.fromEntries(names.map(name => [name, []]));
    const count = Math.max(1, Math.min(burstMessages, Math.floor(burstBytes / bytes)));
    for (let round = 0; round <= rounds; round++) {
      // The first round is not counted; every other one goes backwards, so that drift meets both neighbours.
      for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        const ms = await transports[name].burst(bytes, count);
        if (round > 0) rates[name].push((bytes * count) / 1000 / ms);
        for (let i = 0; i < echoes; i++) {
          const trip = await transports[name].roundTrip(bytes);
          if (round > 0) trips[name].push(trip);
        }
      }
    }
    const figures = names.map(name => {
      const shares = rates[name].map((rate, i) => rate / rates.bare[i]);
      return {
        name,
        megabytesPerSecond: median(rates[name]),
        shareOfBare: [0.25, 0.5, 0.75].map(part => quantile(shares, part)),
        roundTripMs: median(trips[name]),
      };
    });
    rows.push({ bytes, figures });
    line(
      `${bytes / 1024} KiB`,
      figures.map(({ megabytesPerSecond }) => megabytesPerSecond.toFixed(1)),
    );
    line(
      '',
      figures.map(({ shareOfBare: [low, middle, high] }) =>
        [middle, low, high].map(share => share.toFixed(2)).join(' '),
      ),
    );
    line(
      '',
      figures.map(({ roundTripMs }) => `${roundTripMs.toFixed(1)} ms`),
    );
  }
  return { rounds, rows };
}

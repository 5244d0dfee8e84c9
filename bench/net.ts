/**
 * The transport bench: throughput and round trip by message size, beside a bare data channel between the same two
 * pages. The command opens this page twice: the near page, which measures, and the far one (`#far`), which answers.
 * They signal over a BroadcastChannel. Transports take turns, so that a busy spell of the machine meets them all.
 */
import { openConnections, signalFrom } from '../src/net/connections.ts';
import { connectLocal } from '../src/net/local-link.ts';
import { createPeerLink } from '../src/net/peer-link.ts';
import { type BareLoop, openBare } from './net-bare.ts';
import type { BenchOrder } from './net-worker.ts';

const isNear = location.hash !== '#far';
const rounds = 5;
const sizes = [1, 16, 64, 256, 1024, 4096].map(kibibytes => kibibytes * 1024);
/** A burst is so many bytes, or so many messages where they are small. */
const burstBytes = 8 * 2 ** 20;
const burstMessages = 2048;
const echoes = 5;

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

function startRank(port: MessagePort, from: number, to: number): BareLoop {
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

function openLocal(): BareLoop {
  const [here, there] = connectLocal();
  startRank(there, 1, 0);
  return startRank(here, 0, 1);
}

async function openBareLoop(): Promise<BareLoop> {
  const { signal, onSignal } = signalling('bare');
  const channel = await new Promise<RTCDataChannel>((resolve, reject) => {
    const connections = openConnections({
      initiator: isNear,
      signal,
      connections: 1,
      onOpen: () => resolve(connections.lanes[0]),
      onLost: reason => reject(new Error(reason)),
    });
    onSignal(message => connections.accept(signalFrom(message)));
  });
  return openBare(channel, isNear);
}

async function openLink(name: string, connections?: number): Promise<BareLoop> {
  const { signal, onSignal } = signalling(name);
  const link = createPeerLink({ initiator: isNear, signal, connections });
  onSignal(link.accept);
  link.onClose(reason => print(`The link ended: ${reason}`));
  const [outer, inner] = connectLocal();
  const [from, to] = isNear ? [0, 1] : [1, 0];
  link.attach(0, from, to, outer);
  const rank = startRank(inner, from, to);
  await link.ready;
  return rank;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

const linkCounts = new URLSearchParams(location.search).get('connections')?.split(',').map(Number) ?? [2];
const [bare, ...links] = await Promise.all([
  openBareLoop(),
  ...linkCounts.map(count => openLink(`link ${count}`, count)),
]);

if (isNear) {
  const transports: Record<string, BareLoop> = { bare };
  linkCounts.forEach((count, i) => {
    transports[`link ${count}`] = links[i];
  });
  transports.port = openLocal();
  const names = Object.keys(transports);
  print(
    `${'message'.padEnd(10)}${names.map(name => name.padStart(10)).join('')}  MB/s | ratios | round trip ms`,
  );
  const rows = [];
  for (const bytes of sizes) {
    const count = Math.max(1, Math.min(burstMessages, burstBytes / bytes));
    const rates: Record<string, number[]> = {};
    const trips: Record<string, number[]> = {};
    for (const name of names) {
      rates[name] = [];
      trips[name] = [];
    }
    for (let round = 0; round <= rounds; round++) {
      const order = round % 2 === 0 ? names : [...names].reverse();
      for (const name of order) {
        const ms = await transports[name].burst(bytes, count);
        if (round > 0) rates[name].push((bytes * count) / 1000 / ms);
        for (let i = 0; i < echoes; i++) {
          const trip = await transports[name].roundTrip(bytes);
          if (round > 0) trips[name].push(trip);
        }
      }
    }
    const figures = names.map(name => ({
      name,
      megabytesPerSecond: median(rates[name]),
      ofBare: median(rates[name].map((rate, i) => rate / rates.bare[i])),
      roundTripMs: median(trips[name]),
    }));
    rows.push({ bytes, figures });
    print(
      `${`${bytes / 1024} KiB`.padEnd(10)}${figures.map(f => f.megabytesPerSecond.toFixed(1).padStart(10)).join('')} |` +
        `${figures.map(f => f.ofBare.toFixed(2).padStart(6)).join('')} |${figures.map(f => f.roundTripMs.toFixed(1).padStart(8)).join('')}`,
    );
  }
  Reflect.set(window, '__benchResult', { rounds, rows });
} else {
  Reflect.set(window, '__benchResult', 'far');
}

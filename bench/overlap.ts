/**
 * How much of the exchanges of a step is hidden: the demo's training step with a batch of eight on ranks in workers of
 * this page, over emulated links, with overlap off (every exchange is waited for at once, one micro-batch) and on (two
 * micro-batches). The two take turns, so that a busy spell of the machine meets both.
 */

import { type MeshShape, meshName, parseMesh } from '../src/mesh/mesh.ts';
import type { Emulation } from '../src/net/local-link.ts';
import type { MeshConfig } from '../src/session/api/run-config.ts';
import { BATCH, type Figures, openRanks } from './overlap-ranks.ts';

const ROUNDS = 4;
/** One way. */
const EVEN_LATENCY_MS = 2;

const asked = new URLSearchParams(location.search);
const meshes = (asked.get('meshes') ?? '1x2,2x2').split(',').map(text => parseMesh(text));
/** Milliseconds one way and MB/s; `even`: so slow that exchanges take as long as computing when nothing is hidden. */
const links = (asked.get('links') ?? '0.5-60,5-20,even').split(',');
const modes: Record<'off' | 'on', Omit<MeshConfig, keyof MeshShape>> = {
  off: { overlap: false, microBatches: 1 },
  on: { overlap: true, microBatches: 2 },
};

const report = document.querySelector('#report');
function print(line: string): void {
  console.log(line);
  report?.append(`${line}\n`);
}

const ranks = await openRanks();

/** Finds the rate in two tries: what of an exchange is not the line's is known after the first. */
async function evenLink(mesh: MeshShape): Promise<Emulation> {
  const fast = await ranks.measure({ ...mesh, ...modes.off }, { latencyMs: 0, megabytesPerSecond: 1e6 });
  const computeMs = fast.stepMs - fast.exposedMs;
  const rateFor = (lineMs: number) => fast.bytes / 1000 / lineMs;
  const first = { latencyMs: EVEN_LATENCY_MS, megabytesPerSecond: rateFor(computeMs) };
  const { exchangeMs } = await ranks.measure({ ...mesh, ...modes.off }, first);
  const besides = exchangeMs - computeMs;
  print(`${meshName(mesh)}: computing takes ${computeMs.toFixed(0)} ms, exchanges ${besides.toFixed(0)} ms`);
  print(`besides the line's time`);
  return { ...first, megabytesPerSecond: rateFor(Math.max(computeMs / 4, computeMs - besides)) };
}

async function emulationOf(mesh: MeshShape, link: string): Promise<Emulation> {
  if (link === 'even') return evenLink(mesh);
  const [latencyMs, megabytesPerSecond] = link.split('-').map(Number);
  if (!(latencyMs >= 0 && megabytesPerSecond > 0)) {
    throw new Error(`A link is a latency in ms and a rate in MB/s, as 5-20, or even; "${link}" is neither.`);
  }
  return { latencyMs, megabytesPerSecond };
}

/** Mean of the rounds, and the smallest and largest. */
function spread(all: readonly Figures[], pick: (figures: Figures) => number, digits = 0) {
  const values = all.map(pick);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const text = `${mean.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
  return { mean, least, most, text };
}

const results = [];
print(`demo, batch ${BATCH}; means over ranks and steps of ${ROUNDS} rounds (least and most of a round)`);
for (const mesh of meshes) {
  for (const link of links) {
    const emulation = await emulationOf(mesh, link);
    const runs: Record<'off' | 'on', Figures[]> = { off: [], on: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const mode of ['off', 'on'] as const) {
        runs[mode].push(await ranks.measure({ ...mesh, ...modes[mode] }, emulation));
      }
    }
    const { latencyMs, megabytesPerSecond } = emulation;
    print(`\n${meshName(mesh)}, ${latencyMs} ms, ${megabytesPerSecond.toPrecision(3)} MB/s`);
    print('overlap             step ms          computing           exchange            exposed   hidden');
    for (const [mode, all] of Object.entries(runs)) {
      const step = spread(all, ({ stepMs }) => stepMs);
      const compute = spread(all, ({ stepMs, exposedMs }) => stepMs - exposedMs);
      const exchange = spread(all, ({ exchangeMs }) => exchangeMs);
      const exposed = spread(all, ({ exposedMs }) => exposedMs);
      const hidden = spread(
        all,
        ({ exchangeMs, exposedMs }) => 100 * Math.max(0, 1 - exposedMs / exchangeMs),
      );
      const cells = [step, compute, exchange, exposed].map(({ text }) => text.padStart(19));
      print(`${mode.padEnd(8)}${cells.join('')}   ${hidden.text} %`);
      results.push({
        mesh: meshName(mesh),
        ...emulation,
        overlap: mode,
        step,
        compute,
        exchange,
        exposed,
        hidden,
      });
    }
    const ratios = runs.off.map(({ stepMs }, round) => ({
      ...runs.off[round],
      stepMs: stepMs / runs.on[round].stepMs,
    }));
    print(`a step is ${spread(ratios, ({ stepMs }) => stepMs, 2).text} times faster with overlap`);
    print(
      `${(runs.on[0].bytes / 1e6).toFixed(2)} MB and ${runs.on[0].messages.toFixed(0)} messages a rank and step`,
    );
  }
}
Object.assign(window, { __benchResult: results });

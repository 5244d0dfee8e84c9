/**
 * Does a cut pay? A step of all ranks on cards and links that are described by rates, beside the same step on one card: the
 * plans that would run, on the simulator. Takes a second or more, since exchanges are hidden behind work as they would be.
 */
import { meshAt, ranksOf } from '../../mesh/mesh.ts';
import { typicalMachine } from '../../plan/machine.ts';
import type { Plan } from '../../plan/plan.ts';
import type { StepTrace } from '../../plan/trace.ts';
import { type SimulatedDevice, simulate } from '../../simulate/simulate.ts';
import type { RankPlans } from '../../train/plans.ts';
import type { MemorySummary } from './api.ts';
import { type Card, type Setting, usualGigaflops } from './cut-settings.ts';
import { memoryIn, passesOf, plansAt, type Whole } from './cuts.ts';
import type { MeshConfig } from './run-config.ts';

export interface PredictedStep {
  readonly name: string;
  readonly seconds: number;
  /** Of it, mean over the ranks: what is waited for exchanges with nothing else to do. */
  readonly waitingSeconds: number;
  /** The same step undivided, on the first card. */
  readonly aloneSeconds: number;
}

export interface Prediction {
  readonly mesh: MeshConfig;
  /** Of a rank, with exchanges hidden where the mesh has it so. */
  readonly memory: MemorySummary;
  readonly steps: readonly PredictedStep[];
}

/**
 * What goes with a card's GFLOP/s. On a software adapter as measured (docs/performance.md); of a real card assumed: five
 * FLOP in the time of a byte, 10 us to begin a kernel, 0.2 ms from its memory to a link.
 */
function deviceOf({ gigaflops = usualGigaflops, software = false }: Card): SimulatedDevice {
  const flopsPerSecond = 1e9 * gigaflops;
  if (software) {
    return {
      flopsPerSecond,
      bytesPerSecond: flopsPerSecond / 6,
      secondsPerDispatch: 48e-6,
      secondsPerExchange: 0.82e-3,
      sharedSecondsPerExchange: 0.39e-3,
    };
  }
  return {
    flopsPerSecond,
    bytesPerSecond: flopsPerSecond / 5,
    secondsPerDispatch: 10e-6,
    secondsPerExchange: 0.2e-3,
  };
}

/**
 * @param mesh is possible: see `whyNot`
 * @param pause awaited between the parts of the work, none of which takes long
 */
export async function predictionOf(
  whole: Whole,
  mesh: MeshConfig,
  settings: readonly Setting[],
  pause: () => Promise<void>,
): Promise<Prediction> {
  const { accumulate } = whole.settings;
  const alone = passesOf(whole.plans.training, accumulate);
  const plans = await overlappedPlans(whole, mesh, pause);
  const passes = plans.map(({ training }) => passesOf(training, accumulate));
  const steps: PredictedStep[] = [];
  for (const { name, cards, cardOf, latencyMs, megabytesPerSecond } of settings) {
    await pause();
    const link = { latencySeconds: latencyMs / 1000, bytesPerSecond: 1e6 * megabytesPerSecond };
    const shared = cards.map(deviceOf);
    const machines = plans.map((_, rank) => ({
      device: cardOf ? shared[cardOf[rank]] : deviceOf(cards[0]),
      linkTo: () => link,
    }));
    const { seconds, waitingSeconds } = simulatedPasses(passes, machines);
    const aloneMachine = { device: shared[cardOf?.[0] ?? 0], linkTo: () => link };
    const aloneSeconds = simulatedPasses([alone], [aloneMachine]).seconds;
    steps.push({ name, seconds, waitingSeconds, aloneSeconds });
  }
  return { mesh, memory: memoryIn(plans[0]), steps };
}

async function overlappedPlans(
  whole: Whole,
  mesh: MeshConfig,
  pause: () => Promise<void>,
): Promise<RankPlans[]> {
  const ranks = ranksOf(mesh);
  if (ranks === 1) return [whole.plans];
  const overlap = (mesh.overlap ?? true) ? typicalMachine : undefined;
  const plans: RankPlans[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    await pause();
    plans.push(plansAt(whole, meshAt(mesh, rank), mesh, overlap));
  }
  return plans;
}

/** Passes follow each other: the next begins when all ranks are done. */
function simulatedPasses(
  passesByRank: readonly (readonly Plan[])[],
  machines: Parameters<typeof simulate>[1],
) {
  const hashes = passesByRank.map((_, rank) => `rank ${rank}`);
  const results = new Map<Plan, { seconds: number; waitingSeconds: number }>();
  return passesByRank[0].reduce(
    (sum, first, pass) => {
      const known =
        results.get(first) ??
        timesOf(
          simulate(
            passesByRank.map(passes => passes[pass]),
            machines,
            hashes,
          ),
        );
      results.set(first, known);
      return {
        seconds: sum.seconds + known.seconds,
        waitingSeconds: sum.waitingSeconds + known.waitingSeconds,
      };
    },
    { seconds: 0, waitingSeconds: 0 },
  );
}

function timesOf(traces: readonly StepTrace[]) {
  const ends = traces.flatMap(({ spans }) => spans.map(({ ended }) => ended));
  const waits = traces.map(({ spans }) =>
    spans.reduce((sum, { exposed, begun, ended }) => sum + (exposed ? ended - begun : 0), 0),
  );
  return {
    seconds: ends.reduce((latest, end) => Math.max(latest, end), 0) / 1000,
    waitingSeconds: waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 1000,
  };
}

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
import { memoryIn, passesOf, plansAt, type Whole } from './cuts.ts';
import type { MeshConfig } from './run-config.ts';

/** A graphics card as far as a prediction goes by it. */
export interface Card {
  /** Of a product; that of a laptop's where it is not known. */
  readonly gigaflops?: number;
  /** It computes on the cores that carry its exchanges too. */
  readonly software?: boolean;
}

/** Where the ranks of a mesh are, and how they are linked: all alike. */
export interface Setting {
  readonly name: string;
  /** The card of every rank, by its place in `cards`; each has one of its own where absent. */
  readonly cardOf?: readonly number[];
  /** Ranks with a card of their own have cards like the first. */
  readonly cards: readonly Card[];
  readonly latencyMs: number;
  readonly megabytesPerSecond: number;
}

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

/** GFLOP/s of a product on a laptop's card. */
export const usualGigaflops = 500;

/** A card that all ranks share, then cards of their own on links from slow to fast. */
export const usualSettings = (ranks: number, card: Card = {}): readonly Setting[] => [
  {
    name: 'here',
    cards: [card],
    cardOf: new Array<number>(ranks).fill(0),
    latencyMs: 0.05,
    megabytesPerSecond: 2000,
  },
  { name: 'wifi', cards: [card], latencyMs: 3, megabytesPerSecond: 10 },
  { name: 'lan', cards: [card], latencyMs: 0.5, megabytesPerSecond: 60 },
  { name: 'fast', cards: [card], latencyMs: 0.1, megabytesPerSecond: 1000 },
];

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

/** @param mesh is possible: see `whyNot` */
export function predictionOf(whole: Whole, mesh: MeshConfig, settings: readonly Setting[]): Prediction {
  const { accumulate } = whole.settings;
  const alone = passesOf(whole.plans.training, accumulate);
  const plans = overlappedPlans(whole, mesh);
  const passes = plans.map(({ training }) => passesOf(training, accumulate));
  return {
    mesh,
    memory: memoryIn(plans[0]),
    steps: settings.map(setting => {
      const { name, cards, cardOf, latencyMs, megabytesPerSecond } = setting;
      const link = { latencySeconds: latencyMs / 1000, bytesPerSecond: 1e6 * megabytesPerSecond };
      const shared = cards.map(deviceOf);
      const machines = plans.map((_, rank) => ({
        device: cardOf ? shared[cardOf[rank]] : deviceOf(cards[0]),
        linkTo: () => link,
      }));
      const { seconds, waitingSeconds } = simulatedPasses(passes, machines);
      const aloneMachine = { device: shared[cardOf?.[0] ?? 0], linkTo: () => link };
      return {
        name,
        seconds,
        waitingSeconds,
        aloneSeconds: simulatedPasses([alone], [aloneMachine]).seconds,
      };
    }),
  };
}

function overlappedPlans(whole: Whole, mesh: MeshConfig): RankPlans[] {
  const ranks = ranksOf(mesh);
  if (ranks === 1) return [whole.plans];
  const overlap = (mesh.overlap ?? true) ? typicalMachine : undefined;
  return Array.from({ length: ranks }, (_, rank) => plansAt(whole, meshAt(mesh, rank), mesh, overlap));
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

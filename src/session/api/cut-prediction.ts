/**
 * Does a cut pay? A step of all ranks on cards and links that are described by rates, beside the same step on one card: the
 * plans that would run, on the simulator. Takes a second or more, since exchanges are hidden behind work as they would be.
 */
import { type Band, noBand, plus } from '../../energy/band.ts';
import { meshAt, ranksOf } from '../../mesh/mesh.ts';
import { typicalMachine } from '../../plan/machine.ts';
import type { Plan, PlanStep } from '../../plan/plan.ts';
import { coveredMs, type Span, type StepTrace } from '../../plan/trace.ts';
import { stepMs } from '../../simulate/data-wait.ts';
import { joulesUnder, simulatedLoad } from '../../simulate/energy-hook.ts';
import { type SimulatedDevice, simulate } from '../../simulate/simulate.ts';
import type { RankPlans } from '../../train/plans.ts';
import type { MemorySummary } from './api.ts';
import { type Card, type CardLink, linkOnCard, type Setting, usualSpeed } from './cut-settings.ts';
import { memoryIn, passesOf, plansAt, type Whole } from './cuts.ts';
import type { MeshConfig } from './run-config.ts';

export interface PredictedStep {
  readonly name: string;
  readonly seconds: number;
  /** Of it, mean over the ranks: what is waited for exchanges with nothing else to do. */
  readonly waitingSeconds: number;
  /** The same step undivided, on the first card. */
  readonly aloneSeconds: number;
  /** Where all ranks are on one card: while that has work of any of them. Absent from older recordings. */
  readonly busySeconds?: number;
  /** Of the step: of all cards that are used, with their machines. Absent where the power of one is not known. */
  readonly joules?: Band;
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
function deviceOf({ software = false, gigaflops = usualSpeed(software) }: Card): SimulatedDevice {
  const flopsPerSecond = 1e9 * gigaflops;
  if (software) {
    return {
      flopsPerSecond,
      bytesPerSecond: flopsPerSecond / 6,
      secondsPerDispatch: 48e-6,
      secondsPerExchange: 1.6e-3,
      sharedSecondsPerExchange: 0.31e-3,
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
 * @param made the plans of its ranks, where they are compiled already
 */
export async function predictionOf(
  whole: Whole,
  mesh: MeshConfig,
  settings: readonly Setting[],
  pause: () => Promise<void>,
  made: Promise<readonly RankPlans[]> = overlappedPlans(whole, mesh, pause),
): Promise<Prediction> {
  const plans = await made;
  const { accumulate } = whole.settings;
  const alone = passesOf(whole.plans.training, accumulate);
  const passes = plans.map(({ training }) => passesOf(training, accumulate));
  const steps: PredictedStep[] = [];
  for (const setting of settings) {
    await pause();
    const { name, cards, cardOf } = setting;
    const shared = cards.map(deviceOf);
    const machines = machinesIn(setting, plans.length, shared);
    const { seconds, waitingSeconds, busySeconds, joules } = simulatedPasses(passes, machines, setting);
    const first = { ...setting, cardOf: [cardOf?.[0] ?? 0] };
    const aloneMachine = { device: shared[first.cardOf[0]], linkTo: () => linkBetween(first, 0, 0) };
    const aloneSeconds = simulatedPasses([alone], [aloneMachine], first).seconds;
    const isOneCard = cardOf?.every(card => card === cardOf[0]) ?? plans.length === 1;
    steps.push({
      ...{ name, seconds, waitingSeconds, aloneSeconds },
      ...(isOneCard && { busySeconds }),
      ...(joules && { joules }),
    });
  }
  return { mesh, memory: memoryIn(plans[0]), steps };
}

/** A step as it is predicted: what it would leave behind if it were sampled. */
export interface PredictedTrace {
  /** From 0. */
  readonly traces: readonly StepTrace[];
  /** That they count the steps of, by the hash that the traces give. */
  readonly plans: readonly (readonly [hash: string, steps: readonly PlanStep[]])[];
}

/** @param plans of all ranks */
export function predictedTrace(
  plans: readonly RankPlans[],
  accumulate: number,
  setting: Setting,
): PredictedTrace {
  const machines = machinesIn(setting, plans.length, setting.cards.map(deviceOf));
  const byRank = plans.map(({ training }) => passesOf(training, accumulate));
  const known = new Map<string, readonly PlanStep[]>();
  const traces: StepTrace[] = [];
  let begun = 0;
  byRank[0].forEach((_, pass) => {
    const passes = byRank.map(passes => passes[pass]);
    const hashes = passes.map((plan, rank) => {
      const isLast = plan === byRank[rank].at(-1);
      return `predicted, rank ${rank}${isLast ? '' : ', earlier pass'}`;
    });
    hashes.forEach((hash, rank) => void known.set(hash, passes[rank].steps));
    const own = simulate(passes, machines, hashes);
    const later = (span: Span): Span => ({ ...span, begun: span.begun + begun, ended: span.ended + begun });
    traces.push(...own.map(trace => ({ ...trace, spans: trace.spans.map(later) })));
    begun += stepMs(own);
  });
  return { traces, plans: [...known] };
}

/** What each rank computes on, and how it is linked. @param shared devices of the setting's cards */
function machinesIn(setting: Setting, ranks: number, shared: readonly SimulatedDevice[]) {
  const { cards, cardOf } = setting;
  return Array.from({ length: ranks }, (_, rank) => ({
    device: cardOf ? shared[cardOf[rank]] : deviceOf(cards[0]),
    linkTo: (peer: number) => linkBetween(setting, rank, peer),
  }));
}

function linkBetween({ cardOf, ways, ...all }: Setting, rank: number, peer: number) {
  const { latencyMs, megabytesPerSecond } = ways && cardOf ? cardLink(ways, cardOf[rank], cardOf[peer]) : all;
  return { latencySeconds: latencyMs / 1000, bytesPerSecond: 1e6 * megabytesPerSecond };
}

function cardLink(ways: readonly CardLink[], one: number, other: number): CardLink {
  if (one === other) return linkOnCard;
  return {
    latencyMs: Math.max(ways[one].latencyMs, ways[other].latencyMs),
    megabytesPerSecond: Math.min(ways[one].megabytesPerSecond, ways[other].megabytesPerSecond),
  };
}

/** Of all ranks, with exchanges hidden where the mesh has it so. */
export async function overlappedPlans(
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
  setting: Setting,
): SimulatedTimes {
  const hashes = passesByRank.map((_, rank) => `rank ${rank}`);
  const results = new Map<Plan, SimulatedTimes>();
  return passesByRank[0].reduce(
    (sum: SimulatedTimes, first, pass) => {
      const plans = passesByRank.map(passes => passes[pass]);
      const known = results.get(first) ?? timesOf(simulate(plans, machines, hashes), plans, setting);
      results.set(first, known);
      return {
        seconds: sum.seconds + known.seconds,
        waitingSeconds: sum.waitingSeconds + known.waitingSeconds,
        busySeconds: sum.busySeconds + known.busySeconds,
        joules: sum.joules && known.joules && plus(sum.joules, known.joules),
      };
    },
    { seconds: 0, waitingSeconds: 0, busySeconds: 0, joules: noBand },
  );
}

interface SimulatedTimes {
  readonly seconds: number;
  readonly waitingSeconds: number;
  /** While any device had work. */
  readonly busySeconds: number;
  readonly joules: Band | undefined;
}

function timesOf(traces: readonly StepTrace[], plans: readonly Plan[], setting: Setting): SimulatedTimes {
  const seconds = stepMs(traces) / 1000;
  const waits = traces.map(({ spans }) =>
    spans.reduce((sum, { exposed, begun, ended }) => sum + (exposed ? ended - begun : 0), 0),
  );
  return {
    seconds,
    waitingSeconds: waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 1000,
    busySeconds:
      coveredMs(traces.flatMap(({ spans }) => spans.filter(({ lane }) => lane === 'device'))) / 1000,
    joules: joulesOf(traces, plans, seconds, setting),
  };
}

/** A card that several ranks share is at rest once, and has the work of all of them. */
function joulesOf(
  traces: readonly StepTrace[],
  plans: readonly Plan[],
  seconds: number,
  { cards, cardOf }: Setting,
): Band | undefined {
  const onCards = new Map<number, { readonly card: Card; readonly ranks: number[] }>();
  for (const rank of plans.keys()) {
    const id = cardOf ? cardOf[rank] : rank;
    const known = onCards.get(id) ?? { card: cards[cardOf ? id : 0], ranks: [] };
    known.ranks.push(rank);
    onCards.set(id, known);
  }
  let sum = noBand;
  for (const { card, ranks } of onCards.values()) {
    if (!card.power) return undefined;
    const doing = ranks.map(rank => ({ trace: traces[rank], plan: plans[rank] }));
    sum = plus(sum, joulesUnder(simulatedLoad(doing, seconds), card.power.gpu, card.power.host));
  }
  return sum;
}

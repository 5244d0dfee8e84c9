/**
 * The story of one layer in one phase of a step, as beats that all ranks take together: a norm, weights fetched, a product,
 * what is sent, what is added. Plan order is not story order: with overlap the weights of all layers are fetched first, and
 * gradients of weights travel behind what follows. So beats go by what feeds what, and each says which steps of the plan
 * really ran. Every step of the layer and phase is in exactly one.
 */
import type { Plan, PlanStep } from '../plan/plan.ts';
import { sourcesOf, writesOf } from './plan-flow.ts';

export type Phase = PlanStep['provenance']['phase'];

/**
 * `lead` and `point` are what is done value by value before and after the product; `scatter` sends gradients of weights to
 * whoever keeps them.
 */
export type BeatKind = 'lead' | 'norm' | 'fetch' | 'send' | 'product' | 'scatter' | 'point';

/** Bytes on their way from a rank to another. */
export interface Travel {
  readonly exchange: number;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

export interface Beat {
  readonly kind: BeatKind;
  /** How many activations of the layer come before it. */
  readonly stage: number;
  /** By rank: which steps of its plan, in their order. None at all: there is nothing to do in it on this mesh. */
  readonly steps: readonly (readonly number[])[];
  /** By rank, of a product: the steps with which the weights came that it reads. */
  readonly fetchedAt: readonly (readonly number[])[];
  readonly travels: readonly Travel[];
  /** Of what is sent: the product's input before it, or its result, or parts of it, behind it. */
  readonly sends: 'input' | 'result' | undefined;
}

export interface LayerPhase {
  readonly layer: string;
  readonly phase: Phase;
}

type Steps = Pick<Plan, 'steps'>;

/** All that a step consists of before the update, in the order of its first steps that compute. */
export function layersOf({ steps }: Steps): LayerPhase[] {
  const found = new Map<string, LayerPhase>();
  const note = ({ kind, provenance: { layer, phase } }: PlanStep, computes: boolean) => {
    if (phase !== 'update' && (!computes || kind === 'dispatch'))
      found.set(`${layer} ${phase}`, { layer, phase });
  };
  for (const step of steps) note(step, true);
  for (const step of steps) note(step, false);
  return [...found.values()];
}

const opsOf = ({ label }: PlanStep): string[] => label.split(' with ')[0].split(', ');
const isActivation = (step: PlanStep) =>
  step.kind === 'dispatch' && opsOf(step).some(op => /^(gelu|relu)(Grad)?$/.test(op));
const weightIn = ({ label }: PlanStep): string | undefined => / with (.*?)(\[\d+\])?$/.exec(label)?.[1];
const exchangeOps = ['allGather', 'reduceScatter', 'swap', 'allReduce'];

/** The steps of one rank, told apart. */
interface RankStory {
  readonly kindOf: ReadonlyMap<number, { readonly kind: BeatKind; readonly stage: number }>;
  readonly fetchedAt: (step: number) => number[];
}

function storyOf({ steps }: Steps, { layer, phase }: LayerPhase): RankStory {
  const sources = sourcesOf({ steps });
  const own = steps.flatMap(({ provenance }, index) =>
    provenance.layer === layer && provenance.phase === phase ? [index] : [],
  );
  const isOwn = new Set(own);
  const sourcesIn = (index: number) => sources[index].filter(source => isOwn.has(source));
  const readers = new Map<number, number[]>(own.map(index => [index, []]));
  for (const index of own) for (const source of sourcesIn(index)) readers.get(source)?.push(index);

  const kinds = new Map<number, BeatKind>();
  const exchanged = (index: number): BeatKind => {
    const step = steps[index];
    const into = [index, ...(readers.get(index) ?? []).flatMap(next => [next, ...(readers.get(next) ?? [])])];
    if (step.provenance.op === 'allGather' && phase !== 'backward' && weightIn(step) !== undefined)
      return 'fetch';
    const kept = into.some(next => {
      const exchangedThere = exchangeOps.includes(opsOf(steps[next])[0]);
      return exchangedThere && writesOf(steps[next]).some(({ space }) => space === 'gradients');
    });
    if (kept) return 'scatter';
    const first = (readers.get(index) ?? []).map(next => steps[next]);
    return first.some(({ provenance, kind }) => kind === 'dispatch' && /norm/i.test(provenance.op))
      ? 'norm'
      : 'send';
  };
  for (const index of own) {
    const step = steps[index];
    // The halves of an exchange belong together: what it is for is seen at its end.
    if (step.kind === 'finish') {
      const kind = exchanged(index);
      kinds.set(index, kind);
      for (const source of sourcesIn(index)) {
        const before = steps[source];
        if (before.kind === 'start' && before.exchange === step.exchange) kinds.set(source, kind);
      }
    } else if (step.kind === 'dispatch') {
      const op = step.provenance.op;
      const fromExchange = sourcesIn(index).find(source => steps[source].kind === 'finish');
      if (exchangeOps.includes(opsOf(step)[0])) {
        kinds.set(index, (fromExchange === undefined ? undefined : kinds.get(fromExchange)) ?? 'send');
      } else if (step.product || /^(matmul|conv)/.test(op)) kinds.set(index, 'product');
      else kinds.set(index, /norm/i.test(op) ? 'norm' : 'point');
    } else if (!kinds.has(index)) kinds.set(index, 'send');
  }

  const stages = new Map<number, number>();
  for (const index of own) {
    const before = sourcesIn(index).filter(source => kinds.get(source) !== 'fetch');
    const stage = before.map(source => (stages.get(source) ?? 0) + (isActivation(steps[source]) ? 1 : 0));
    stages.set(index, Math.max(0, ...stage));
  }
  // Weights belong to the product that reads them.
  for (const index of [...own].reverse()) {
    if (kinds.get(index) !== 'fetch') continue;
    const needed = (readers.get(index) ?? []).map(reader => stages.get(reader) ?? 0);
    stages.set(index, needed.length > 0 ? Math.min(...needed) : 0);
  }

  /** Computed from a product of its stage. */
  const behind = new Map<number, boolean>();
  for (const index of own) {
    const stage = stages.get(index);
    behind.set(
      index,
      sourcesIn(index).some(
        source => stages.get(source) === stage && (kinds.get(source) === 'product' || behind.get(source)),
      ),
    );
  }
  const withProducts = new Set(
    own.filter(index => kinds.get(index) === 'product').map(index => stages.get(index)),
  );
  const lastStage = Math.max(0, ...stages.values());
  const kindOf = new Map(
    own.map(index => {
      const stage = stages.get(index) ?? 0;
      const kind = kinds.get(index) ?? 'point';
      if (kind !== 'point' || !withProducts.has(stage)) return [index, { kind, stage }] as const;
      if (!behind.get(index)) return [index, { kind: 'lead', stage }] as const;
      // Going backward a block ends with its norm, and what is added to its gradient.
      const isEnd = phase === 'backward' && stage === lastStage && !isActivation(steps[index]);
      return [index, { kind: isEnd ? 'norm' : 'point', stage }] as const;
    }),
  );
  return {
    kindOf,
    fetchedAt: index =>
      sources[index].filter(
        source => steps[source].provenance.op === 'allGather' && steps[source].kind === 'finish',
      ),
  };
}

/** The nine beats of half a mixing block; those that a mesh has no need of are there, and empty. */
const blockBeats: Partial<Record<Phase, readonly (readonly [BeatKind, number])[]>> = {
  forward: [
    ['norm', 0],
    ['fetch', 0],
    ['product', 0],
    ['send', 0],
    ['point', 0],
    ['fetch', 1],
    ['product', 1],
    ['send', 1],
    ['point', 1],
  ],
  backward: [
    ['lead', 0],
    ['send', 0],
    ['product', 0],
    ['scatter', 0],
    ['point', 0],
    ['send', 1],
    ['product', 1],
    ['scatter', 1],
    ['norm', 1],
  ],
};

/**
 * The beats of a layer and phase, in the order of the story.
 *
 * @param plans of all ranks, by rank: the plan of a step's first pass
 */
export function beatsOf(plans: readonly Steps[], of: LayerPhase): Beat[] {
  const stories = plans.map(plan => storyOf(plan, of));
  const keyOf = (kind: BeatKind, stage: number) => `${kind} ${stage}`;
  const found = new Map<string, { kind: BeatKind; stage: number; steps: number[][] }>();
  const slot = (kind: BeatKind, stage: number) => {
    const key = keyOf(kind, stage);
    const known = found.get(key) ?? { kind, stage, steps: plans.map(() => []) };
    found.set(key, known);
    return known;
  };
  stories.forEach(({ kindOf }, rank) => {
    for (const [index, { kind, stage }] of kindOf) slot(kind, stage).steps[rank].push(index);
  });
  /** Where in the plans it begins; what travels ahead or behind counts with the product. */
  const begins = (kind: BeatKind, stage: number): number =>
    Math.min(...(found.get(keyOf(kind, stage))?.steps ?? []).map(own => own[0] ?? Number.POSITIVE_INFINITY));
  const sendsInput = (stage: number) => begins('send', stage) < begins('product', stage);
  const place = (kind: BeatKind, stage: number): number => {
    const [send, product] = [begins('send', stage), begins('product', stage)];
    if (kind === 'fetch') return Math.min(send, product) - 0.5;
    return kind === 'scatter'
      ? Math.max(product, send === Number.POSITIVE_INFINITY ? 0 : send) + 0.5
      : begins(kind, stage);
  };

  const template = blockBeats[of.phase] ?? [];
  const known = new Set(template.map(([kind, stage]) => keyOf(kind, stage)));
  const isBlock =
    [0, 1].every(stage => found.has(keyOf('product', stage))) &&
    [...found.keys()].every(key => known.has(key));
  if (isBlock) for (const [kind, stage] of template) slot(kind, stage);
  const rankIn = new Map(template.map(([kind, stage], at) => [keyOf(kind, stage), at]));
  const order = (beat: { kind: BeatKind; stage: number }): number => {
    if (!isBlock) return place(beat.kind, beat.stage);
    const other = { send: 'product', product: 'send' } as const;
    const isPair = beat.kind === 'send' || beat.kind === 'product';
    const first = isPair && found.get(keyOf('send', beat.stage))?.steps.some(own => own.length > 0);
    // Of the two, the one that begins first comes first.
    const swapped = first && sendsInput(beat.stage) !== (of.phase === 'backward');
    const kind = isPair && swapped ? other[beat.kind as 'send' | 'product'] : beat.kind;
    return rankIn.get(keyOf(kind, beat.stage)) ?? 0;
  };
  return [...found.values()]
    .sort((a, b) => (isBlock ? 0 : a.stage - b.stage) || order(a) - order(b))
    .map(({ kind, stage, steps }) => ({
      kind,
      stage,
      steps,
      fetchedAt: steps.map((own, rank) =>
        kind === 'product' ? [...new Set(own.flatMap(stories[rank].fetchedAt))].sort((a, b) => a - b) : [],
      ),
      travels: steps.flatMap((own, rank) => own.flatMap(index => travelsOf(plans[rank].steps[index], rank))),
      sends: kind === 'send' ? (sendsInput(stage) ? 'input' : 'result') : undefined,
    }));
}

function travelsOf(step: PlanStep, from: number): Travel[] {
  if (step.kind !== 'start') return [];
  return step.sends.map(({ peer, at }) => ({ exchange: step.exchange, from, to: peer, bytes: at.bytes }));
}

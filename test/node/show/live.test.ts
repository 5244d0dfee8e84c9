/** What goes on at a moment of a step, against the plans and traces that it is read off. */
import { expect, test } from 'vitest';
import { type MeshShape, meshAt, meshName, ranksOf } from '../../../src/mesh/mesh.ts';
import { hashOf } from '../../../src/plan/hash.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import type { Plan, PlanStep } from '../../../src/plan/plan.ts';
import type { Span, StepTrace } from '../../../src/plan/trace.ts';
import { cutsOf, type ParameterPlace, wholeOf } from '../../../src/session/api/cuts.ts';
import { jobOf } from '../../../src/session/api/plan-report.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { lanesOf } from '../../../src/show/lanes.ts';
import { momentsOf, transfersOf } from '../../../src/show/live.ts';
import { touchedBy } from '../../../src/show/touched.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { asRecorded } from '../../reference/recorded-links.ts';

await loadAllKinds();

interface Ranks {
  readonly plans: readonly Plan[];
  readonly placesOf: (rank: number) => readonly ParameterPlace[];
  /** Parameters of products. */
  readonly matrices: ReadonlySet<string>;
}

const made = new Map<string, Ranks>();

function ranksOn(preset: string, shape: MeshShape, wire?: 'f16'): Ranks {
  const key = `${preset} ${meshName(shape)} ${wire}`;
  const known = made.get(key);
  if (known) return known;
  const settings = presets[preset];
  const batch = Math.max(settings.batch, shape.replicas);
  const answer = cutsOf(wholeOf({ preset, overrides: { batch } }), { ...shape, wire });
  if ('impossible' in answer) throw new Error(answer.impossible);
  const { ranks, weights } = answer.cuts;
  const overlap = ranksOf(shape) > 1 ? typicalMachine : undefined;
  const plans = ranks.map(({ rank }) => {
    const options = { mesh: meshAt(shape, rank), overlap, wire };
    return trainingPlan(jobOf(settings), batch / shape.replicas, settings.optimizer, options).plan;
  });
  const found: Ranks = {
    plans,
    placesOf: rank => ranks[rank].places ?? [],
    matrices: new Set(weights.filter(({ isMatrix }) => isMatrix).map(({ name }) => name)),
  };
  made.set(key, found);
  return found;
}

function sampled({ plans }: Pick<Ranks, 'plans'>, sharedCard = false): StepTrace[] {
  const rates = {
    flopsPerSecond: 1e9,
    bytesPerSecond: 1e10,
    secondsPerDispatch: 1e-5,
    secondsPerExchange: 1e-4,
  };
  const link = { latencySeconds: 1e-3, bytesPerSecond: 2e7 };
  const one = { ...rates };
  const machines = plans.map(() => ({ device: sharedCard ? one : { ...rates }, linkTo: () => link }));
  return asRecorded(plans, simulate(plans, machines, plans.map(hashOf)));
}

const lanesFor = (ranks: Ranks, traces: readonly StepTrace[]) => {
  const byHash = new Map(ranks.plans.map(plan => [hashOf(plan), plan.steps]));
  return lanesOf(traces, hash => byHash.get(hash))!;
};

const shape = (rows: number, columns: number, replicas = 1): MeshShape => ({ rows, columns, replicas });

const cases = [
  ['tiny', shape(1, 1), undefined],
  ['tiny', shape(1, 2), undefined],
  ['tiny', shape(2, 2), undefined],
  ['tiny', shape(2, 2), 'f16'],
  ['tiny', shape(1, 1, 2), undefined],
  ['resnet8', shape(1, 1, 2), undefined],
] as const;

test.each(cases)(
  '%s on %o, %s: a product is of one weight, of its own layer, whoever keeps it',
  (preset, mesh, wire) => {
    const { plans, placesOf, matrices } = ranksOn(preset, mesh, wire);
    plans.forEach(({ steps }, rank) => {
      const touched = touchedBy(steps, placesOf(rank));
      const products = steps.flatMap((step, i) => (step.kind === 'dispatch' && step.product ? [i] : []));
      expect(products.length).toBeGreaterThan(0);
      const uses = new Map<string, Set<string>>();
      for (const index of products) {
        const { layer, phase } = steps[index].provenance;
        const own = [...touched[index]].filter(name => matrices.has(name));
        expect(own, `step ${index}, ${steps[index].label}`).toHaveLength(1);
        uses.set(own[0], new Set([...(uses.get(own[0]) ?? []), `${layer} ${phase}`]));
      }
      // Each is used going forward and backward, in one layer.
      expect(new Set(uses.keys())).toEqual(matrices);
      for (const [name, where] of uses) {
        const layers = new Set([...where].map(each => each.split(' ')[0]));
        expect([...layers], name).toHaveLength(1);
        expect([...where].map(each => each.split(' ')[1]).sort(), name).toEqual(['backward', 'forward']);
      }
      // The update changes all that the rank keeps.
      const update = steps.findIndex(
        ({ provenance }) => provenance.phase === 'update' && /adam|sgd/.test(provenance.op),
      );
      expect(touched[update]).toEqual(new Set(placesOf(rank).map(({ name }) => name)));
    });
  },
);

test('what was gathered and what is scattered is of the parameter in its label; sums of activations are of none', () => {
  const { plans, placesOf } = ranksOn('tiny', shape(2, 2));
  const [{ steps }] = plans;
  const touched = touchedBy(steps, placesOf(0));
  let gathered = 0;
  steps.forEach(({ kind, label, provenance: { layer, phase } }, index) => {
    const of = /^allGather with (.*)\[\d\]$/.exec(label)?.[1];
    if (of) {
      gathered++;
      expect([...touched[index]]).toEqual([of]);
    } else if (label === 'reduceScatter') {
      const [name, ...others] = touched[index];
      expect(others).toEqual([]);
      expect(layer, name).toBe(
        layer.startsWith('blocks.')
          ? name.replace(/(token|channel)[12]\.weight/, '$1s')
          : { 'embed.weight': 'embedding', 'recover.weight': 'recovery' }[name],
      );
    } else if (label === 'swap' && phase === 'forward' && kind !== 'dispatch') {
      expect(touched[index].size).toBe(0);
    }
  });
  expect(gathered).toBe(40);
});

const works = (spans: readonly Span[], at: number) =>
  spans.some(({ lane, begun, ended }) => lane === 'device' && begun <= at && at < ended);

test.each([
  [shape(1, 1), false],
  [shape(2, 2), false],
  [shape(2, 2), true],
  [shape(1, 1, 2), false],
])(
  '%o, one card %s: at every moment ranks compute when their spans say so, with steps of that span',
  (mesh, card) => {
    const ranks = ranksOn('tiny', mesh);
    const traces = sampled(ranks, card);
    const lanes = lanesFor(ranks, traces);
    const momentAt = momentsOf(lanes, ranks.placesOf);
    for (let i = 0; i <= 400; i++) {
      const at = (lanes.wallMs * i) / 400;
      for (const { rank, kind, step, provenance, weights, peer } of momentAt(at).ranks) {
        const spans = lanes.ranks[rank].spans;
        expect(kind === 'work', `rank ${rank} at ${at}`).toBe(works(spans, at));
        const own = spans.filter(({ begun, ended }) => begun <= at && at < ended);
        if (kind === 'work') {
          expect(own.some(({ lane, from, to }) => lane === 'device' && from <= step! && step! < to)).toBe(
            true,
          );
          expect(provenance).toBe(ranks.plans[rank].steps[step!].provenance);
          expect(new Set(weights)).toEqual(touchedBy(ranks.plans[rank].steps, ranks.placesOf(rank))[step!]);
        } else expect(weights).toEqual([]);
        if (kind === 'exchange') expect(own.some(span => span.exposed && span.peer === peer)).toBe(true);
      }
    }
    expect(momentAt(lanes.wallMs + 1).transfers).toEqual([]);
    expect(momentAt(lanes.wallMs + 1).ranks.every(({ kind }) => kind === 'rest')).toBe(true);
  },
);

const sendsOf = (steps: readonly PlanStep[]) =>
  steps.flatMap(step => (step.kind === 'start' ? step.sends : []));

test.each([shape(2, 2), shape(2, 4), shape(1, 1, 2)])(
  '%o: everything that the plan sends is on its way once, at the rate that was measured, until its receiver has it',
  mesh => {
    const ranks = ranksOn('tiny', mesh);
    const lanes = lanesFor(ranks, sampled(ranks));
    const transfers = transfersOf(lanes, ranks.placesOf);
    ranks.plans.forEach(({ steps }, rank) => {
      for (const peer of ranks.plans.keys()) {
        const planned = sendsOf(steps).filter(send => send.peer === peer);
        const own = transfers.filter(({ from, to }) => from === rank && to === peer);
        const total = (bytes: readonly number[]) => bytes.reduce((sum, each) => sum + each, 0);
        expect(total(own.map(({ bytes }) => bytes))).toBe(total(planned.map(({ at }) => at.bytes)));
        const exchanges = own.map(({ exchange }) => exchange);
        expect(new Set(exchanges).size).toBe(exchanges.length);
      }
    });
    for (const { bytes, begun, ended } of transfers) {
      // A millisecond's latency and 20 MB/s; waiting for the last of several, and going on, take longer.
      expect(ended - begun).toBeGreaterThanOrEqual(1 + (1000 * bytes) / 2e7 - 1e-9);
    }
    const momentAt = momentsOf(lanes, ranks.placesOf);
    for (const transfer of transfers.filter((_, i) => i % 7 === 0)) {
      const { begun, ended, exchange, from, to } = transfer;
      const isIt = (other: typeof transfer) =>
        other.exchange === exchange && other.from === from && other.to === to;
      const half = momentAt((begun + ended) / 2).transfers.find(isIt);
      expect(half?.share).toBeCloseTo(0.5, 9);
      expect(momentAt(begun - 1e-6).transfers.some(isIt)).toBe(false);
      expect(momentAt(ended).transfers.some(isIt)).toBe(false);
    }
  },
);

test('of plans that are not known, ranks still work and wait, with nothing named', () => {
  const ranks = ranksOn('tiny', shape(2, 2));
  const lanes = lanesOf(sampled(ranks), () => undefined)!;
  const { ranks: now, transfers } = momentsOf(lanes, ranks.placesOf)(lanes.ranks[0].spans[0].begun + 1e-6);
  expect(now[0]).toMatchObject({ step: undefined, weights: [] });
  expect(transfers).toEqual([]);
});

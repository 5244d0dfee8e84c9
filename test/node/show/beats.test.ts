/** The story of a step: told whole, once, and with the plan's own numbers, on every mesh. */
import { expect, test } from 'vitest';
import { type MeshShape, meshAt, ranksOf } from '../../../src/mesh/mesh.ts';
import { typicalMachine } from '../../../src/plan/machine.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { jobOf } from '../../../src/session/api/plan-report.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { beatsOf, layersOf } from '../../../src/show/beats.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { trainingPlan } from '../../../src/train/plans.ts';

await loadAllKinds();

const compiled = new Map<string, Plan[]>();

function plansOf(name: string, [rows, columns, replicas = 1]: readonly number[], wire?: 'f16'): Plan[] {
  const key = JSON.stringify([name, rows, columns, replicas, wire]);
  const known = compiled.get(key);
  if (known) return known;
  const preset = presets[name];
  const job = jobOf(preset);
  const shape: MeshShape = { rows, columns, replicas };
  const ranks = ranksOf(shape);
  const batch = Math.max(preset.batch, replicas) / replicas;
  const plans = Array.from({ length: ranks }, (_, rank) => {
    const options = { mesh: meshAt(shape, rank), overlap: ranks > 1 ? typicalMachine : undefined, wire };
    return trainingPlan(job, batch, preset.optimizer, options).plan;
  });
  compiled.set(key, plans);
  return plans;
}

const meshes = [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 2],
  [2, 4],
  [1, 1, 2],
];
const cases = [
  ...meshes.map(mesh => ['tiny', mesh, undefined] as const),
  ['demo', [2, 2], undefined] as const,
  ['tiny', [2, 2], 'f16'] as const,
  ['resnet8', [1, 1], undefined] as const,
  ['resnet8', [1, 1, 2], undefined] as const,
];

test.each(cases)('%s on %o, %s: every step before the update is in exactly one beat', (name, mesh, wire) => {
  const plans = plansOf(name, mesh, wire);
  const told = plans.map(() => new Map<number, number>());
  let sent = 0;
  for (const of of layersOf(plans[0])) {
    const beats = beatsOf(plans, of);
    for (const { steps, travels } of beats) {
      steps.forEach((own, rank) => {
        expect(own).toEqual([...own].sort((a, b) => a - b));
        for (const index of own) {
          expect(plans[rank].steps[index].provenance).toMatchObject(of);
          told[rank].set(index, (told[rank].get(index) ?? 0) + 1);
        }
      });
      sent += travels.reduce((sum, { bytes }) => sum + bytes, 0);
    }
  }
  plans.forEach(({ steps }, rank) => {
    const expected = steps.flatMap(({ provenance }, index) => (provenance.phase === 'update' ? [] : [index]));
    expect([...told[rank].keys()].sort((a, b) => a - b)).toEqual(expected);
    expect([...told[rank].values()].every(times => times === 1)).toBe(true);
  });
  const starts = plans.flatMap(({ steps }) =>
    steps.flatMap(step => (step.kind === 'start' ? step.sends : [])),
  );
  expect(sent).toBe(starts.reduce((sum, { at }) => sum + at.bytes, 0));
});

const titles = (plans: Plan[], layer: string, phase: 'forward' | 'backward') =>
  beatsOf(plans, { layer, phase }).map(({ kind, stage, steps }) =>
    steps.some(own => own.length > 0) ? `${kind} ${stage}` : `(${kind} ${stage})`,
  );

test('half a block has nine beats, both ways; one device fetches and sends nothing', () => {
  const [one, four] = [plansOf('tiny', [1, 1]), plansOf('tiny', [2, 2])];
  for (const half of ['tokens', 'channels']) {
    for (const block of [0, 1]) {
      for (const phase of ['forward', 'backward'] as const) {
        const layer = `blocks.${block}.${half}`;
        expect(titles(one, layer, phase)).toHaveLength(9);
        expect(titles(four, layer, phase)).toHaveLength(9);
        expect(titles(one, layer, phase).filter(title => /\((fetch|send|scatter)/.test(title))).toHaveLength(
          4,
        );
        expect(titles(four, layer, phase).filter(title => title.startsWith('('))).toEqual([]);
      }
    }
  }
  // The first product sends its result, the second one's input is the smaller.
  expect(titles(four, 'blocks.0.tokens', 'forward')).toEqual([
    'norm 0',
    'fetch 0',
    'product 0',
    'send 0',
    'point 0',
    'fetch 1',
    'send 1',
    'product 1',
    'point 1',
  ]);
  expect(titles(four, 'blocks.0.tokens', 'backward')).toEqual([
    'lead 0',
    'product 0',
    'send 0',
    'scatter 0',
    'point 0',
    'send 1',
    'product 1',
    'scatter 1',
    'norm 1',
  ]);
});

test('a product knows with which steps its weights came', () => {
  const plans = plansOf('tiny', [2, 2]);
  const beats = beatsOf(plans, { layer: 'blocks.0.tokens', phase: 'forward' });
  const [fetch, product] = beats.filter(({ stage, kind }) => stage === 0 && /fetch|product/.test(kind));
  fetch.steps.forEach((own, rank) => {
    const { steps } = plans[rank];
    const ends = own.filter(index => steps[index].kind === 'finish');
    expect(product.fetchedAt[rank]).toEqual(ends);
    expect(ends).toHaveLength(2);
    expect(ends.every(index => /blocks\.0\.token1\.weight/.test(steps[index].label))).toBe(true);
  });
  // Everybody in a row sends a half of its rows, in two messages.
  expect(fetch.travels.map(({ from, to }) => `${from}${to}`).sort()).toEqual([
    '01',
    '01',
    '10',
    '10',
    '23',
    '23',
    '32',
    '32',
  ]);
});

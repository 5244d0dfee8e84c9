/**
 * A run that is looked at: what a step's operands hold right after it is what the graph in float64 says, forward and
 * backward, on one rank and on four; and the run goes on as one that nobody looked at.
 */
import { expect, test } from 'vitest';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import { isInput, isParameter } from '../../../src/graph/ops/leaf.ts';
import { provenanceOf } from '../../../src/graph/provenance.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { type MeshShape, meshAt, ranksOf, single } from '../../../src/mesh/mesh.ts';
import type { MeshTrainer, RankLook } from '../../../src/parallel/mesh-trainer.ts';
import { cutShard } from '../../../src/parallel/shards.ts';
import { layoutParameters } from '../../../src/plan/layout.ts';
import { placesOf } from '../../../src/plan/look.ts';
import { type DispatchStep, isDispatch, type Placement, type Plan } from '../../../src/plan/plan.ts';
import { lossGraph } from '../../../src/train/plans.ts';
import { interpretMesh, type RankGraph } from '../../reference/interpret-mesh.ts';
import { relativeError } from '../check.ts';
import { stateOf } from '../state.ts';
import { localMesh, train } from './local-mesh.ts';

const SEED = 7;
const square: MeshShape = { rows: 2, columns: 2, replicas: 1 };
const inOneMesh = (mesh: MeshShape) => localMesh(mesh, ranksOf(mesh) === 1 ? { overlap: undefined } : {});

/** An operand, all of it. */
function whole(plan: Plan, rank: number, step: number, operand: number): RankLook {
  const { bytes } = placesOf(plan.steps[step])[operand]!;
  return { rank, step, operand, from: 0, rows: 1, columns: bytes / 4 };
}

/** The values of what a plan reads of a space, by where it lies. */
async function readOf(trainer: MeshTrainer, plan: Plan, rank: number, space: string) {
  const found = new Map<string, readonly [number, number]>();
  plan.steps.forEach((step, index) => {
    if (!isDispatch(step) || step.provenance.phase === 'update') return;
    step.operands.forEach((place, operand) => {
      if (place?.space === space) found.set(keyOf(place), [index, operand]);
    });
  });
  const looks = [...found.values()].map(([step, operand]) => whole(plan, rank, step, operand));
  const seen = await trainer.look(looks, SEED);
  return new Map([...found.keys()].map((key, i) => [key, seen[i].values] as const));
}

const keyOf = ({ block, offset, bytes }: Placement) => `${block} ${offset} ${bytes}`;

/** Every tensor of a rank's graph, and the values of its leaves as the run has them. */
async function rankGraph(trainer: MeshTrainer, rank: number): Promise<RankGraph> {
  const { program } = trainer;
  const mesh = meshAt(program.mesh, rank);
  const { loss, parameters, states } = lossGraph(program, program.globalBatch, { mesh });
  const results = ancestors(loss, ...grad(loss, parameters));
  const layout = layoutParameters(parameters, states);
  const own = cutShard(layout, trainer.layout, 'parameters', (await stateOf(trainer)).parameters);
  const [plan] = trainer.plansOf(rank);
  const inputs = await readOf(trainer, plan, rank, 'inputs');
  const leaves = new Map<Tensor, ArrayLike<number>>();
  for (const tensor of results) {
    if (isParameter(tensor)) {
      const { offset, size } = layout.byTensor.get(tensor)!;
      leaves.set(tensor, own.subarray(offset, offset + size));
    } else if (isInput(tensor)) {
      const { name } = tensor.attributes;
      const values = inputs.get(keyOf(plan.inputs.get(name)!))!;
      leaves.set(tensor, name === 'random' ? new Uint32Array(values.buffer) : values);
    }
  }
  return { results, leaves };
}

/** The steps whose result is a tensor's, whole and as floats. */
function resultsOf(plan: Plan): { step: number; operand: number; of: DispatchStep }[] {
  return plan.steps.flatMap((of, step) => {
    const { layer, phase, shape } = of.provenance;
    if (!isDispatch(of) || !/^blocks/.test(layer) || phase === 'update') return [];
    return of.operands.flatMap((place, operand) => {
      const isResult = place && place.access !== 'read' && place.bytes === 4 * sizeOf(shape);
      // Of a product in several parts the first kernel writes these, and of a sum the first terms.
      return isResult ? [{ step, operand, of }] : [];
    });
  });
}

test.each([[single], [square]])('%o: results of all steps of the blocks are those of float64', async mesh => {
  const { trainer, close } = await inOneMesh(mesh);
  await train(trainer, 2);
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => rank);
  const graphs = await Promise.all(ranks.map(rank => rankGraph(trainer, rank)));
  const truth = interpretMesh(graphs);
  for (const rank of ranks) {
    const [plan] = trainer.plansOf(rank);
    const results = resultsOf(plan);
    const seen = await trainer.look(
      results.map(({ step, operand }) => whole(plan, rank, step, operand)),
      SEED,
    );
    const phases = { forward: 0, backward: 0 };
    results.forEach(({ step, of: { provenance, label } }, i) => {
      const { layer, phase } = provenance;
      const errors = graphs[rank].results.flatMap((tensor, at) => {
        const own = provenanceOf(tensor);
        const alike =
          own.layer === layer && own.phase === phase && sizeOf(tensor.shape) === seen[i].values.length;
        return alike ? [relativeError(seen[i].values, truth[rank][at])] : [];
      });
      expect(Math.min(...errors), `rank ${rank}, step ${step}, ${phase} ${label}`).toBeLessThanOrEqual(1e-4);
      if (phase === 'forward' || phase === 'backward') phases[phase]++;
    });
    expect(phases.forward).toBeGreaterThan(10);
    expect(phases.backward).toBeGreaterThan(20);
  }
  close();
});

test('on 2x2 the parts of a product that two ranks compute add up to that of one device', async () => {
  const [whole, cut] = await Promise.all([inOneMesh(single), inOneMesh(square)]);
  await Promise.all([train(whole.trainer, 2), train(cut.trainer, 2)]);
  const layer = 'blocks.0.tokens';
  const forward = ({ steps }: Plan) =>
    steps.flatMap((step, index) =>
      isDispatch(step) && step.provenance.layer === layer && step.provenance.phase === 'forward'
        ? [{ step, index }]
        : [],
    );
  const resultAt = (rank: number, { index, step }: { index: number; step: DispatchStep }): RankLook => {
    const { m, n, batch } = step.product!.of;
    // What is stored before an activation comes first.
    const operand = step.operands.findIndex(
      place => place?.access === 'write' && place.bytes === 4 * batch * m * n,
    );
    return { rank, step: index, operand, from: 0, rows: batch * m, columns: n };
  };
  const [first] = forward(whole.trainer.plansOf(0)[0]).filter(({ step }) => step.product);
  const { m, n, batch } = first.step.product!.of;
  // With a second result the product itself is the last operand that is written: see shaders/matmul_small.wgsl.
  const written = first.step.operands.flatMap((place, operand) =>
    place?.access === 'write' ? [operand] : [],
  );
  const expected = await Promise.all(
    written.map(
      async operand => (await whole.trainer.look([{ ...resultAt(0, first), operand }], SEED))[0].values,
    ),
  );
  const parts = await Promise.all(
    [0, 1, 2, 3].map(async rank => {
      const [theirs, own] = forward(cut.trainer.plansOf(rank)[0]).filter(({ step }) => step.product);
      const seen = await cut.trainer.look([resultAt(rank, theirs), resultAt(rank, own)], SEED);
      return seen.map(({ values }) => values);
    }),
  );
  const z = new Float32Array(batch * m * n);
  for (const rank of [0, 1, 2, 3]) {
    const [row, column] = [Math.floor(rank / 2), rank % 2];
    const partner = rank ^ 2;
    for (let b = 0; b < batch; b++)
      for (let y = 0; y < m / 2; y++)
        for (let x = 0; x < n / 2; x++) {
          const at = (b * (m / 2) + y) * (n / 2) + x;
          z[(b * m + row * (m / 2) + y) * n + column * (n / 2) + x] =
            parts[rank][1][at] + parts[partner][0][at];
        }
  }
  expect(Math.min(...expected.map(values => relativeError(z, values)))).toBeLessThanOrEqual(1e-4);
  whole.close();
  cut.close();
});

test.each([[single], [square]])('%o: later losses and the state are the same to the last bit', async mesh => {
  const untouched = await inOneMesh(mesh);
  const before = await train(untouched.trainer, 2);
  const after = await train(untouched.trainer, 3);
  const state = await stateOf(untouched.trainer);
  untouched.close();

  const { trainer, close } = await inOneMesh(mesh);
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => rank);
  const lookEverywhere = () =>
    trainer.look(
      ranks.flatMap(rank => {
        const [plan] = trainer.plansOf(rank);
        return resultsOf(plan).map(({ step, operand }) => whole(plan, rank, step, operand));
      }),
      SEED,
    );
  const once = await lookEverywhere();
  expect(await lookEverywhere()).toEqual(once);
  expect(await train(trainer, 2)).toEqual(before);
  await lookEverywhere();
  await lookEverywhere();
  expect(await train(trainer, 3)).toEqual(after);
  expect(await stateOf(trainer)).toEqual(state);
  close();
});

test('what the plan has not is refused before any rank begins', async () => {
  const { trainer, close } = await inOneMesh({ rows: 1, columns: 2, replicas: 1 });
  const look = { rank: 0, step: 0, operand: 0, from: 0, rows: 1, columns: 1 };
  const last = trainer.plansOf(1)[0].steps.length - 1;
  await expect(trainer.look([{ ...look, rank: 2 }], SEED)).rejects.toThrow(/^rank 2 .* the run has 2$/);
  await expect(trainer.look([{ ...look, rank: 1, step: last }], SEED)).rejects.toThrow(
    `step ${last} cannot be looked at: the plan has the steps 0 to ${last - 1} before its update`,
  );
  await expect(trainer.look([{ ...look, operand: 40 }], SEED)).rejects.toThrow(/and none in place 40$/);
  await expect(trainer.look([{ ...look, rank: 1, columns: 1e6 }], SEED)).rejects.toThrow(
    /values, and no 1 x 1000000 from 0 on$/,
  );
  expect((await train(trainer, 2)).length).toBe(2);
  close();
});

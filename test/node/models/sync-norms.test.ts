/**
 * Replicas whose norms go by the whole batch are one rank with all of it, in float64: loss, every gradient, and running
 * statistics.
 */
import { expect, test } from 'vitest';
import { ancestors, grad } from '../../../src/graph/grad.ts';
import { isCollective } from '../../../src/graph/ops/collective.ts';
import { isInput } from '../../../src/graph/ops/leaf.ts';
import { sizeOf, type Tensor } from '../../../src/graph/tensor.ts';
import { type Mesh, meshAt, single } from '../../../src/mesh/mesh.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { lossGraph } from '../../../src/train/plans.ts';
import { interpretMesh } from '../../reference/interpret-mesh.ts';
import { imageJob } from '../../reference/jobs.ts';
import { uniform } from './odd-models.ts';

await loadAllKinds();

const BATCH = 6;

/** Of a rank, with the values of its leaves; its images are its part of the batch, and lie far from zero. */
function graphOf(syncNorms: boolean, recompute: boolean, mesh: Mesh) {
  const small = { stemChannels: 3, stageChannels: 2, blocks: [1, 1], height: 5, width: 6 };
  const job = imageJob(50, { ...small, syncNorms });
  const { loss, parameters, states, assigned } = lossGraph(job, BATCH / mesh.replicas, { mesh });
  const results = [loss, ...grad(loss, parameters, { recompute }), ...assigned.values()];
  const leaves = new Map<Tensor, ArrayLike<number>>();
  [...parameters, ...states].forEach((leaf, i) => {
    leaves.set(leaf, uniform(sizeOf(leaf.shape), i + 1));
  });
  for (const leaf of ancestors(...results).filter(isInput)) {
    const all = BATCH * sizeOf(leaf.shape.slice(1));
    const values =
      leaf.attributes.name === 'label'
        ? Array.from({ length: all }, (_, i) => (3 * i) % 10)
        : Array.from(uniform(all, 99), value => 40 + value);
    const share = all / mesh.replicas;
    leaves.set(leaf, values.slice(mesh.place.replica * share, (mesh.place.replica + 1) * share));
  }
  return { results, leaves, summed: 1 + parameters.length };
}

/** Where a norm takes off what a parameter adds, its gradient is zero but for rounding. */
const relative = (a: readonly number[], b: readonly number[]) =>
  Math.hypot(...a.map((value, i) => value - b[i])) / (1e-6 + Math.hypot(...b));

/** Largest relative difference of sums over the replicas from the whole, and of what each of them has. */
function differences(replicas: number, syncNorms: boolean, recompute = false) {
  const graphs = Array.from({ length: replicas }, (_, rank) =>
    graphOf(syncNorms, recompute, meshAt({ rows: 1, columns: 1, replicas }, rank)),
  );
  const ranks = interpretMesh(graphs);
  const [whole] = interpretMesh([graphOf(false, false, single)]);
  const [{ summed, results }] = graphs;
  const shares = whole.slice(0, summed).map((truth, i) => {
    const sums = Array.from(truth, (_, at) => ranks.reduce((sum, values) => sum + values[i][at], 0));
    return relative(sums, [...truth]);
  });
  const running = whole
    .slice(summed)
    .flatMap((truth, i) => ranks.map(values => relative([...values[summed + i]], [...truth])));
  const exchanges = ancestors(...results).filter(isCollective).length;
  return { shares: Math.max(...shares), running: Math.max(...running), exchanges };
}

test.each([2, 3])('%i replicas', replicas => {
  const { shares, running, exchanges } = differences(replicas, true);
  expect(shares).toBeLessThan(1e-7);
  expect(running).toBeLessThan(1e-12);
  // Of every norm one each way.
  expect(exchanges).toBe(2 * 9);
});

test('nothing is exchanged again where activations are computed again', () => {
  const { shares, running, exchanges } = differences(2, true, true);
  expect(shares).toBeLessThan(1e-7);
  expect(running).toBeLessThan(1e-12);
  expect(exchanges).toBe(2 * 9);
});

test('norms of their own see other samples', () => {
  const { shares, running, exchanges } = differences(2, false);
  expect(shares).toBeGreaterThan(1e-3);
  expect(running).toBeGreaterThan(1e-6);
  expect(exchanges).toBe(0);
});

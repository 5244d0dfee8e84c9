/**
 * The same step on one device: its gradients as the ranks of a run compute them, and as an undivided model does with the same
 * weights, batch and masks. Both are computed up to the update, and neither changes anything of the run.
 */
import { meshAt, ranksOf } from '../mesh/mesh.ts';
import type { MeshTrainer, RankLook } from '../parallel/mesh-trainer.ts';
import { cutShard } from '../parallel/shards.ts';
import type { Tuning } from '../parallel/tuning.ts';
import type { ParameterLayout } from '../plan/layout.ts';
import { placesOf, stepsBeforeUpdate } from '../plan/look.ts';
import type { Plan } from '../plan/plan.ts';
import { shardLayout } from '../train/plans.ts';
import type { GradientDifference } from './api/api.ts';
import { type PreparedRun, prepareRun, restoreCheckpoint, takeCheckpoint } from './prepared-run.ts';
import type { OpenDevice } from './session-device.ts';

/** Floats of a look that are given as they are. */
const lookFloats = 16 * 1024;

interface Written {
  /** Bytes of the flat array. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly operand: number;
  /** Where in the operand it begins, in floats. */
  readonly at: number;
}

/** Which operands have the gradients at last, before the update. */
function lastWrites(plan: Plan): Written[] {
  const found: Written[] = [];
  let open: (readonly [number, number])[] = [[0, Number.POSITIVE_INFINITY]];
  for (let step = stepsBeforeUpdate(plan) - 1; step >= 0; step--) {
    if (plan.steps[step].kind === 'start') continue;
    placesOf(plan.steps[step]).forEach((place, operand) => {
      if (place?.space !== 'gradients' || ('access' in place && place.access === 'read')) return;
      const { offset, bytes } = place;
      open = open.flatMap(([begin, end]) => {
        const [from, to] = [Math.max(begin, offset), Math.min(end, offset + bytes)];
        if (from >= to) return [[begin, end] as const];
        found.push({ from, to, step, operand, at: (from - offset) / 4 });
        const left = [
          [begin, from],
          [to, end],
        ] as const;
        return left.filter(([a, b]) => a < b);
      });
    });
  }
  return found;
}

/** Gradients of the next step, in the flat arrays of the ranks. */
async function gradientsOf(
  trainer: MeshTrainer,
  layouts: readonly ParameterLayout[],
  seed: number,
): Promise<Float32Array[]> {
  const wanted = layouts.flatMap((_, rank) =>
    lastWrites(trainer.plansOf(rank).at(-1)!).flatMap(({ from, to, step, operand, at }) =>
      pieces((to - from) / 4).map(([begin, length]) => ({
        look: { rank, step, operand, from: at + begin, rows: 1, columns: length } satisfies RankLook,
        place: from / 4 + begin,
      })),
    ),
  );
  const seen = await trainer.look(
    wanted.map(({ look }) => look),
    seed,
  );
  const flat = layouts.map(({ floats }) => new Float32Array(floats));
  wanted.forEach(({ look: { rank }, place }, i) => {
    flat[rank].set(seen[i].values, place);
  });
  return flat;
}

const pieces = (floats: number): (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(floats / lookFloats) }, (_, i) => [
    i * lookFloats,
    Math.min(lookFloats, floats - i * lookFloats),
  ]);

/** @returns for every parameter, in the order of the undivided model, which is made for it and freed */
export async function compareAlone(
  run: PreparedRun,
  device: OpenDevice,
  tuning: Tuning,
): Promise<GradientDifference[]> {
  const { bytes } = await takeCheckpoint(run);
  const alone = await prepareRun(
    { ...run.config, mesh: undefined, seed: run.seed, trace: undefined },
    { ...device, links: undefined, progress: () => undefined, before: run, tuning, forms: run.forms },
  );
  try {
    await restoreCheckpoint(alone, await bytes);
    return await gradientDifferences(run, alone.trainer);
  } finally {
    alone.trainer.destroy();
  }
}

/** @param alone of one rank, in the same state */
async function gradientDifferences(run: PreparedRun, alone: MeshTrainer): Promise<GradientDifference[]> {
  const { program } = run.trainer;
  const whole = alone.layout;
  const [plan] = alone.plansOf(0).slice(-1);
  const ranks = Array.from({ length: ranksOf(program.mesh) }, (_, rank) => rank);
  const layouts = ranks.map(rank => shardLayout(program.model, meshAt(program.mesh, rank)));
  const [expected] = await gradientsOf(alone, [whole], run.seed);
  const found = await gradientsOf(run.trainer, layouts, run.seed);
  const largest = new Map<string, number>();
  ranks.forEach(rank => {
    const own = cutShard(layouts[rank], whole, 'gradients', expected);
    for (const { name, offset, size, attributes } of layouts[rank].entries) {
      const of = attributes.origin?.name ?? name;
      let most = largest.get(of) ?? 0;
      for (let i = offset; i < offset + size; i++) most = Math.max(most, Math.abs(found[rank][i] - own[i]));
      largest.set(of, most);
    }
  });
  return whole.entries.map(({ name, offset, size }) => {
    const values = expected.subarray(offset, offset + size);
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return {
      name,
      layers: layersOf(plan, 4 * offset, 4 * (offset + size)),
      norm,
      largest: largest.get(name) ?? 0,
    };
  });
}

/** The layers that compute with a parameter. */
function layersOf({ steps }: Plan, from: number, to: number): string[] {
  const layers = steps.flatMap(step => {
    if (step.kind !== 'dispatch' || step.provenance.phase !== 'forward') return [];
    const reads = step.operands.some(
      place => place?.space === 'parameters' && place.offset < to && from < place.offset + place.bytes,
    );
    return reads ? [step.provenance.layer] : [];
  });
  return [...new Set(layers)];
}

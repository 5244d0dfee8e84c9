/** Cuts models for whoever shows them, and keeps what it has found: a mesh that was looked at before answers at once. */
import { ConfigError } from '../models/model.ts';
import { loadKinds } from '../train/load-kinds.ts';
import type { RankPlans } from '../train/plans.ts';
import type { LaptopRow } from './api/best-mesh.ts';
import {
  overlappedPlans,
  type PredictedTrace,
  type Prediction,
  predictedTrace,
  predictionOf,
} from './api/cut-prediction.ts';
import type { Setting } from './api/cut-settings.ts';
import {
  type CutAnswer,
  type CutModel,
  cutsOf,
  meshesFor,
  type OfferedMesh,
  type Whole,
  wholeOf,
} from './api/cuts.ts';
import type { MachineOrder, MachineReport } from './api/machine-report.ts';
import type { MeshConfig } from './api/run-config.ts';
import { presetOf } from './api/settings.ts';

/** All can be structured-cloned. A mesh, or changes to a preset, that are impossible are answered with their reason. */
export interface CutsApi {
  /** What is offered, each with the reason where it is impossible; nothing where there is no such model. */
  meshes(model: CutModel): Promise<readonly OfferedMesh[]>;
  cuts(model: CutModel, mesh: MeshConfig): Promise<CutAnswer>;
  /** Takes a second or more where it is new. Undefined where the mesh is impossible. */
  prediction(
    model: CutModel,
    mesh: MeshConfig,
    settings: readonly Setting[],
  ): Promise<Prediction | undefined>;
  /** A step there, as it would leave its times behind. Undefined where the mesh is impossible. */
  step(model: CutModel, mesh: MeshConfig, setting: Setting): Promise<PredictedTrace | undefined>;
  /** A step of a preset on machines of the table. Takes up to seconds. @throws where its mesh is impossible */
  machines(order: MachineOrder): Promise<MachineReport>;
  /** How many usual laptops make a GPU of the table, for this model. Takes seconds. */
  laptops(model: CutModel, gpu: string): Promise<readonly LaptopRow[]>;
}

/** Answers that are kept of each kind. */
const MOST_KEPT = 32;

/** @param pause lets other questions be answered while a prediction is made */
export function createCutter(pause: () => Promise<void>): CutsApi {
  const wholes = keeping<Whole>();
  const answers = keeping<CutAnswer>();
  const predictions = keeping<Promise<Prediction>>();
  const whole = (model: CutModel) => wholes(JSON.stringify(model), () => wholeOf(model));
  const load = ({ preset }: CutModel) => {
    const { model, task } = presetOf(preset);
    return loadKinds(model.kind, task.kind);
  };
  /** Large, and asked for again only for what is shown. */
  const plansOf = keeping<Promise<readonly RankPlans[]>>(1);
  const plans = (model: CutModel, mesh: MeshConfig) =>
    plansOf(JSON.stringify([model, mesh]), () => overlappedPlans(whole(model), mesh, pause));
  const cuts = (model: CutModel, mesh: MeshConfig) =>
    orReason(
      async () => {
        await load(model);
        return answers(JSON.stringify([model, mesh]), () => cutsOf(whole(model), mesh));
      },
      impossible => ({ impossible }),
    );
  return {
    meshes: model =>
      orReason(
        async () => {
          await load(model);
          return meshesFor(whole(model));
        },
        () => [],
      ),
    cuts,
    prediction: async (model, mesh, settings) =>
      'impossible' in (await cuts(model, mesh))
        ? undefined
        : predictions(JSON.stringify([model, mesh, settings]), () =>
            predictionOf(whole(model), mesh, settings, pause, plans(model, mesh)),
          ),
    step: async (model, mesh, setting) =>
      'impossible' in (await cuts(model, mesh))
        ? undefined
        : predictedTrace(await plans(model, mesh), whole(model).settings.accumulate ?? 1, setting),
    async machines(order) {
      await load(order);
      const { reportFor } = await import('./api/machine-report.ts');
      return reportFor(order);
    },
    async laptops(model, gpu) {
      await load(model);
      const { laptopsFor } = await import('./api/laptops.ts');
      return laptopsFor(whole(model), gpu, pause);
    },
  };
}

async function orReason<Value>(
  make: () => Promise<Value>,
  otherwise: (reason: string) => Value,
): Promise<Value> {
  try {
    return await make();
  } catch (cause) {
    if (cause instanceof ConfigError) return otherwise(cause.message);
    throw cause;
  }
}

/** Makes a value once for a key, and forgets the oldest of too many. */
function keeping<Value>(most = MOST_KEPT): (key: string, make: () => Value) => Value {
  const kept = new Map<string, Value>();
  return (key, make) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make();
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > most) kept.delete(oldest);
    return made;
  };
}

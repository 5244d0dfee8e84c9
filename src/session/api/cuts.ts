/**
 * A model cut for a mesh, read off what would run: which block of a sample and which elements of every parameter each rank
 * holds, bytes by kind, and what a step sends. Needs no device and no data. The order of a step that hides its exchanges
 * takes long to find, so it is left to `cut-prediction.ts`; it changes nothing here but a few bytes.
 */
import { type Mesh, meshAt, meshName, parseMesh, placeOf, type RankPlace, ranksOf } from '../../mesh/mesh.ts';
import { modelKind } from '../../models/index.ts';
import { type AxisBlock, ConfigError, type Frame, predictionOf } from '../../models/model.ts';
import type { ParameterEntry, ParameterLayout } from '../../plan/layout.ts';
import type { Machine } from '../../plan/machine.ts';
import type { Plan } from '../../plan/plan.ts';
import {
  allSpaces,
  type Job,
  type RankPlans,
  rankPlans,
  shardLayout,
  type TrainingPlan,
  wholeLayout,
} from '../../train/plans.ts';
import type { MemorySummary } from './api.ts';
import {
  type Box,
  boxOf,
  joinedBoxes,
  lengthOf,
  type Piece,
  piecesOf,
  type Run,
  rowLengthOf,
  runsOf,
} from './cut-pieces.ts';
import { productsOf, type Traffic, trafficOf } from './cut-traffic.ts';
import { modelFor } from './fitted-model.ts';
import { memoryOf } from './memory.ts';
import { jobOf } from './plan-report.ts';
import type { Preset } from './presets.ts';
import type { MeshConfig, RunOverrides } from './run-config.ts';
import { checkMeshConfig, presetOf, settingsOf } from './settings.ts';

export type { Box, Piece, Run } from './cut-pieces.ts';
export { type Traffic, type TrafficKind, trafficKinds } from './cut-traffic.ts';

/** What is to be cut. */
export interface CutModel {
  readonly preset: string;
  readonly overrides?: RunOverrides;
  readonly recompute?: boolean;
  /** Of the data that are read; of those that the preset is meant for where absent. */
  readonly frame?: Frame;
}

/** A parameter of the whole model, seen as a matrix. */
export interface WeightCut {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** That of the model's parts: see `ParameterAttributes`. */
  readonly part: string;
  /** A product's, or else a bias or a norm's scale. */
  readonly isMatrix: boolean;
  /** Every element lies in one piece. */
  readonly pieces: readonly Piece[];
}

export interface RankCut extends RankPlace {
  /** Of a step's batch. */
  readonly samples: Run;
  /** Of a sample's input, axis by axis. */
  readonly block: readonly (readonly Run[])[];
  /** Trained values that it keeps, copies among them. */
  readonly elements: number;
  /** Where in its flat arrays it keeps them; absent in recordings that were made before this was told. */
  readonly places?: readonly ParameterPlace[];
  readonly memory: MemorySummary;
  readonly traffic: Traffic;
  /** Of the work of the undivided model's products, what it computes. */
  readonly productShare: number;
}

/** Bytes `from` to `to` of a rank's flat arrays (weights, gradients, optimizer state): a part of a parameter of the whole model. */
export interface ParameterPlace {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A published way to cut the same model, as far as it is known in closed form. */
export interface PublishedCut {
  readonly ranks: number;
  /** That a rank sends in a step, mean over the ranks. */
  readonly bytesSent: number;
  readonly productShare: number;
}

export interface Cuts {
  readonly mesh: MeshConfig;
  /** For people: what kind of model it is. */
  readonly model: string;
  readonly parameters: number;
  readonly batch: number;
  /** What the model reads of a sample: [channels, rows, columns] of fields or of an image. */
  readonly sample: { readonly name: string; readonly shape: readonly number[] };
  readonly weights: readonly WeightCut[];
  readonly ranks: readonly RankCut[];
  /** Bytes of one device that holds all. */
  readonly undivided: MemorySummary;
  readonly published?: PublishedCut;
}

export type CutAnswer = { readonly cuts: Cuts } | { readonly impossible: string };

/** A preset with its changes, its model for its data, and one device that holds all of it. */
export interface Whole {
  readonly settings: Preset;
  readonly job: Job;
  readonly recompute?: boolean;
  readonly plans: RankPlans;
}

/** @throws ConfigError where the changes make no model */
export function wholeOf({ preset, overrides, recompute, frame }: CutModel): Whole {
  const { steps } = presetOf(preset);
  const settings = settingsOf({ preset, steps, seed: 1, overrides });
  const job = frame ? { model: modelFor(settings, frame), frame } : jobOf(settings);
  const { batch, accumulate, optimizer } = settings;
  return { settings, job, recompute, plans: rankPlans(job, batch, optimizer, { accumulate, recompute }) };
}

/** All passes of a step. */
export function passesOf({ plan, earlierPass }: TrainingPlan, accumulate = 1): Plan[] {
  return [...new Array<Plan>(accumulate - 1).fill(earlierPass ?? plan), plan];
}

/** Bytes of a rank's buffers. */
export function memoryIn({ training, forecasts }: RankPlans): MemorySummary {
  const bytes = Object.entries(allSpaces(training.plan, [...forecasts.values()])).map(([space, buffers]) => [
    space,
    buffers.reduce((sum, buffer) => sum + buffer.bytes, 0),
  ]);
  return memoryOf(Object.fromEntries(bytes), 0);
}

/** The cut, or why there is none. @throws ConfigError where the changes make no model */
export function cutsOf(whole: Whole, mesh: MeshConfig): CutAnswer {
  const impossible = whyNot(whole, mesh);
  if (impossible !== undefined) return { impossible };
  const { settings, job, plans } = whole;
  const { batch, accumulate } = settings;
  const { kind, config } = job.model;
  const { label, block, publishedScheme } = modelKind(kind);
  const { input } = predictionOf(job.frame);
  const layouts = Array.from({ length: mesh.rows * mesh.columns }, (_, place) =>
    shardLayout(job.model, meshAt(mesh, place)),
  );
  const boxes = layouts.map(boxesIn);
  const undividedFlops = productsOf(passesOf(plans.training, accumulate)).flops;
  // All ranks of an instance have blocks of the same lengths, and so the same bytes: see the test.
  const instance = mesh.rows * mesh.columns;
  const steps = Array.from({ length: mesh.replicas }, (_, replica) => {
    const own = ranksOf(mesh) === 1 ? plans : plansAt(whole, meshAt(mesh, replica * instance), mesh);
    const passes = passesOf(own.training, accumulate);
    return {
      memory: memoryIn(own),
      traffic: trafficOf(passes),
      productShare: productsOf(passes).flops / undividedFlops,
    };
  });
  const share = batch / mesh.replicas;
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank): RankCut => {
    const place = placeOf(mesh, rank);
    const held = block(config, mesh, place)[input.name];
    const kept = [...boxes[rank % instance].values()].flat();
    return {
      ...place,
      samples: [place.replica * share, (place.replica + 1) * share],
      block: input.shape.map((length, axis) => axisRuns(held?.[axis] ?? 'all', length)),
      elements: kept.reduce((sum, { rows, columns }) => sum + lengthOf(rows) * lengthOf(columns), 0),
      places: placesIn(layouts[rank % instance]),
      ...steps[place.replica],
    };
  });
  const published = publishedScheme?.(config, batch);
  return {
    cuts: {
      mesh,
      model: label,
      parameters: plans.training.layout.count,
      batch,
      sample: { name: input.name, shape: input.shape },
      weights: weightsOf(job, layouts[0], ranksOf(mesh), boxes),
      ranks,
      undivided: memoryIn(plans),
      published: published && {
        ranks: published.ranks,
        bytesSent: (4 * published.sentElements) / published.ranks,
        productShare: published.productShare,
      },
    },
  };
}

/** Why a mesh is impossible, for people; undefined where it is not. */
export function whyNot({ job, settings }: Whole, mesh: MeshConfig): string | undefined {
  try {
    checkMeshConfig(job.model, mesh, settings);
    return undefined;
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.message;
    throw cause;
  }
}

/** What a rank runs; it waits for every exchange where `overlap` is not given. */
export function plansAt(
  { job, settings: { batch, optimizer, accumulate }, recompute }: Whole,
  mesh: Mesh,
  { microBatches, wire }: MeshConfig,
  overlap?: Machine,
): RankPlans {
  const options = { mesh, accumulate, microBatches, recompute, wire, overlap };
  return rankPlans(job, batch / mesh.replicas, optimizer, options);
}

const axisRuns = (own: AxisBlock, length: number): Run[] => (own === 'all' ? [[0, length]] : runsOf(own));

const wholeName = ({ attributes, name }: ParameterEntry) => attributes.origin?.name ?? name;

/** By the whole's name: what is kept of each parameter. */
function boxesIn({ entries }: ParameterLayout): ReadonlyMap<string, readonly Box[]> {
  const found = new Map<string, Box[]>();
  for (const entry of entries) {
    const name = wholeName(entry);
    found.set(name, [...(found.get(name) ?? []), boxOf(entry)]);
  }
  return new Map([...found].map(([name, boxes]) => [name, joinedBoxes(boxes)]));
}

const placesIn = ({ entries }: ParameterLayout): ParameterPlace[] =>
  entries.map(entry => {
    const from = 4 * entry.offset;
    return { name: wholeName(entry), from, to: from + 4 * entry.size };
  });

/** In the order of the model's layers, as names say it; the matrices among them are what the bytes are of. */
function weightsOf(
  { model }: Job,
  { entries }: ParameterLayout,
  ranks: number,
  boxes: readonly ReadonlyMap<string, readonly Box[]>[],
): WeightCut[] {
  const rowLengths = new Map(entries.map(entry => [wholeName(entry), rowLengthOf(entry)]));
  return wholeLayout(model).entries.map(({ name, shape, size, attributes: { part, decays } }) => {
    const columns = rowLengths.get(name) ?? 1;
    const byRank = Array.from({ length: ranks }, (_, rank) => boxes[rank % boxes.length].get(name) ?? []);
    return { name, shape, rows: size / columns, columns, part, isMatrix: decays, pieces: piecesOf(byRank) };
  });
}

/** A mesh that people are offered, and why not. */
export interface OfferedMesh {
  readonly name: string;
  readonly mesh: MeshConfig;
  readonly impossible?: string;
}

const cutsOffered = ['1x1', '1x2', '2x1', '2x2', '2x4'];
const copiesOffered = [2, 4];

/** Ways to cut one copy of the model, then numbers of whole copies. */
export function meshesFor(whole: Whole): OfferedMesh[] {
  const shapes = [
    ...cutsOffered.map(name => parseMesh(name)),
    ...copiesOffered.map(replicas => ({ rows: 1, columns: 1, replicas })),
  ];
  return shapes.map(mesh => ({ name: meshName(mesh), mesh, impossible: whyNot(whole, mesh) }));
}

/** The mesh of a terminal run: what its arguments say, and what of it makes sense together. */

import type { Emulation } from '../crew/api.ts';
import { type MeshShape, parseMesh, ranksOf } from '../mesh/mesh.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { partsFault, type StepParts } from '../session/api/settings.ts';
import { UsageError } from './usage-error.ts';

/** `local`: ranks are workers of one page. `webrtc`: each has a page of its own. */
export type Transport = 'local' | 'webrtc';

/** A mesh of two ranks or more, and how they are linked. */
export interface MeshSettings
  extends MeshShape,
    Required<Pick<MeshConfig, 'microBatches' | 'overlap' | 'wire'>> {
  readonly transport: Transport;
  /** The network that local links behave like; absent: none. */
  readonly link?: Emulation;
}

/** What was given; the rest comes from the run that is continued, or is the default. */
export type MeshChanges = Partial<MeshSettings>;

/** Every rank has a worker with a device; one machine has no use for more. */
const mostRanks = 64;
const defaults: MeshSettings = {
  rows: 1,
  columns: 1,
  replicas: 1,
  transport: 'local',
  microBatches: 1,
  overlap: true,
  wire: 'f32',
};

/** Samples of a step, all ranks together, and the passes that they are computed in. */
export interface BatchSettings {
  readonly batch: number;
  readonly accumulate?: number;
}

/**
 * @param given what the arguments say
 * @param before the mesh of the run that is continued
 * @returns undefined for one rank: a run without a mesh
 * @throws UsageError
 */
export function meshSettings(
  given: MeshChanges,
  { batch, accumulate }: BatchSettings,
  before?: MeshSettings,
): MeshSettings | undefined {
  const { link, ...mesh } = { ...defaults, ...before, ...given };
  const ranks = ranksOf(mesh);
  if (ranks === 1) {
    refuseWithoutMesh(given);
    refuseParts(batch, { accumulate });
    return undefined;
  }
  if (ranks > mostRanks) {
    throw new UsageError(
      `The mesh has ${ranks} ranks, each with a worker of its own; give at most ${mostRanks}.`,
    );
  }
  if (given.link !== undefined && mesh.transport !== 'local') {
    throw new UsageError(
      '--link emulates a network between workers of one page: it needs --transport local.',
    );
  }
  const samples = batch / mesh.replicas;
  if (!Number.isInteger(samples)) {
    throw new UsageError(
      `A batch of ${batch} cannot be shared by ${mesh.replicas} replicas: give --batch a multiple of ${mesh.replicas}.`,
    );
  }
  refuseParts(samples, { accumulate, microBatches: mesh.microBatches });
  return { ...mesh, ...(link !== undefined && mesh.transport === 'local' && { link }) };
}

function refuseParts(samples: number, parts: StepParts): void {
  const fault = partsFault(samples, parts);
  if (fault !== undefined) throw new UsageError(`--accumulate or --micro-batches: ${fault}`);
}

function refuseWithoutMesh({ transport, microBatches, overlap, wire, link }: MeshChanges): void {
  const without = Object.entries({
    transport: transport === 'webrtc',
    'micro-batches': microBatches !== undefined && microBatches > 1,
    overlap: overlap === false,
    wire: wire === 'f16',
    link: link !== undefined,
  }).find(([, refused]) => refused);
  if (without) {
    throw new UsageError(`--${without[0]} needs two ranks or more: give --mesh, such as 2x2, or --replicas.`);
  }
}

/** @throws UsageError */
export function parseShape(text: string): Pick<MeshSettings, 'rows' | 'columns'> {
  try {
    const { rows, columns } = parseMesh(text);
    return { rows, columns };
  } catch (error) {
    throw new UsageError(`--mesh: ${(error as Error).message}`);
  }
}

/** @throws UsageError */
export function parseTransport(text: string): Transport {
  if (text === 'local' || text === 'webrtc') return text;
  throw new UsageError(`--transport is "${text}"; there are local and webrtc.`);
}

/** @throws UsageError */
export function parseOverlap(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new UsageError(`--overlap is "${text}"; it is on or off.`);
}

/** @throws UsageError */
export function parseWire(text: string): MeshSettings['wire'] {
  if (text === 'f32' || text === 'f16') return text;
  throw new UsageError(`--wire is "${text}"; there are f32 and f16.`);
}

/**
 * @param text for instance `5,20`: 5 ms one way, 20 MB/s
 * @throws UsageError
 */
export function parseLink(text: string): Emulation {
  const [latencyMs, megabytesPerSecond, ...more] = text
    .split(',')
    .map(part => (part.trim() === '' ? Number.NaN : Number(part)));
  const valid =
    latencyMs >= 0 && latencyMs <= 10_000 && megabytesPerSecond > 0 && megabytesPerSecond <= 100_000;
  if (valid && more.length === 0) return { latencyMs, megabytesPerSecond };
  throw new UsageError(
    `--link is "${text}"; it must be the latency in ms (0 to 10000), a comma and MB/s (above 0, to 100000), such as 5,20.`,
  );
}

/** What a step would take on machines of the table: it, more copies of it, and other meshes of as many. */
import { ranksOf } from '../../mesh/mesh.ts';
import {
  type CopiesRow,
  copiesCurve,
  type LaptopRow,
  meshesOf,
  rankedMeshes,
  reasonFor,
} from './best-mesh.ts';
import { laptopRows } from './laptops.ts';
import {
  assumedShares,
  gpuNamed,
  linkNamed,
  type MachinePrediction,
  type Machines,
  machinePredictor,
  type Precision,
} from './machine-prediction.ts';
import type { Preset } from './presets.ts';
import type { MeshConfig } from './run-config.ts';
import { presetOf, settingsOf } from './settings.ts';

export interface MachineReport {
  readonly preset: string;
  readonly machines: Machines & { readonly shares: typeof assumedShares };
  readonly predicted: MachinePrediction;
  readonly copies: readonly CopiesRow[];
  /** Of as many ranks, the fastest first. */
  readonly meshes: readonly MachinePrediction[];
  readonly reason: string;
  readonly laptops: readonly LaptopRow[];
}

/** Copies that the curve goes up to, in ranks. */
const CURVE_RANKS = 256;

/** @throws ConfigError where the mesh is impossible */
export function machineReport(
  { name, preset }: { readonly name: string; readonly preset: Preset },
  sizes: Preset['sizes'] | undefined,
  mesh: MeshConfig,
  machines: Machines,
  laptops: boolean,
): MachineReport {
  const predict = machinePredictor(preset, { sizes });
  const predicted = predict(mesh, machines);
  const meshes = rankedMeshes(predict, meshesOf(ranksOf(mesh), mesh), machines);
  return {
    preset: name,
    machines: { ...machines, shares: { ...assumedShares, ...machines.shares } },
    predicted,
    copies: copiesCurve(predict, mesh, machines, CURVE_RANKS),
    meshes,
    reason: reasonFor(meshes),
    laptops: laptops ? [...laptopRows(predict, machines)] : [],
  };
}

/** A preset as it is, on machines by their names in the tables. */
export interface MachineOrder {
  readonly preset: string;
  readonly mesh: MeshConfig;
  readonly gpu: string;
  readonly link: string;
  readonly precision: Precision;
}

/** @throws ConfigError where the mesh is impossible, Error where a table has no such name */
export function reportFor({ preset: name, mesh, gpu, link, precision }: MachineOrder): MachineReport {
  const { steps } = presetOf(name);
  const preset = settingsOf({ preset: name, steps, seed: 1 });
  const machines = { gpu: gpuNamed(gpu), link: linkNamed(link), precision };
  return machineReport({ name, preset }, undefined, mesh, machines, false);
}

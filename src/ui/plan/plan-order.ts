/** What the plan view is asked, as its address has it: `#/plan?preset=published-64&mesh=2x2&gpu=A100&link=nvlink`. */
import { meshName, parseMesh } from '../../mesh/mesh.ts';
import { gpuChoices, linkChoices, precisionsOf } from '../../session/api/machine-names.ts';
import type { MachineOrder } from '../../session/api/machine-report.ts';
import { presets } from '../../session/api/presets.ts';

const usual: MachineOrder = {
  preset: 'published-1',
  mesh: { rows: 2, columns: 2, replicas: 1 },
  gpu: 'A100',
  link: 'nvlink',
  precision: 'f32',
};

/** @param camera of the address; what cannot be used is passed over */
export function orderIn(camera: Readonly<Record<string, string>>): MachineOrder {
  const oneOf = <Name extends string>(names: readonly Name[], text: string | undefined, otherwise: Name) =>
    names.find(name => name === text) ?? otherwise;
  const gpu = oneOf(gpuChoices, camera.gpu, usual.gpu);
  return {
    preset: oneOf(Object.keys(presets), camera.preset, usual.preset),
    mesh: meshIn(camera.mesh ?? '2x2', camera.copies ?? '1') ?? usual.mesh,
    gpu,
    link: oneOf(linkChoices, camera.link, usual.link),
    precision: oneOf(precisionsOf(gpu), camera.precision, 'f32'),
  };
}

/** @returns undefined where one of them is none */
export function meshIn(mesh: string, copies: string): MachineOrder['mesh'] | undefined {
  const replicas = Number(copies);
  if (!(Number.isInteger(replicas) && replicas >= 1)) return undefined;
  try {
    return parseMesh(mesh.trim(), replicas);
  } catch {
    return undefined;
  }
}

export const cameraOf = ({ preset, mesh, gpu, link, precision }: MachineOrder): Record<string, string> => ({
  preset,
  mesh: meshName({ ...mesh, replicas: 1 }),
  ...(mesh.replicas === 1 ? {} : { copies: `${mesh.replicas}` }),
  gpu,
  link,
  ...(precision === 'f32' ? {} : { precision }),
});

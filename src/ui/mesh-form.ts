/** The choice of a mesh: rows x columns, replicas, micro-batches, overlap, wire precision. What the model does not allow is greyed out. */
import { meshName, parseMesh, ranksOf } from '../mesh/mesh.ts';
import { offered } from '../mesh/mesh-fit.ts';
import type { RunInfo } from '../session/api/api.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { whyImpossible } from '../session/api/settings.ts';
import { element, make, setText } from './dom.ts';
import { microBatchChoices, mostReplicas } from './mesh-choices.ts';
import { isLinkName, type LinkName, linkNames, links } from './share/links.ts';

export interface MeshForm {
  show(mesh: MeshConfig, link: LinkName): void;
  /** Greys out what this run does not allow; everything is offered while there is none. */
  offer(info: RunInfo | undefined): void;
  enable(enabled: boolean): void;
}

/**
 * @param onChange called with the mesh that the user chose
 * @param onLink called with the links that the user chose
 */
export function createMeshForm(
  onChange: (mesh: MeshConfig) => void,
  onLink: (link: LinkName) => void,
): MeshForm {
  const form = element('mesh-form', HTMLFormElement);
  const shape = element('mesh', HTMLSelectElement);
  const replicas = element('replicas', HTMLSelectElement);
  const microBatches = element('micro-batches', HTMLSelectElement);
  const overlap = element('overlap', HTMLInputElement);
  const wire = element('wire', HTMLSelectElement);
  const link = element('link', HTMLSelectElement);
  const reasons = element('mesh-reasons', HTMLDetailsElement);

  const option = (value: string, text: string) => {
    const made = make('option', text);
    made.value = value;
    return made;
  };
  const ranks = (count: number) => (count === 1 ? '1 rank' : `${count} ranks`);
  shape.append(...offered.map(name => option(name, `${name}, ${ranks(ranksOf(parseMesh(name)))}`)));
  replicas.append(...Array.from({ length: mostReplicas }, (_, i) => option(`${i + 1}`, `${i + 1}`)));
  microBatches.append(...microBatchChoices.map(count => option(`${count}`, `${count}`)));

  link.append(...linkNames.map(name => option(name, links[name].label)));
  link.addEventListener('change', () => {
    if (isLinkName(link.value)) onLink(link.value);
  });

  const chosen = (): MeshConfig => ({
    ...parseMesh(shape.value, Number(replicas.value)),
    microBatches: Number(microBatches.value),
    overlap: overlap.checked,
    wire: wire.value === 'f16' ? 'f16' : 'f32',
  });

  form.addEventListener('submit', event => event.preventDefault());
  for (const input of [shape, replicas, microBatches, overlap, wire]) {
    input.addEventListener('change', () => onChange(chosen()));
  }

  /** What the choices were judged for. */
  let judged = '';

  return {
    show(mesh, chosenLink) {
      link.value = chosenLink;
      shape.value = meshName({ ...mesh, replicas: 1 });
      replicas.value = String(mesh.replicas);
      microBatches.value = String(mesh.microBatches ?? 1);
      overlap.checked = mesh.overlap ?? true;
      wire.value = mesh.wire ?? 'f32';
    },
    offer(info) {
      const now = chosen();
      // Meshes are tried by the hundred, and reports of a run come several times a second.
      const question = JSON.stringify([now, info?.config, info?.modelConfig]);
      if (question === judged) return;
      judged = question;
      const refused = new Set<string>();
      const judge = (select: HTMLSelectElement, what: string, meshOf: (value: string) => MeshConfig) => {
        for (const entry of select.options) {
          const why = info && whyImpossible(info, meshOf(entry.value));
          entry.disabled = why !== undefined;
          entry.title = why ?? '';
          if (why !== undefined) refused.add(`${what}: ${why}`);
        }
      };
      judge(shape, 'Mesh', name => ({ ...parseMesh(name), microBatches: 1 }));
      judge(replicas, 'Replicas', count => ({ ...now, replicas: Number(count), microBatches: 1 }));
      judge(microBatches, 'Micro-batches', count => ({ ...now, microBatches: Number(count) }));
      reasons.hidden = refused.size === 0;
      element('mesh-reasons-list', HTMLUListElement).replaceChildren(
        ...[...refused].map(why => make('li', why)),
      );
      setText(reasons.querySelector('summary')!, 'Why some choices are greyed out');
    },
    enable(enabled) {
      for (const input of [shape, replicas, microBatches, overlap, wire, link]) input.disabled = !enabled;
    },
  };
}

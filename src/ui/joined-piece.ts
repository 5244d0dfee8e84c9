/** What a guest's page shows of the run: the piece that it holds, and how the run gets on. */
import type { RunState } from '../crew/api.ts';
import { type MeshShape, meshName, placeOf, type RankPlace, ranksOf } from '../mesh/mesh.ts';
import type { RunStatus } from '../session/api/api.ts';
import { presets } from '../session/api/presets.ts';
import { bytes, count } from '../show/format.ts';
import { element, setText } from './dom.ts';
import { drawMesh } from './mesh-drawing.ts';

export interface JoinedSeat {
  readonly mesh: MeshShape;
  readonly place: RankPlace;
  readonly host: string;
}

const doing: Record<RunStatus, string> = {
  idle: 'not started',
  preparing: 'preparing',
  ready: 'ready; the host has not started it',
  running: 'training, this device computes',
  paused: 'paused by the host',
  done: 'done',
  failed: 'stopped after an error on the host',
};

/** Shows the piece, or hides the panel where this page has none. What is not known is left empty. */
export function showPiece(seat: JoinedSeat | undefined, run: RunState | undefined): void {
  element('piece', HTMLElement).hidden = seat === undefined;
  if (!seat) return;
  const { mesh, place, host } = seat;
  setText(element('piece-words', HTMLParagraphElement), wordsOf(seat));
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => {
    const own = rank === place.rank;
    return {
      ...placeOf(mesh, rank),
      name: own ? 'you' : rank === 0 ? 'the host' : 'another',
      look: own ? 'own' : 'other',
    };
  });
  element('piece-drawing', HTMLDivElement).replaceChildren(...drawMesh(mesh, ranks));
  const fact = (id: string, text: string) => setText(element(id, HTMLElement), text);
  const held = run?.rankBytes.length === ranks.length ? run.rankBytes[place.rank] : undefined;
  fact('piece-host', host);
  fact('piece-preset', run ? (presets[run.preset]?.label ?? run.preset) : '');
  fact('piece-bytes', held ? bytes(held) : '');
  fact('piece-status', run ? doing[run.status] : '');
  fact('piece-step', run ? `${count(run.step)} of ${count(run.steps)}` : '');
  element('piece-progress', HTMLProgressElement).value = run && run.steps > 0 ? run.step / run.steps : 0;
}

function wordsOf({ mesh, place }: JoinedSeat): string {
  const { rows, columns, replicas } = mesh;
  const parts = [
    rows > 1 ? `band ${place.row + 1} of ${rows} of the map` : '',
    columns > 1 ? `group ${place.column + 1} of ${columns} of the channels` : '',
    replicas > 1 ? `copy ${place.replica + 1} of ${replicas}` : '',
  ].filter(Boolean);
  const share =
    rows * columns > 1
      ? ` and 1/${rows * columns} of every weight with its gradient and optimizer state`
      : '';
  return `This page is rank ${place.rank} of the mesh ${meshName(mesh)}: it holds ${parts.join(', ')}${share}.`;
}

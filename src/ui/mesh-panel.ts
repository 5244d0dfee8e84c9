/** "Share the model" and "Who computes": the drawing, the words and the table of the mesh as it is now. */
import type { Member, Seat } from '../crew/api.ts';
import { meshName, placeOf, ranksOf } from '../mesh/mesh.ts';
import type { RankReport, RunInfo, RunStatus } from '../session/api/api.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { list } from '../show/format.ts';
import { element, setText } from './dom.ts';
import { onePiece } from './mesh-choices.ts';
import { createMeshDrawing } from './mesh-drawing.ts';
import { createRankTable } from './rank-table.ts';
import { memberName, type RankView, sharesOf, stateOf } from './rank-view.ts';

export interface MeshState {
  readonly mesh: MeshConfig;
  readonly status: RunStatus;
  readonly info: RunInfo | undefined;
  readonly members: readonly Member[];
  readonly seats: readonly Seat[];
  /** The newest of each rank. */
  readonly reports: ReadonlyMap<number, RankReport>;
  readonly lost: ReadonlySet<number>;
}

export function createMeshPanel(): (state: MeshState) => void {
  const showDrawing = createMeshDrawing(element('mesh-drawing', HTMLDivElement));
  const showRanks = createRankTable();
  return state => {
    const { mesh, members } = state;
    const views = viewsOf(state);
    showDrawing(
      mesh,
      views.map(view => ({
        ...view,
        name: memberName(view.member),
        look: view.state,
        shares: sharesOf(view, views),
      })),
    );
    setText(element('mesh-words', HTMLParagraphElement), wordsOf(mesh));
    const guests = members.filter(member => !member.host && member.status === 'admitted');
    element('who', HTMLElement).hidden = ranksOf(mesh) === 1 && guests.length === 0;
    showRanks(views, mesh.replicas);
    const idle = guests.filter(guest => guest.ranks.length === 0 && !guest.watches).map(guest => guest.name);
    setText(
      element('unseated', HTMLParagraphElement),
      idle.length > 0 ? `${list(idle)} ${waits(state, idle.length)}` : '',
    );
  };
}

function viewsOf({ mesh, status, info, members, seats, reports, lost }: MeshState): RankView[] {
  // Seats of another mesh say nothing about this one.
  const seated = seats.length === ranksOf(mesh) ? seats : [];
  const own = info && meshName(info.config.mesh ?? onePiece) === meshName(mesh) ? info : undefined;
  const memoryOf = (rank: number) =>
    ranksOf(mesh) === 1 ? own?.memory : own?.ranks.find(info => info.rank === rank)?.memory;
  return Array.from({ length: ranksOf(mesh) }, (_, rank) => {
    const seat = seated.find(seat => seat.rank === rank);
    return {
      ...placeOf(mesh, rank),
      member: members.find(member => member.id === seat?.member || (rank === 0 && member.host)),
      state: stateOf(status, lost.has(rank)),
      memory: memoryOf(rank),
      report: reports.get(rank),
    };
  });
}

/** What a guest without a rank waits for. */
function waits({ mesh, status, seats }: MeshState, count: number): string {
  const one = count === 1;
  const host = seats.find(seat => seat.rank === 0)?.member;
  const free = seats.some(seat => seat.rank !== 0 && seat.member === host);
  const none = `${one ? 'is' : 'are'} here and ${one ? 'has' : 'have'} no rank`;
  if (ranksOf(mesh) === 1) return `${none}: choose a mesh with more ranks.`;
  if (seats.length === ranksOf(mesh) && !free) {
    return `${none}, until one is lost or you choose a mesh with more ranks.`;
  }
  const when =
    status === 'running' || status === 'paused'
      ? 'when the run is paused and resumed'
      : 'when training starts';
  return `${one ? 'gets a rank' : 'get ranks'} ${when}.`;
}

function wordsOf(mesh: MeshConfig): string {
  const { rows, columns, replicas } = mesh;
  const count = ranksOf(mesh);
  if (count === 1) {
    return 'One rank holds the whole model. A mesh cuts it into shards that are trained together, to the same result.';
  }
  const cuts = [
    rows > 1 ? `one of ${rows} bands of the map (tokens)` : '',
    columns > 1 ? `one of ${columns} groups of channels` : '',
  ].filter(Boolean);
  const holds =
    rows * columns > 1
      ? `Each rank holds ${cuts.join(' and ')}, and 1/${rows * columns} of every weight, gradient and optimizer state; in every step the ranks exchange what the others need. `
      : '';
  const copies =
    replicas > 1 ? `${replicas} copies of the model share each batch, and add up their gradients. ` : '';
  return `${holds}${copies}Workers and tabs of one machine share its graphics card: that shows that the split is correct and how it divides memory, not a speed-up.`;
}

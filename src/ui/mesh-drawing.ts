/** The mesh as a drawing: tokens by rows, channels by columns, every cell a rank with the name of who holds it. */
import { type MeshShape, meshName, ranksOf } from '../mesh/mesh.ts';
import { make, makeSvg, setText } from './dom.ts';
import { type Shares, shareKinds, shareWords } from './rank-view.ts';

export interface DrawnRank {
  readonly rank: number;
  readonly row: number;
  readonly column: number;
  readonly replica: number;
  /** Who holds it. */
  readonly name: string;
  /** Class of the cell; see mesh.css. */
  readonly look: string;
  /** Of a step, where they are known. */
  readonly shares?: Shares;
}

const cell = { width: 140, height: 68, gap: 6, bar: 5, pad: 10 };
/** Room for the names of the axes. */
const margin = 22;
const longestName = 18;

const shortened = (text: string) => (text.length > longestName ? `${text.slice(0, longestName - 1)}…` : text);

/**
 * Shows one drawing for each copy of the model. Where nothing has changed but the shares of a step, as several times a
 * second while a run trains, only their bars are.
 */
export function createMeshDrawing(
  place: HTMLElement,
): (mesh: MeshShape, ranks: readonly DrawnRank[]) => void {
  let drawnFor = '';
  return (mesh, ranks) => {
    const looks = ranks.map(({ rank, name, look, shares }) => [rank, name, look, shares !== undefined]);
    const key = JSON.stringify([meshName(mesh), mesh.replicas, looks]);
    if (key !== drawnFor) place.replaceChildren(...drawMesh(mesh, ranks));
    drawnFor = key;
    for (const { rank, name, shares } of ranks) {
      const group = place.querySelector(`g[data-rank="${rank}"]`);
      if (!group || !shares) continue;
      setBars(group, shares);
      const told = shareKinds.filter(kind => shares[kind] > 0).map(kind => shareWords(kind, shares));
      setText(group.querySelector('title')!, `rank ${rank}: ${name}, ${told.join(', ')}`);
    }
  };
}

/** One drawing for each copy of the model. */
export function drawMesh(mesh: MeshShape, ranks: readonly DrawnRank[]): HTMLElement[] {
  return Array.from({ length: mesh.replicas }, (_, replica) => {
    const figure = make('figure');
    if (mesh.replicas > 1) figure.append(make('figcaption', `Copy ${replica + 1}`, 'muted'));
    figure.append(
      instance(
        mesh,
        ranks.filter(rank => rank.replica === replica),
      ),
    );
    return figure;
  });
}

function instance(mesh: MeshShape, ranks: readonly DrawnRank[]): SVGSVGElement {
  const { rows, columns } = mesh;
  const width = margin + columns * (cell.width + cell.gap);
  const height = margin + rows * (cell.height + cell.gap);
  const svg = makeSvg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'mesh-svg', role: 'img' });
  svg.style.maxWidth = `${width}px`;
  const names = ranks.map(({ rank, name }) => `rank ${rank} ${name}`).join(', ');
  svg.setAttribute('aria-label', `Mesh ${meshName(mesh)} of ${ranksOf(mesh)} ranks: ${names}`);
  if (ranksOf(mesh) > 1) {
    const [middleX, middleY] = [margin + (width - margin) / 2, margin + (height - margin) / 2];
    svg.append(
      makeSvg('text', { x: middleX, y: 13, class: 'axis' }, 'channels →'),
      makeSvg(
        'text',
        { x: 0, y: 0, class: 'axis', transform: `translate(13 ${middleY}) rotate(90)` },
        'tokens →',
      ),
    );
  }
  svg.append(...ranks.map(drawn));
  return svg;
}

function drawn({ rank, row, column, name, look, shares }: DrawnRank): SVGGElement {
  const x = margin + column * (cell.width + cell.gap);
  const y = margin + row * (cell.height + cell.gap);
  const group = makeSvg('g', { class: `rank ${look}`, transform: `translate(${x} ${y})` });
  group.dataset.rank = String(rank);
  group.append(
    makeSvg('rect', { width: cell.width, height: cell.height, rx: 7, class: 'box' }),
    makeSvg('text', { x: cell.pad, y: 24, class: 'title' }, `rank ${rank}`),
    makeSvg('text', { x: cell.pad, y: 42 }, shortened(name)),
    makeSvg('title', {}, `rank ${rank}: ${name}`),
  );
  if (shares) {
    const y = cell.height - cell.bar / 2 - 6;
    // Lines, as these can be broken: each kind has a pattern of its own besides its colour.
    const bar = { y1: y, y2: y, 'stroke-width': cell.bar };
    group.append(...shareKinds.map(kind => makeSvg('line', { ...bar, class: `time ${kind}` })));
  }
  return group;
}

function setBars(group: Element, shares: Shares): void {
  let left = cell.pad;
  for (const kind of shareKinds) {
    const length = ((cell.width - 2 * cell.pad) * shares[kind]) / 100;
    const bar = group.querySelector(`line.${kind}`)!;
    bar.setAttribute('x1', String(left));
    bar.setAttribute('x2', String(left + length));
    left += length;
  }
}

/** What is on the canvas of the lanes: which rows, over which part of time, and what of it is lit. */
import type { RankCard } from '../../crew/cards.ts';
import type { LaneSpan } from '../../show/pieces.ts';
import type { CursorState, ThingId } from '../cursor.ts';
import { drawPicture } from './draw.ts';
import type { Lens } from './gestures.ts';
import { idsAt, partnersOf, ranksNamed, spansNamed } from './pointing.ts';
import type { StepReading } from './reading.ts';
import { heightOf, type Row, rowAt, rowsOf, spanAt } from './rows.ts';
import type { Drawing } from './surface.ts';
import { type Viewport, whole } from './viewport.ts';

/** Narrower than this, in px, only one rank's lane is drawn. */
const narrow = 480;

export const isNarrow = (width: number) => width < narrow;

export interface SceneOptions {
  readonly reading: StepReading;
  readonly cards: readonly RankCard[];
  /** Steps beside the one that is shown. */
  readonly pinned: StepReading | undefined;
  readonly predicted: StepReading | undefined;
  /** Whose lane comes first. */
  readonly own: number | undefined;
  /** Whose lane is drawn where there is room for one. */
  readonly only: number;
  /** That was chosen last, maybe in another step. */
  readonly view: Viewport | undefined;
}

export interface Scene {
  readonly reading: StepReading;
  /** Steps that are compared have one scale: that of the longest. */
  readonly wallMs: number;
  readonly view: Viewport;
  /** @param width of the canvas, in px; so for the others */
  rows(width: number): Row[];
  lens(width: number): Lens;
}

export interface Lit {
  readonly cursor: CursorState | undefined;
  /** What the reader is at. */
  readonly current: LaneSpan | undefined;
  readonly found: readonly LaneSpan[] | undefined;
}

export function sceneOf({ only, view: chosen, ...options }: SceneOptions): Scene {
  const { reading, pinned, predicted } = options;
  const others = [pinned, predicted];
  const wallMs = Math.max(reading.lanes.wallMs, ...others.map(other => other?.lanes.wallMs ?? 0));
  const view = chosen && chosen.to <= wallMs ? chosen : whole(wallMs);
  return {
    ...{ reading, wallMs, view },
    rows: width => rowsOf(options, isNarrow(width) ? only : undefined),
    lens(width) {
      const left = gutterOf(width);
      return { view, wallMs, left, width: width - left };
    },
  };
}

export function drawingOf(scene: Scene | undefined, width: number, lit: Lit): ReturnType<Drawing> {
  const rows = scene?.rows(width) ?? [];
  const height = heightOf(rows);
  return {
    height,
    draw(context, paint) {
      if (!scene) return;
      const { at, hovered = [] } = lit.cursor ?? {};
      const { lanes } = scene.reading;
      const spans = lit.current ? partnersOf(lit.current, lanes) : spansNamed(hovered, lanes);
      const place = { rows, view: scene.view, width, height, gutter: gutterOf(width), axis: true };
      const found = lit.found && new Set(lit.found);
      const litRanks = ranksNamed(lit.current ? [] : hovered);
      drawPicture(context, { ...place, at, lit: new Set(spans), found, litRanks }, paint);
    },
  };
}

/** What lies under a point of the canvas; beside the lanes nothing does. */
export interface Under {
  /** Its number among the rows. */
  readonly row?: number;
  readonly span?: LaneSpan;
  /** Milliseconds from the beginning of the step. */
  readonly at?: number;
  readonly ids?: readonly ThingId[];
}

/** @param x and y on the canvas, in px */
export function under(scene: Scene, canvasWidth: number, x: number, y: number): Under {
  const rows = scene.rows(canvasWidth);
  const found = rowAt(rows, y);
  if (!found) return {};
  const row = rows.indexOf(found);
  const { view, left, width } = scene.lens(canvasWidth);
  if (x < left) return { row };
  const at = view.from + ((x - left) * (view.to - view.from)) / width;
  return { row, span: spanAt(found, at, y), at, ids: idsAt(found, at, y, scene.reading.lanes) };
}

const gutterOf = (width: number) => (isNarrow(width) ? 64 : 116);

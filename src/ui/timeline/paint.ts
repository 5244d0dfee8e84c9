/** Fills of a canvas for owners and for times: each with its colour and its hatch, made once for a colour scheme. */
import { ownerLook, type TimeKind, timeColours } from '../../show/owners.ts';
import type { PieceKind } from '../../show/pieces.ts';

export interface Paint {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly sunken: string;
  /** With its hatch. */
  owner(rank: number): string | CanvasPattern;
  ownerPlain(rank: number): string;
  /** For numbers on the plain colour. */
  ownerInk(rank: number): string;
  time(kind: PieceKind | 'hidden'): string | CanvasPattern;
}

/** Degrees and px between the lines; none: a plain colour. */
const timeHatches: Partial<Record<TimeKind, { angle: number; gap: number; isDark: boolean }>> = {
  card: { angle: 90, gap: 4, isDark: false },
  exchange: { angle: 45, gap: 5, isDark: false },
  data: { angle: -45, gap: 4, isDark: true },
};

/** @param element whose style sheet has the colours of the page */
export function createPaint(element: Element, isDark: boolean): Paint {
  const style = getComputedStyle(element);
  const property = (name: string) => style.getPropertyValue(name).trim();
  const [ink, surface] = [property('--ink') || '#17222d', property('--surface') || '#ffffff'];
  const times = timeColours[isDark ? 'dark' : 'light'];
  const made = new Map<string, string | CanvasPattern>();
  const once = (name: string, make: () => string | CanvasPattern) => {
    const kept = made.get(name) ?? make();
    made.set(name, kept);
    return kept;
  };
  return {
    ink,
    muted: property('--muted') || ink,
    line: property('--line') || ink,
    accent: property('--accent') || ink,
    sunken: property('--sunken') || 'transparent',
    owner: rank =>
      once(`r:${rank}`, () => {
        const { colour, ink, hatch } = ownerLook(rank);
        return hatched(colour, ink, hatch.angle, hatch.gap, 0.35);
      }),
    ownerPlain: rank => ownerLook(rank).colour,
    ownerInk: rank => ownerLook(rank).ink,
    time: kind =>
      once(kind, () => {
        if (kind === 'rest') return property('--sunken') || 'transparent';
        const hatch = timeHatches[kind];
        return hatch
          ? hatched(times[kind], hatch.isDark ? '#101820' : surface, hatch.angle, hatch.gap, 0.8)
          : times[kind];
      }),
  };
}

/** A tile that repeats without seams: lines at whole multiples of 45 degrees. */
function hatched(colour: string, line: string, angle: number, gap: number, alpha: number) {
  const tile = document.createElement('canvas');
  tile.width = gap;
  tile.height = gap;
  const context = tile.getContext('2d');
  if (!context) return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, gap, gap);
  context.strokeStyle = line;
  context.globalAlpha = alpha;
  context.beginPath();
  for (const shift of angle % 90 === 0 ? [0] : [-gap, 0, gap]) {
    if (angle === 0) lineFrom(context, 0, 0.5, gap, 0.5);
    else if (angle === 90) lineFrom(context, 0.5, 0, 0.5, gap);
    else if (angle > 0) lineFrom(context, shift - 1, gap + 1, shift + gap + 1, -1);
    else lineFrom(context, shift - 1, -1, shift + gap + 1, gap + 1);
  }
  context.stroke();
  return context.createPattern(tile, 'repeat') ?? colour;
}

function lineFrom(context: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  context.moveTo(x, y);
  context.lineTo(toX, toY);
}

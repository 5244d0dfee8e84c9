/**
 * A figure as a list of marks in pixels: written as an SVG file, and painted on a canvas by the page, so that both are one
 * picture. It carries all of its looks, for where it is put there is no style sheet.
 */
import { escapeHtml } from './svg-chart.ts';

export interface PathMark {
  readonly kind: 'path';
  /** As of an SVG path. */
  readonly d: string;
  readonly stroke: string;
  readonly width: number;
  readonly dash?: readonly number[];
}

export interface RectMark {
  readonly kind: 'rect';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

export interface TextMark {
  readonly kind: 'text';
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly fill: string;
  readonly size: number;
  /** Where of the text x is; its start where absent. */
  readonly anchor?: 'middle' | 'end';
  readonly bold?: boolean;
  /** A quarter turn against the clock, about x and y. */
  readonly upward?: boolean;
}

export interface ImageMark {
  readonly kind: 'image';
  readonly x: number;
  readonly y: number;
  /** Of the pixels, and as wide and high as it is drawn. */
  readonly width: number;
  readonly height: number;
  /** [height, width, 4], red, green, blue, alpha. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

export type Mark = PathMark | RectMark | TextMark | ImageMark;

export interface Figure {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** The first family that there is. */
export const figureFont = 'system-ui, sans-serif';

/** Ink of a figure, which lies on white whatever the page is on. */
export const figureInk = { text: '#1c2530', quiet: '#445566', grid: '#e3e7ec', level: '#888888' };

/** @param png of pixels, in base64; for a figure without images it is not asked */
export function figureSvg(
  { title, width, height, marks }: Figure,
  png: (pixels: Uint8Array, width: number, height: number) => string,
): string {
  const written = marks.map(mark => markSvg(mark, png)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${figureFont}">
<title>${escapeHtml(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${written}
</svg>
`;
}

function markSvg(mark: Mark, png: Parameters<typeof figureSvg>[1]): string {
  switch (mark.kind) {
    case 'path':
      return `<path fill="none" stroke="${mark.stroke}" stroke-width="${mark.width}"${mark.dash ? ` stroke-dasharray="${mark.dash.join(' ')}"` : ''} d="${mark.d}"/>`;
    case 'rect':
      return `<rect x="${round(mark.x)}" y="${round(mark.y)}" width="${round(mark.width)}" height="${round(mark.height)}" fill="${mark.fill}"/>`;
    case 'image':
      return `<image x="${mark.x}" y="${mark.y}" width="${mark.width}" height="${mark.height}" href="data:image/png;base64,${png(mark.pixels, mark.width, mark.height)}"/>`;
    case 'text': {
      const { x, y, text, fill, size, anchor, bold, upward } = mark;
      const place = upward
        ? `transform="translate(${round(x)} ${round(y)}) rotate(-90)"`
        : `x="${round(x)}" y="${round(y)}"`;
      return `<text ${place} fill="${fill}" font-size="${size}"${bold ? ' font-weight="600"' : ''}${anchor ? ` text-anchor="${anchor}"` : ''}>${escapeHtml(text)}</text>`;
    }
  }
}

const round = (value: number) => Number(value.toFixed(2));

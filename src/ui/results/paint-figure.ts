/** Paints a figure on a canvas, and makes a PNG of it. The page may load no picture that it has not been sent: it draws. */
import { type Figure, figureFont, type Mark } from '../../show/figure.ts';

/** For screens of twice the pixels, and for print. */
const usualScale = 2;

/** @throws Error where the browser gives no canvas of this size */
export async function figurePng(figure: Figure, scale = usualScale): Promise<Blob> {
  const canvas = document.createElement('canvas');
  paintFigure(canvas, figure, scale);
  const blob = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/png'));
  if (blob) return blob;
  throw new Error(
    `A picture of ${canvas.width} x ${canvas.height} pixels is larger than this browser makes. Take the SVG.`,
  );
}

/** The canvas takes the figure's size, `scale` pixels for each of its own. */
export function paintFigure(
  canvas: HTMLCanvasElement,
  { width, height, marks }: Figure,
  scale: number,
): void {
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to draw on. Take the SVG.');
  context.scale(scale, scale);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  for (const mark of marks) paintMark(context, mark);
}

function paintMark(context: CanvasRenderingContext2D, mark: Mark): void {
  switch (mark.kind) {
    case 'path':
      context.strokeStyle = mark.stroke;
      context.lineWidth = mark.width;
      context.setLineDash([...(mark.dash ?? [])]);
      context.stroke(new Path2D(mark.d));
      break;
    case 'rect':
      context.fillStyle = mark.fill;
      context.fillRect(mark.x, mark.y, mark.width, mark.height);
      break;
    case 'image':
      context.drawImage(imageOf(mark.pixels, mark.width, mark.height), mark.x, mark.y);
      break;
    case 'text': {
      const { x, y, text, fill, size, anchor, bold, upward } = mark;
      context.save();
      context.fillStyle = fill;
      context.font = `${bold ? '600 ' : ''}${size}px ${figureFont}`;
      context.textAlign = anchor === 'middle' ? 'center' : anchor === 'end' ? 'right' : 'left';
      context.translate(x, y);
      if (upward) context.rotate(-Math.PI / 2);
      context.fillText(text, 0, 0);
      context.restore();
    }
  }
}

function imageOf(pixels: Uint8Array | Uint8ClampedArray, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const data = new Uint8ClampedArray(pixels);
  canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}

/** A PNG in base64, at once: what stands in the report. */
export function pngText(pixels: Uint8Array | Uint8ClampedArray, width: number, height: number): string {
  const url = imageOf(pixels, width, height).toDataURL('image/png');
  return url.slice(url.indexOf(',') + 1);
}

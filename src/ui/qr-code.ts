/** A link as a QR code, to be read by the camera of a phone. */
import { encode } from 'uqr';
import { makeSvg } from './dom.ts';

/** Dark on light in both colour schemes: many readers do not know inverted codes. */
export function qrCode(text: string): SVGSVGElement {
  const { size, data } = encode(text, { border: 2 });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  const code = makeSvg('svg', { viewBox: `0 0 ${size} ${size}`, class: 'qr', role: 'img' });
  code.setAttribute('aria-label', 'QR code of the invitation');
  code.append(
    makeSvg('rect', { width: size, height: size, fill: '#fff' }),
    makeSvg('path', { d: squares.join(''), fill: '#000', 'shape-rendering': 'crispEdges' }),
  );
  return code;
}

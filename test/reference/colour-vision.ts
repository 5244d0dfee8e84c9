/** How colours look to those who see them otherwise: deuteranopes (Machado, Oliveira and Fernandes 2009, severity 1), and in grey. */

export type Rgb = readonly [number, number, number];

export const rgbOf = (hex: string): Rgb =>
  [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

const linear = (value: number) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};
const encoded = (value: number) => {
  const share = Math.min(1, Math.max(0, value));
  return 255 * (share <= 0.0031308 ? 12.92 * share : 1.055 * share ** (1 / 2.4) - 0.055);
};

const deutan = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
] as const;

export function toDeuteranope(colour: Rgb): Rgb {
  const own = colour.map(linear);
  return deutan.map(row => encoded(row.reduce((sum, share, i) => sum + share * own[i], 0))) as unknown as Rgb;
}

/** Relative luminance, 0 to 1. */
export const luminance = ([red, green, blue]: Rgb): number =>
  0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

export function toGrey(colour: Rgb): Rgb {
  const value = encoded(luminance(colour));
  return [value, value, value];
}

/** In RGB: 441 from black to white. */
export const distance = (a: Rgb, b: Rgb): number => Math.hypot(...a.map((value, i) => value - b[i]));

/** As WCAG 2 has it, from 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}

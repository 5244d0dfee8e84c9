/** Colours along a scheme, as d3's `interpolateRgbBasis` has them, without the colour spaces that it brings: 7 kB of script. */

/**
 * The uniform cubic B-spline of a scheme's red, green and blue; beyond its ends the scheme goes on straight.
 *
 * @param scheme two or more of `#rrggbb`
 * @returns of 0 to 1, from the first to the last, `rgb(r, g, b)`
 */
export function colourSpline(scheme: readonly string[]): (t: number) => string {
  const last = scheme.length - 1;
  const parts = [1, 3, 5].map(at => scheme.map(colour => Number.parseInt(colour.slice(at, at + 2), 16)));
  return t => {
    const i = Math.min(last - 1, Math.floor(t * last));
    const s = t * last - i;
    const values = parts.map(part => {
      const [b, c] = [part[i], part[i + 1]];
      const a = part[i - 1] ?? 2 * b - c;
      const d = part[i + 2] ?? 2 * c - b;
      const sum =
        (1 - s) ** 3 * a +
        (4 - 6 * s ** 2 + 3 * s ** 3) * b +
        (1 + 3 * s + 3 * s ** 2 - 3 * s ** 3) * c +
        s ** 3 * d;
      return Math.max(0, Math.min(255, Math.round(sum / 6)));
    });
    return `rgb(${values.join(', ')})`;
  };
}

/** The page's own way between colours is that of d3, which is larger. */
import { interpolatePuOr, interpolateRdBu, schemePuOr, schemeRdBu } from 'd3-scale-chromatic';
import { expect, test } from 'vitest';
import { colourSpline } from '../../../src/show/colour-spline.ts';

test.each([
  ['PuOr', schemePuOr[11], interpolatePuOr],
  ['RdBu', schemeRdBu[11], interpolateRdBu],
] as const)('%s', (_, scheme, theirs) => {
  const own = colourSpline(scheme);
  for (let i = 0; i <= 400; i++) expect(own(i / 400)).toBe(theirs(i / 400));
});

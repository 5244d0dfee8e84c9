/** Parts of a set by class. */
import { expect, test } from 'vitest';
import { FRACTIONS, stratified } from '../../../../src/data/images/subset.ts';

/** 3 000 images in classes of 2 000, 800, 150, 49 and 1, dealt out in turn as long as they last. */
const sizes = [2000, 800, 150, 49, 1];
const labels = Uint32Array.from(
  sizes
    .flatMap((size, label) => Array.from({ length: size }, (_, i) => ({ label, at: i / size })))
    .sort((a, b) => a.at - b.at || a.label - b.label)
    .map(({ label }) => label),
);
/** The second half of the images is for testing. */
const train = Int32Array.from({ length: labels.length }, (_, i) => i).filter(i => i % 2 === 0);
const countOf = (part: Int32Array, label: number) => part.filter(image => labels[image] === label).length;

test('1, 1/2, ... 1/256: every class keeps its share, to half an image, and one at least', () => {
  expect(FRACTIONS).toEqual([1, 0.5, 0.25, 0.125, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]);
  for (const fraction of FRACTIONS) {
    const part = stratified(train, labels, fraction, 1);
    sizes.forEach((_, label) => {
      const all = countOf(train, label);
      if (all === 0) return;
      const exact = all * fraction;
      expect(
        Math.abs(countOf(part, label) - Math.max(1, exact)),
        `${label} at ${fraction}`,
      ).toBeLessThanOrEqual(0.5);
    });
    expect(part.every(image => image % 2 === 0)).toBe(true);
    expect(new Set(part).size).toBe(part.length);
  }
  expect(stratified(train, labels, 1, 1)).toEqual(train);
});

test('a part lies within every larger one', () => {
  const parts = FRACTIONS.map(fraction => new Set(stratified(train, labels, fraction, 7)));
  for (let i = 1; i < parts.length; i++) {
    expect([...parts[i]].every(image => parts[i - 1].has(image))).toBe(true);
    expect(parts[i].size).toBeLessThan(parts[i - 1].size);
  }
});

test('a part is a function of seed, fraction and labels, not of the order of the images', () => {
  const part = stratified(train, labels, 1 / 8, 3);
  expect(stratified(train.toReversed(), labels, 1 / 8, 3)).toEqual(part);
  expect(part).toEqual(part.toSorted());
  const other = stratified(train, labels, 1 / 8, 4);
  expect(other).toHaveLength(part.length);
  const shared = other.filter(image => part.includes(image)).length;
  // Two draws of an eighth share an eighth.
  expect(shared / part.length).toBeGreaterThan(0.05);
  expect(shared / part.length).toBeLessThan(0.25);
});

test.each([0, -0.5, 1.5, Number.NaN])('%f of a set is refused', fraction => {
  expect(() => stratified(train, labels, fraction, 1)).toThrow(
    `A part of ${fraction} of a set is impossible; it must be above 0 and at most 1.`,
  );
});

/**
 * What the ops of the graph do, counted while they are done: every op computed in float64 from its definition, with an
 * arithmetic that counts its operations by the convention of `Work`, and inputs that know which of their elements were
 * touched. It shares no formula with what kernels say of themselves, and its results must be `interpret`'s.
 */

import type { MatmulAttributes } from '../../src/graph/kernels/matmul.ts';
import { matmulSizes } from '../../src/graph/ops/matmul.ts';
import type { NormBlock, NormLayout } from '../../src/graph/ops/norm.ts';
import type { Shape, Tensor } from '../../src/graph/tensor.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import { type Geometry, shapesOf } from './convolution.ts';
import { erf } from './erf.ts';
import { compute } from './interpret.ts';

export interface Counted {
  readonly values: Float64Array;
  readonly flops: number;
  /** Elements of the inputs that were touched, each once. */
  readonly touched: number;
}

/** Numbers are computed here, and counted. */
export class Tally {
  flops = 0;
  readonly add = (a: number, b: number) => this.#one(a + b);
  readonly sub = (a: number, b: number) => this.#one(a - b);
  readonly mul = (a: number, b: number) => this.#one(a * b);
  readonly div = (a: number, b: number) => this.#one(a / b);
  readonly max = (a: number, b: number) => this.#one(Math.max(a, b));
  readonly min = (a: number, b: number) => this.#one(Math.min(a, b));
  readonly sqrt = (x: number) => this.#one(Math.sqrt(x));
  readonly exp = (x: number) => this.#one(Math.exp(x));
  readonly log = (x: number) => this.#one(Math.log(x));
  /** Of one number or another. */
  readonly choose = (condition: boolean, a: number, b: number) => this.#one(condition ? a : b);
  readonly gelu = (x: number) => this.#one(x * phi(x));
  readonly geluSlope = (x: number) => this.#one(phi(x) + x * density(x));
  /** Of at least one number. */
  readonly sum = (values: readonly number[]) => values.reduce((total, value) => this.add(total, value));
  /** Of none it is zero. */
  readonly sumOfAny = (values: readonly number[]) => (values.length === 0 ? 0 : this.sum(values));
  readonly mean = (values: readonly number[]) => this.div(this.sum(values), values.length);
  /** (x - mean)^2, summed. */
  readonly squares = (values: readonly number[], mean: number) =>
    this.sum(values.map(value => this.sub(value, mean)).map(d => this.mul(d, d)));
  readonly inverseRoot = (variance: number) => this.div(1, this.sqrt(this.add(variance, 1e-5)));

  #one(result: number): number {
    this.flops++;
    return result;
  }
}

const phi = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Reads element i of an input. */
type Read = (i: number) => number;
/** @param again what was touched before counts once more, where another kernel needs it */
type Rule = (t: Tally, result: Tensor, inputs: readonly Read[], again: () => void) => ArrayLike<number>;

/** Of y[i] from elements of inputs that NumPy's broadcasting puts beside it. */
function elementwise(f: (t: Tally, a: number, b: number) => number): Rule {
  return (t, { shape, inputs }, read) =>
    Array.from({ length: sizeOf(shape) }, (_, flat) => {
      const values = inputs.map(({ shape: own }, input) => {
        let [at, step, rest] = [0, 1, flat];
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          const length = own[axis - shape.length + own.length] ?? 1;
          if (length > 1) at += (rest % shape[axis]) * step;
          step *= length;
          rest = Math.floor(rest / shape[axis]);
        }
        return read[input](at);
      });
      return f(t, values[0], values[1]);
    });
}

/** Row-major place of an element. */
const elementOf = (shape: Shape, index: readonly number[]): number =>
  shape.reduce((flat, length, axis) => flat * length + index[axis], 0);

/** What `of` gives for every index of a shape, row-major. */
function eachIndex(shape: Shape, of: (index: number[], flat: number) => number): number[] {
  return Array.from({ length: sizeOf(shape) }, (_, flat) => {
    let rest = flat;
    const index = [...shape].reverse().map(length => {
      const own = rest % length;
      rest = Math.floor(rest / length);
      return own;
    });
    return of(index.reverse(), flat);
  });
}

/** All indices of a shape. */
function indicesOf(shape: Shape): number[][] {
  const found: number[][] = [];
  eachIndex(shape, index => found.push(index));
  return found;
}

/** What a convolution, or a gradient of one, is made of. */
function convolutionOf(result: Tensor) {
  const { stride, padding, dilation } = result.attributes as Geometry;
  const [images, weight, shape] = shapesOf(result);
  return {
    /** Of y. */
    shape,
    element: elementOf,
    /** Channel, row and column. */
    taps: indicesOf(weight.slice(1)),
    /** Image, row and column. */
    positions: indicesOf([shape[0], shape[2], shape[3]]),
    tap: (...index: number[]) => elementOf(weight, index),
    /** That a tap meets from a position; none where it is one of padding. */
    pixel: (
      n: number,
      c: number,
      position: readonly number[],
      tap: readonly number[],
    ): number | undefined => {
      const [h, w] = position.map(
        (at, axis) => at * stride[axis] - padding[axis] + tap[axis] * dilation[axis],
      );
      const inside = h >= 0 && h < images[2] && w >= 0 && w < images[3];
      return inside ? elementOf(images, [n, c, h, w]) : undefined;
    },
  };
}

/** Of a channel: centre and rest of the mean, 1 / deviation, variance; always read together. */
const statisticsOf = (statistics: Read, channel: number): number[] =>
  [0, 1, 2, 3].map(i => statistics(4 * channel + i));

/** What `of` gives for the places of every row of logits. */
function eachRow<T>({ inputs: [{ shape }] }: Tensor, of: (own: number[], row: number) => T): T[] {
  const [rows, classes] = shape;
  return Array.from({ length: rows }, (_, row) =>
    of(
      Array.from({ length: classes }, (__, c) => row * classes + c),
      row,
    ),
  );
}

/** Of the differences from the largest, which no exponential overflows by. */
function exponentials(t: Tally, values: readonly number[]) {
  const largest = values.reduce(t.max);
  const differences = values.map(value => t.sub(value, largest));
  const each = differences.map(t.exp);
  return { differences, each, total: t.sum(each) };
}

interface PoolAttributes {
  readonly kind: 'max' | 'average';
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
}

/** The pixels of every window, in order. */
function pixelsOfWindows(x: Shape, y: Shape, { kernel, stride, padding }: PoolAttributes): number[][] {
  const [, , height, width] = x;
  return indicesOf(y).map(([n, c, i, j]) =>
    indicesOf(kernel).flatMap(([r, s]) => {
      const [h, w] = [i * stride[0] - padding[0] + r, j * stride[1] - padding[1] + s];
      return h >= 0 && h < height && w >= 0 && w < width ? [elementOf(x, [n, c, h, w])] : [];
    }),
  );
}

interface Group {
  readonly row: number;
  readonly group: number;
  /** Positions of its elements in x. */
  readonly at: readonly number[];
  readonly channels: readonly number[];
}

/** Groups of own channels of every row, those without any left out; padding belongs to none. */
function groupsOf(result: Tensor): Group[] {
  const { groups, segments, block } = result.attributes as NormLayout;
  const { shape } = result.inputs[0];
  const channels = shape[shape.length - 1];
  const half = channels / segments;
  const members = block?.group.members.length ?? 1;
  const length = block?.length ?? half;
  const own = (member: number) => Math.floor(length / members) + (member < length % members ? 1 : 0);
  const index = block?.group.index ?? 0;
  const first = Array.from({ length: index }, (_, member) => own(member)).reduce((a, b) => a + b, 0);
  return Array.from({ length: (sizeOf(shape) / channels) * groups }, (_, flat): Group => {
    const [row, group] = [Math.floor(flat / groups), flat % groups];
    const mine = Array.from({ length: channels }, (_, channel) => channel).filter(
      channel =>
        channel % half < own(index) && Math.floor(((first + (channel % half)) * groups) / length) === group,
    );
    return { row, group, at: mine.map(channel => row * channels + channel), channels: mine };
  }).filter(({ at }) => at.length > 0);
}

/** What a group's statistics lie at. */
const statisticsAt = (result: Tensor, { row, group }: Group) =>
  2 * (row * (result.attributes as NormLayout).groups + group);

const rules: Record<string, Rule> = {
  add: elementwise((t, a, b) => t.add(a, b)),
  sub: elementwise((t, a, b) => t.sub(a, b)),
  mul: elementwise((t, a, b) => t.mul(a, b)),
  div: elementwise((t, a, b) => t.div(a, b)),
  geluGrad: elementwise((t, dy, x) => t.mul(dy, t.geluSlope(x))),
  // A choice by the sign of x.
  reluGrad: elementwise((t, dy, x) => t.max(x, 0) && dy),
  square: elementwise((t, x) => t.mul(x, x)),
  sqrt: elementwise((t, x) => t.sqrt(x)),
  exp: elementwise((t, x) => t.exp(x)),
  gelu: elementwise((t, x) => t.gelu(x)),
  relu: elementwise((t, x) => t.max(x, 0)),
  affine: (t, result, inputs) => {
    const { scale, shift } = result.attributes as { scale: number; shift: number };
    return elementwise((_, x) => t.add(t.mul(scale, x), shift))(t, result, inputs, () => undefined);
  },
  sum: (t, result, [x]) => {
    const { lead, outer, reduced, inner } = result.attributes as Record<string, number>;
    return Float64Array.from({ length: outer * inner }, (_, at) => {
      const [o, i] = [Math.floor(at / inner), at % inner];
      const terms = Array.from({ length: lead * reduced }, (_, term) => {
        const [l, r] = [Math.floor(term / reduced), term % reduced];
        return x(((l * outer + o) * reduced + r) * inner + i);
      });
      return t.sum(terms);
    });
  },
  matmul: (t, result, [a, b, bias]) => {
    const attributes = result.attributes as MatmulAttributes;
    const { transposeA, transposeB } = attributes;
    const sizes = matmulSizes(result.inputs[0].shape, result.inputs[1].shape, attributes);
    const { batch, summed, m, n, k, stepA, stepB } = sizes;
    return Array.from({ length: batch * m * n }, (_, flat) => {
      const [item, i, j] = [Math.floor(flat / (m * n)), Math.floor(flat / n) % m, flat % n];
      const terms = Array.from({ length: summed * k }, (_, term) => {
        const [s, l] = [item * summed + Math.floor(term / k), term % k];
        const left = a(s * stepA + (transposeA ? l * m + i : i * k + l));
        return t.mul(left, b(s * stepB + (transposeB ? j * k + l : l * n + j)));
      });
      const product = t.sum(terms);
      if (attributes.bias === 'none') return product;
      return t.add(product, bias(attributes.bias === 'columns' ? j : i));
    });
  },
  // Pixels of padding are zeros that are multiplied like any other.
  conv2d: (t, result, [weight, x, bias]) => {
    const { shape, taps, pixel, tap } = convolutionOf(result);
    return eachIndex(shape, ([n, o, p, q]) => {
      const terms = taps.map(([c, r, s]) => {
        const at = pixel(n, c, [p, q], [r, s]);
        return t.mul(weight(tap(o, c, r, s)), at === undefined ? 0 : x(at));
      });
      return result.inputs.length > 2 ? t.add(t.sum(terms), bias(o)) : t.sum(terms);
    });
  },
  conv2dWeightGradient: (t, result, [dy, x]) => {
    const { shape, positions, pixel, element } = convolutionOf(result);
    return eachIndex(result.shape, ([o, c, r, s]) =>
      t.sum(
        positions.map(([n, p, q]) => {
          const at = pixel(n, c, [p, q], [r, s]);
          return t.mul(dy(element(shape, [n, o, p, q])), at === undefined ? 0 : x(at));
        }),
      ),
    );
  },
  // A pixel meets the taps that the stride lets it meet; pixels of a phase, which meet the same, are a kernel.
  conv2dInputGradient: (t, result, [weight, dy], again) => {
    const { stride, padding, dilation } = result.attributes as Geometry;
    const { shape, taps, tap, element } = convolutionOf(result);
    const outputs = Array.from({ length: shape[1] }, (_, o) => o);
    const dx = new Float64Array(sizeOf(result.shape));
    for (let phase = 0; phase < stride[0] * stride[1]; phase++) {
      again();
      eachIndex(result.shape, ([n, c, h, w], flat) => {
        if ((h % stride[0]) * stride[1] + (w % stride[1]) !== phase) return 0;
        const met = taps
          .filter(([channel]) => channel === c)
          .map(([, r, s]) => ({
            r,
            s,
            p: (h + padding[0] - r * dilation[0]) / stride[0],
            q: (w + padding[1] - s * dilation[1]) / stride[1],
          }));
        const terms = met
          .filter(({ p, q }) => Number.isInteger(p) && Number.isInteger(q))
          .flatMap(({ r, s, p, q }) =>
            outputs.map(o => {
              const inside = p >= 0 && p < shape[2] && q >= 0 && q < shape[3];
              return t.mul(weight(tap(o, c, r, s)), inside ? dy(element(shape, [n, o, p, q])) : 0);
            }),
          );
        dx[flat] = t.sumOfAny(terms);
        return 0;
      });
    }
    return dx;
  },
  crossEntropy: (t, result, [logits, labels]) => {
    const { smoothing } = result.attributes as { smoothing: number };
    return eachRow(result, (own, row) => {
      const { differences, total } = exponentials(t, own.map(logits));
      const label = differences[labels(row)];
      const mean = t.mean(differences);
      return t.sub(t.sub(t.log(total), t.mul(1 - smoothing, label)), t.mul(smoothing, mean));
    });
  },
  crossEntropyGradient: (t, result, [logits, labels, dy]) => {
    const { smoothing } = result.attributes as { smoothing: number };
    return eachRow(result, (own, row) => {
      const { each, total } = exponentials(t, own.map(logits));
      const others = smoothing / own.length;
      return each.map((value, c) => {
        const target = t.choose(c === labels(row), others + 1 - smoothing, others);
        return t.mul(dy(row), t.sub(t.div(value, total), target));
      });
    }).flat();
  },
  topHits: (t, result, [logits, labels]) =>
    eachRow(result, (own, row) => {
      const values = own.map(logits);
      const label = labels(row);
      const before = t.sum(
        values.map((value, c) => {
          const behind = value < values[label] || (value === values[label] && c >= label);
          return t.choose(behind, 0, 1);
        }),
      );
      return [t.choose(before < 1, 1, 0), t.choose(before < 5, 1, 0)];
    }).flat(),
  pool: (t, result, [x]) => {
    const { kind, kernel } = result.attributes as PoolAttributes;
    return pixelsOfWindows(result.inputs[0].shape, result.shape, result.attributes as PoolAttributes).map(
      pixels => {
        if (kind === 'max') return pixels.map(x).reduce(t.max);
        return t.mul(t.sum(pixels.map(x)), 1 / (kernel[0] * kernel[1]));
      },
    );
  },
  poolGradient: (t, result, [x, y, dy]) => {
    const { kind, kernel } = result.attributes as PoolAttributes;
    const windows = pixelsOfWindows(
      result.shape,
      result.inputs[1].shape,
      result.attributes as PoolAttributes,
    );
    const terms: number[][] = Array.from({ length: sizeOf(result.shape) }, () => []);
    for (const [window, pixels] of windows.entries()) {
      // The first that is as large.
      const first = kind === 'max' ? pixels.find(pixel => x(pixel) === y(window)) : undefined;
      for (const pixel of pixels) {
        const own = kind === 'max' ? x(pixel) && t.choose(pixel === first, dy(window), 0) : dy(window);
        terms[pixel].push(own);
      }
    }
    return terms.map(own => {
      if (kind === 'max' || own.length === 0) return t.sumOfAny(own);
      return t.mul(t.sum(own), 1 / (kernel[0] * kernel[1]));
    });
  },
  // Planes first, each in two passes, then by Chan, Golub and LeVeque, one image after the other.
  batchStatistics: (t, result, [x]) => {
    const [images, channels, height, width] = result.inputs[0].shape;
    const { epsilon } = result.attributes as { epsilon: number };
    const moments = (image: number, channel: number) => {
      const values = indicesOf([height, width]).map(([h, w]) =>
        x(elementOf([images, channels, height, width], [image, channel, h, w])),
      );
      const centre = t.mean(values);
      const deviations = values.map(value => t.sub(value, centre));
      const sum = t.sum(deviations);
      const rest = t.div(sum, values.length);
      const squares = t.sub(t.sum(deviations.map(d => t.mul(d, d))), t.mul(sum, rest));
      return { centre, rest, squares };
    };
    return Array.from({ length: channels }, (_, channel) => {
      let { centre, rest, squares } = moments(0, channel);
      for (let image = 1; image < images; image++) {
        const own = moments(image, channel);
        const d = t.add(t.sub(own.centre, centre), t.sub(own.rest, rest));
        rest = t.add(rest, t.mul(d, 1 / (image + 1)));
        const between = t.mul(t.mul(d, d), (height * width * image) / (image + 1));
        squares = t.add(squares, t.add(own.squares, between));
      }
      const variance = t.div(squares, images * height * width);
      const rstd = t.div(1, t.sqrt(t.add(variance, epsilon)));
      // The reference has the mean in one number.
      return [centre + rest, 0, rstd, variance];
    }).flat();
  },
  runningStatistics: (t, result, [running]) => {
    const { epsilon } = result.attributes as { epsilon: number };
    const [channels] = result.shape;
    return Array.from({ length: channels }, (_, channel) => {
      const variance = running(channels + channel);
      return [running(channel), 0, t.div(1, t.sqrt(t.add(variance, epsilon))), variance];
    }).flat();
  },
  batchNorm: (t, result, [x, statistics, weight, bias]) =>
    eachIndex(result.shape, ([, channel], flat) => {
      const [centre, rest, rstd] = statisticsOf(statistics, channel);
      const own = t.mul(t.sub(t.sub(x(flat), centre), rest), rstd);
      return t.add(t.mul(own, weight(channel)), bias(channel));
    }),
  batchGradientSums: (t, result, [x, statistics, dy]) => {
    const { shape } = result.inputs[0];
    const terms = Array.from({ length: shape[1] }, (): { g: number[]; both: number[] } => ({
      g: [],
      both: [],
    }));
    eachIndex(shape, ([, channel], flat) => {
      const [centre, rest, rstd] = statisticsOf(statistics, channel);
      const g = dy(flat);
      terms[channel].g.push(g);
      return terms[channel].both.push(t.mul(g, t.mul(t.sub(t.sub(x(flat), centre), rest), rstd)));
    });
    return [...terms.map(({ g }) => t.sum(g)), ...terms.map(({ both }) => t.sum(both))];
  },
  batchGradient: (t, result, [x, statistics, weight, dy, sums]) => {
    const [images, channels, height, width] = result.shape;
    const { fixed } = result.attributes as { fixed: boolean };
    const n = images * height * width;
    const slopes = Array.from({ length: channels }, (_, channel) =>
      t.mul(weight(channel), statisticsOf(statistics, channel)[2]),
    );
    const means = fixed ? [] : Array.from({ length: 2 * channels }, (_, i) => t.div(sums(i), n));
    return eachIndex(result.shape, ([, channel], flat) => {
      if (fixed) return t.mul(slopes[channel], dy(flat));
      const [centre, rest, rstd] = statisticsOf(statistics, channel);
      const own = t.mul(t.sub(t.sub(x(flat), centre), rest), rstd);
      const less = t.mul(own, means[channels + channel]);
      return t.mul(slopes[channel], t.sub(t.sub(dy(flat), means[channel]), less));
    });
  },
  batchUpdate: (t, result, [running, statistics]) => {
    const { momentum, count } = result.attributes as { momentum: number; count: number };
    return eachIndex(result.shape, ([row, channel], flat) => {
      const [centre, rest, , variance] = statisticsOf(statistics, channel);
      const now = row === 0 ? t.add(centre, rest) : t.mul(variance, count / (count - 1));
      return t.add(t.mul(1 - momentum, running(flat)), t.mul(momentum, now));
    });
  },
  normStatistics: (t, result, [x]) =>
    groupsOf(result).flatMap(({ at }) => {
      const values = at.map(x);
      const mean = t.mean(values);
      return [mean, t.inverseRoot(t.div(t.squares(values, mean), values.length))];
    }),
  norm: (t, result, [x, statistics, weight, bias]) => {
    const y: number[] = [];
    for (const group of groupsOf(result)) {
      const [mean, rstd] = [0, 1].map(i => statistics(statisticsAt(result, group) + i));
      group.at.forEach((at, i) => {
        const channel = group.channels[i];
        y[at] = t.add(t.mul(t.mul(t.sub(x(at), mean), rstd), weight(channel)), bias(channel));
      });
    }
    return y;
  },
  normGradient: (t, result, [x, statistics, weight, dy]) => {
    const dx: number[] = [];
    for (const group of groupsOf(result)) {
      const [mean, rstd] = [0, 1].map(i => statistics(statisticsAt(result, group) + i));
      const g = group.at.map((at, i) => t.mul(dy(at), weight(group.channels[i])));
      const xhat = group.at.map(at => t.mul(t.sub(x(at), mean), rstd));
      const meanOfG = t.mean(g);
      const meanOfBoth = t.mean(g.map((value, i) => t.mul(value, xhat[i])));
      group.at.forEach((at, i) => {
        dx[at] = t.mul(rstd, t.sub(t.sub(g[i], meanOfG), t.mul(xhat[i], meanOfBoth)));
      });
    }
    return dx;
  },
  normScaleGradient: (t, result, [x, statistics, dy]) => {
    const terms: number[][] = Array.from({ length: result.shape[0] }, () => []);
    for (const group of groupsOf(result)) {
      const [mean, rstd] = [0, 1].map(i => statistics(statisticsAt(result, group) + i));
      group.at.forEach((at, i) => {
        terms[group.channels[i]].push(t.mul(dy(at), t.mul(t.sub(x(at), mean), rstd)));
      });
    }
    return terms.map(t.sum);
  },
  normBlockMoments: (t, result, [x]) => {
    const y = new Array<number>(sizeOf(result.shape)).fill(0);
    for (const group of groupsOf(result)) {
      const values = group.at.map(x);
      const mean = t.mean(values);
      y[statisticsAt(result, group)] = mean;
      y[statisticsAt(result, group) + 1] = t.squares(values, mean);
    }
    return y;
  },
  // Every element is scaled; which ones stay is a matter of random integers.
  dropout: (t, result, [x, random]) => {
    const { rate } = result.attributes as { rate: number };
    const ones = new Float64Array(sizeOf(result.shape)).fill(1);
    const words = Float64Array.from({ length: 4 }, (_, i) => random(i));
    return compute(result, [ones, words]).map((kept, i) => {
      const scaled = t.mul(x(i), 1 / (1 - rate));
      return kept === 0 ? 0 : scaled;
    });
  },
  // Chan, Golub and LeVeque: the members one after the other, from nothing.
  normMergeMoments: (t, result, [moments]) => {
    const { groups, segments, block } = result.attributes as NormLayout & { block: NormBlock };
    const [size, members] = [sizeOf(result.shape), block.group.members.length];
    const owner = Array.from({ length: members }, (_, member) =>
      new Array<number>(Math.floor(block.length / members) + (member < block.length % members ? 1 : 0)).fill(
        member,
      ),
    ).flat();
    return Array.from({ length: size / 2 }, (_, flat) => {
      let [count, mean, squares] = [0, 0, 0];
      for (let member = 0; member < members; member++) {
        const own = owner.filter(
          (holder, channel) =>
            holder === member && Math.floor((channel * groups) / block.length) === flat % groups,
        );
        const [itsMean, itsSquares] = [0, 1].map(i => moments(member * size + 2 * flat + i));
        if (own.length === 0) continue;
        const more = segments * own.length;
        const total = count + more;
        const d = t.sub(itsMean, mean);
        mean = t.add(mean, t.div(t.mul(d, more), total));
        const between = t.div(t.mul(t.mul(t.mul(d, d), count), more), total);
        squares = t.add(t.add(squares, itsSquares), between);
        count = total;
      }
      return [mean, t.inverseRoot(t.div(squares, count))];
    }).flat();
  },
  normBlockGradientSums: (t, result, [x, statistics, weight, dy]) => {
    const y = new Array<number>(sizeOf(result.shape)).fill(0);
    for (const group of groupsOf(result)) {
      const to = statisticsAt(result, group);
      const [mean, rstd] = [statistics(to), statistics(to + 1)];
      const g = group.at.map((at, i) => t.mul(dy(at), weight(group.channels[i])));
      y[to] = t.sum(g);
      y[to + 1] = t.sum(group.at.map((at, i) => t.mul(g[i], t.mul(t.sub(x(at), mean), rstd))));
    }
    return y;
  },
  normBlockGradient: (t, result, [x, statistics, weight, dy, sums]) => {
    const { groups, segments, block } = result.attributes as NormLayout & { block: NormBlock };
    const dx = new Array<number>(sizeOf(result.shape)).fill(0);
    const count = (block.length / groups) * segments;
    for (const group of groupsOf(result)) {
      const from = statisticsAt(result, group);
      const [mean, rstd] = [statistics(from), statistics(from + 1)];
      const [ofG, ofBoth] = [t.div(sums(from), count), t.div(sums(from + 1), count)];
      group.at.forEach((at, i) => {
        const xhat = t.mul(t.sub(x(at), mean), rstd);
        const g = t.mul(dy(at), weight(group.channels[i]));
        dx[at] = t.mul(rstd, t.sub(t.sub(g, ofG), t.mul(xhat, ofBoth)));
      });
    }
    return dx;
  },
};

/** Inputs that know what of them was touched. */
function watched(inputs: readonly Float64Array[]) {
  const touched = inputs.map(() => new Set<number>());
  let earlier = 0;
  const count = () => touched.reduce((total, { size }) => total + size, earlier);
  return {
    reads: inputs.map((values, input): Read => {
      return i => {
        touched[input].add(i);
        return values[i];
      };
    }),
    /** For rules of `interpret` that do no arithmetic. */
    arrays: inputs.map(
      (values, input) =>
        new Proxy(values, {
          get: (target, key) => {
            if (typeof key === 'string' && /^\d+$/.test(key)) touched[input].add(Number(key));
            return Reflect.get(target, key, target);
          },
        }),
    ),
    count,
    again: () => {
      earlier = count();
      for (const set of touched) set.clear();
    },
  };
}

/** @throws Error where an op does arithmetic that nobody counts here */
export function counted(tensor: Tensor, inputs: readonly Float64Array[]): Counted {
  const { reads, arrays, count, again } = watched(inputs);
  const rule = rules[tensor.op.name];
  if (rule) {
    const tally = new Tally();
    const values = Float64Array.from(rule(tally, tensor, reads, again));
    return { values, flops: tally.flops, touched: count() };
  }
  if (!copies.has(tensor.op.name)) throw new Error(`nobody counts the op ${tensor.op.name}`);
  const values = compute(tensor, arrays);
  return { values, flops: 0, touched: count() };
}

/** Ops that move elements and do no arithmetic. */
const copies = new Set(['fill', 'permute', 'broadcast', 'slice', 'pad', 'concat']);

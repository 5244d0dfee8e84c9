/** Counted rules for images and their classes: convolutions, pools, batch norm, the loss of a classifier. */
import { type Shape, sizeOf, type Tensor } from '../../src/graph/tensor.ts';
import { type Geometry, shapesOf } from './convolution.ts';
import type { Read, Rule, Tally } from './tally.ts';

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

/** Statistics of a channel from moments of `count` parts of `size` values: by Chan, Golub and LeVeque, one after the other. */
function merged(
  t: Tally,
  count: number,
  moments: (part: number) => { centre: number; rest: number; squares: number },
  size: number,
  epsilon: number,
): number[] {
  let { centre, rest, squares } = moments(0);
  for (let part = 1; part < count; part++) {
    const own = moments(part);
    const d = t.add(t.sub(own.centre, centre), t.sub(own.rest, rest));
    rest = t.add(rest, t.mul(d, 1 / (part + 1)));
    const between = t.mul(t.mul(d, d), (size * part) / (part + 1));
    squares = t.add(squares, t.add(own.squares, between));
  }
  const variance = t.div(squares, count * size);
  const rstd = t.div(1, t.sqrt(t.add(variance, epsilon)));
  // The reference has the mean in one number.
  return [centre + rest, 0, rstd, variance];
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

export const countedImages: Record<string, Rule> = {
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
  mergedStatistics: (t, result, [parts]) => {
    const { epsilon } = result.attributes as { epsilon: number };
    const [count, channels] = result.inputs[0].shape;
    return Array.from({ length: channels }, (_, channel) => {
      const moments = (part: number) => {
        const [centre, rest, , squares] = statisticsOf(parts, part * channels + channel);
        return { centre, rest, squares };
      };
      return merged(t, count, moments, 1, epsilon);
    }).flat();
  },
  // Planes first, each in two passes.
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
    return Array.from({ length: channels }, (_, channel) =>
      merged(t, images, image => moments(image, channel), height * width, epsilon),
    ).flat();
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
};

/** Rules of the float64 interpreter for images and their classes: convolutions, pools, batch norm, the loss of a classifier. */
import { type Shape, sizeOf } from '../../src/graph/tensor.ts';
import { eachRun } from './convolution.ts';
import { eachIndex, type Rule, type Values } from './rule.ts';

interface PoolAttributes {
  readonly kind: 'max' | 'average';
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
}

/** Calls `visit` with every pixel of every window of a pooling, in order. */
function eachWindow(
  [images, channels, height, width]: Shape,
  [, , rows, columns]: Shape,
  { kernel, stride, padding }: PoolAttributes,
  visit: (pixel: number, window: number) => void,
): void {
  eachIndex([images * channels, rows, columns, ...kernel], ([plane, i, j, r, s]) => {
    const [h, w] = [i * stride[0] - padding[0] + r, j * stride[1] - padding[1] + s];
    if (h < 0 || h >= height || w < 0 || w >= width) return;
    visit((plane * height + h) * width + w, (plane * rows + i) * columns + j);
  });
}

/** Channel of an element of images. */
const channelOf = (flat: number, [, channels, height, width]: Shape): number =>
  Math.floor(flat / (height * width)) % channels;

function valuesOfChannels(x: Values, shape: Shape): number[][] {
  const values: number[][] = Array.from({ length: shape[1] }, () => []);
  x.forEach((value, flat) => {
    values[channelOf(flat, shape)].push(value);
  });
  return values;
}

/** By statistics of a channel: mean in two parts, 1 / deviation, variance. */
const xhat = (x: number, statistics: Values, channel: number): number =>
  (x - statistics[4 * channel] - statistics[4 * channel + 1]) * statistics[4 * channel + 2];

/** Logarithms of the softmax of a row. */
function softmax(logits: Values, row: number, rows: number): number[] {
  const classes = logits.length / rows;
  const own = [...logits.subarray(row * classes, (row + 1) * classes)];
  const largest = Math.max(...own);
  const total = Math.log(own.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return own.map(value => value - largest - total);
}

export const imageRules: Record<string, Rule> = {
  conv2d: (result, [weight, x, bias]) => {
    const y = new Float64Array(sizeOf(result.shape));
    eachRun(result, (pixel, step, tap, at, count) => {
      for (let i = 0; i < count; i++) y[at + i] += weight[tap] * x[pixel + i * step];
    });
    const [, outputs, rows, columns] = result.shape;
    return bias ? y.map((value, at) => value + bias[Math.floor(at / (rows * columns)) % outputs]) : y;
  },
  conv2dInputGradient: (result, [weight, dy]) => {
    const dx = new Float64Array(sizeOf(result.shape));
    eachRun(result, (pixel, step, tap, at, count) => {
      for (let i = 0; i < count; i++) dx[pixel + i * step] += weight[tap] * dy[at + i];
    });
    return dx;
  },
  conv2dWeightGradient: (result, [dy, x]) => {
    const dw = new Float64Array(sizeOf(result.shape));
    eachRun(result, (pixel, step, tap, at, count) => {
      for (let i = 0; i < count; i++) dw[tap] += dy[at + i] * x[pixel + i * step];
    });
    return dw;
  },
  crossEntropy: (result, [logits, labels]) => {
    const { smoothing } = result.attributes as { smoothing: number };
    return Float64Array.from(labels, (label, row) => {
      const p = softmax(logits, row, labels.length);
      const own = p.map((_, c) => smoothing / p.length + (c === label ? 1 - smoothing : 0));
      return p.reduce((total, log, c) => total - own[c] * log, 0);
    });
  },
  crossEntropyGradient: (result, [logits, labels, dy]) => {
    const { smoothing } = result.attributes as { smoothing: number };
    const classes = logits.length / labels.length;
    return logits.map((_, flat) => {
      const [row, c] = [Math.floor(flat / classes), flat % classes];
      const own = smoothing / classes + (c === labels[row] ? 1 - smoothing : 0);
      return dy[row] * (Math.exp(softmax(logits, row, labels.length)[c]) - own);
    });
  },
  topHits: (_, [logits, labels]) => {
    const classes = logits.length / labels.length;
    return Float64Array.from({ length: 2 * labels.length }, (__, flat) => {
      const row = [...logits.subarray((flat >> 1) * classes, ((flat >> 1) + 1) * classes)];
      const order = row.map((_value, c) => c).sort((a, b) => row[b] - row[a] || a - b);
      return Number(order.slice(0, flat % 2 === 0 ? 1 : 5).includes(labels[flat >> 1]));
    });
  },
  pool: (result, [x]) => {
    const average = (result.attributes as PoolAttributes).kind === 'average';
    const y = new Float64Array(sizeOf(result.shape)).fill(average ? 0 : Number.NEGATIVE_INFINITY);
    const taps = (result.attributes as PoolAttributes).kernel.reduce((a, b) => a * b);
    eachWindow(result.inputs[0].shape, result.shape, result.attributes, (pixel, window) => {
      y[window] = average ? y[window] + x[pixel] / taps : Math.max(y[window], x[pixel]);
    });
    return y;
  },
  poolGradient: (result, [x, y, dy]) => {
    const { kind, kernel } = result.attributes as PoolAttributes;
    const dx = new Float64Array(sizeOf(result.shape));
    const given = new Set<number>();
    eachWindow(result.shape, result.inputs[1].shape, result.attributes, (pixel, window) => {
      if (kind === 'average') dx[pixel] += dy[window] / kernel.reduce((a, b) => a * b);
      else if (x[pixel] === y[window] && !given.has(window)) {
        given.add(window);
        dx[pixel] += dy[window];
      }
    });
    return dx;
  },
  batchStatistics: (result, [x]) => {
    const { epsilon } = result.attributes as { epsilon: number };
    return Float64Array.from(
      valuesOfChannels(x, result.inputs[0].shape).flatMap(values => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        return [mean, 0, 1 / Math.sqrt(variance + epsilon), variance];
      }),
    );
  },
  mergedStatistics: (result, [parts]) => {
    const { epsilon } = result.attributes as { epsilon: number };
    const [count, channels] = result.inputs[0].shape;
    const statistics = Array.from({ length: channels }, (_, channel) => {
      const each = Array.from({ length: count }, (__, part) =>
        parts.subarray(4 * (part * channels + channel)),
      );
      const means = each.map(([centre, rest]) => centre + rest);
      const mean = means.reduce((sum, value) => sum + value, 0) / count;
      const variance = each.reduce((sum, own, i) => sum + own[3] + (means[i] - mean) ** 2, 0) / count;
      return [mean, 0, 1 / Math.sqrt(variance + epsilon), variance];
    });
    return Float64Array.from(statistics.flat());
  },
  runningStatistics: (result, [running]) => {
    const { epsilon } = result.attributes as { epsilon: number };
    const channels = running.length / 2;
    return Float64Array.from({ length: 4 * channels }, (_, flat) => {
      const [mean, variance] = [running[flat >> 2], running[channels + (flat >> 2)]];
      return [mean, 0, 1 / Math.sqrt(variance + epsilon), variance][flat % 4];
    });
  },
  batchNorm: (result, [x, statistics, weight, bias]) =>
    x.map((value, flat) => {
      const channel = channelOf(flat, result.inputs[0].shape);
      return xhat(value, statistics, channel) * weight[channel] + bias[channel];
    }),
  batchGradientSums: (result, [x, statistics, dy]) => {
    const [, channels] = result.shape;
    const y = new Float64Array(2 * channels);
    dy.forEach((g, flat) => {
      const channel = channelOf(flat, result.inputs[0].shape);
      y[channel] += g;
      y[channels + channel] += g * xhat(x[flat], statistics, channel);
    });
    return y;
  },
  batchGradient: (result, [x, statistics, weight, dy, sums]) => {
    const [images, channels, height, width] = result.inputs[0].shape;
    const n = images * height * width;
    return dy.map((g, flat) => {
      const channel = channelOf(flat, result.inputs[0].shape);
      const slope = weight[channel] * statistics[4 * channel + 2];
      if ((result.attributes as { fixed: boolean }).fixed) return slope * g;
      const own = xhat(x[flat], statistics, channel);
      return slope * (g - sums[channel] / n - (own * sums[channels + channel]) / n);
    });
  },
  batchUpdate: (result, [running, statistics]) => {
    const { momentum, count } = result.attributes as { momentum: number; count: number };
    const channels = running.length / 2;
    return running.map((before, flat) => {
      const at = 4 * (flat % channels);
      const mean = statistics[at] + statistics[at + 1];
      const now = flat < channels ? mean : (statistics[at + 3] * count) / (count - 1);
      return (1 - momentum) * before + momentum * now;
    });
  },
};

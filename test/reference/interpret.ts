/**
 * The truth for tests: every op of the graph in float64, written plainly from its definition and sharing nothing
 * with the kernels. `interpret` evaluates any graph, forward or backward.
 */
import { ancestors } from '../../src/graph/grad.ts';
import type { MatmulAttributes } from '../../src/graph/kernels/matmul.ts';
import type { DropoutPlace } from '../../src/graph/ops/dropout.ts';
import { matmulSizes } from '../../src/graph/ops/matmul.ts';
import type { NormBlock, NormLayout } from '../../src/graph/ops/norm.ts';
import { type Shape, sizeOf, stridesOf, type Tensor } from '../../src/graph/tensor.ts';
import { erf } from './erf.ts';
import { imageRules } from './images.ts';
import { philoxWords } from './philox.ts';
import { eachIndex, type Rule, type Values } from './rule.ts';

const phi = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** Position in a tensor of shape `from` of element `index` of a shape it broadcasts to. */
function broadcastFlat(index: readonly number[], from: Shape): number {
  const lead = index.length - from.length;
  return from.reduce((flat, length, axis) => flat * length + (length === 1 ? 0 : index[axis + lead]), 0);
}

function binary(f: (a: number, b: number) => number): Rule {
  return (result, [a, b]) => {
    const y = new Float64Array(sizeOf(result.shape));
    const [sa, sb] = result.inputs.map(operand => operand.shape);
    eachIndex(result.shape, (index, flat) => {
      y[flat] = f(a[broadcastFlat(index, sa)], b[broadcastFlat(index, sb)]);
    });
    return y;
  };
}

const unary =
  (f: (x: number) => number): Rule =>
  (_, [x]) =>
    x.map(f);

/** Channels of every member's block: dealt out evenly, the first members getting what is left over. */
function blockChannels(length: number, members: number): number[][] {
  let next = 0;
  return Array.from({ length: members }, (_, member) => {
    const count = Math.floor(length / members) + (member < length % members ? 1 : 0);
    return Array.from({ length: count }, () => next++);
  });
}

/** Group of the own channel `channel` of `channels`; past the end of a sharded whole there is none: -1. */
function channelGroup(channel: number, channels: number, { groups, segments, block }: NormLayout): number {
  const half = channels / segments;
  if (!block) return Math.floor((channel % half) / (half / groups));
  const own = blockChannels(block.length, block.group.members.length)[block.group.index];
  const at = own[channel % half];
  return at === undefined ? -1 : Math.floor(at / (block.length / groups));
}

/** Calls `visit` with row, channel, group and position of every element that is not padding. */
function eachNormed(
  x: Values,
  channels: number,
  layout: NormLayout,
  visit: (row: number, channel: number, group: number, flat: number) => void,
): void {
  x.forEach((_, flat) => {
    const [row, channel] = [Math.floor(flat / channels), flat % channels];
    const group = channelGroup(channel, channels, layout);
    if (group >= 0) visit(row, channel, group, flat);
  });
}

const rules: Record<string, Rule> = {
  ...imageRules,
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  geluGrad: binary((dy, x) => dy * (phi(x) + x * density(x))),
  reluGrad: binary((dy, x) => (x > 0 ? dy : 0)),
  square: unary(x => x * x),
  sqrt: unary(Math.sqrt),
  exp: unary(Math.exp),
  gelu: unary(x => x * phi(x)),
  relu: unary(x => Math.max(x, 0)),
  affine: (result, [x]) => {
    const { scale, shift } = result.attributes as { scale: number; shift: number };
    return x.map(value => scale * value + shift);
  },
  fill: result => new Float64Array(sizeOf(result.shape)).fill((result.attributes as { value: number }).value),
  reshape: (_, [x]) => x,
  firstRows: (result, [x]) => x.slice(0, sizeOf(result.shape)),
  permute: (result, [x]) => {
    const { axes } = result.attributes as { axes: number[] };
    const strides = stridesOf(result.inputs[0].shape);
    const y = new Float64Array(x.length);
    eachIndex(result.shape, (index, flat) => {
      y[flat] = x[index.reduce((at, step, k) => at + step * strides[axes[k]], 0)];
    });
    return y;
  },
  broadcast: (result, [x]) => {
    const y = new Float64Array(sizeOf(result.shape));
    eachIndex(result.shape, (index, flat) => {
      y[flat] = x[broadcastFlat(index, result.inputs[0].shape)];
    });
    return y;
  },
  slice: (result, [x]) => {
    const { starts } = result.attributes as { starts: number[] };
    const strides = stridesOf(result.inputs[0].shape);
    const y = new Float64Array(sizeOf(result.shape));
    eachIndex(result.shape, (index, flat) => {
      y[flat] = x[index.reduce((at, step, axis) => at + (step + starts[axis]) * strides[axis], 0)];
    });
    return y;
  },
  pad: (result, [x]) => {
    const { starts } = result.attributes as { starts: number[] };
    const strides = stridesOf(result.shape);
    const y = new Float64Array(sizeOf(result.shape));
    eachIndex(result.inputs[0].shape, (index, flat) => {
      y[index.reduce((at, step, axis) => at + (step + starts[axis]) * strides[axis], 0)] = x[flat];
    });
    return y;
  },
  concat: (result, inputs) => {
    const { axis } = result.attributes as { axis: number };
    const strides = stridesOf(result.shape);
    const y = new Float64Array(sizeOf(result.shape));
    let start = 0;
    result.inputs.forEach(({ shape }, operand) => {
      eachIndex(shape, (index, flat) => {
        const at = index.reduce(
          (sum, step, other) => sum + (other === axis ? step + start : step) * strides[other],
          0,
        );
        y[at] = inputs[operand][flat];
      });
      start += shape[axis];
    });
    return y;
  },
  sum: (result, [x]) => {
    const { lead, outer, reduced, inner } = result.attributes as Record<string, number>;
    const y = new Float64Array(outer * inner);
    for (let l = 0; l < lead; l++)
      for (let o = 0; o < outer; o++)
        for (let r = 0; r < reduced; r++)
          for (let i = 0; i < inner; i++) y[o * inner + i] += x[((l * outer + o) * reduced + r) * inner + i];
    return y;
  },
  matmul: (result, [a, b, bias]) => {
    const attributes = result.attributes as MatmulAttributes;
    const [shapeA, shapeB] = result.inputs.map(({ shape }) => shape);
    const { batch, summed, m, n, k, stepA, stepB } = matmulSizes(shapeA, shapeB, attributes);
    const y = new Float64Array(batch * m * n);
    for (let s = 0; s < batch * summed; s++) {
      const out = Math.floor(s / summed) * m * n;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++)
          for (let l = 0; l < k; l++) {
            const at = s * stepA + (attributes.transposeA ? l * m + i : i * k + l);
            const bt = s * stepB + (attributes.transposeB ? j * k + l : l * n + j);
            y[out + i * n + j] += a[at] * b[bt];
          }
    }
    if (attributes.bias === 'columns') return y.map((value, flat) => value + bias[flat % n]);
    if (attributes.bias === 'rows') return y.map((value, flat) => value + bias[Math.floor(flat / n) % m]);
    return y;
  },
  normStatistics: (result, [x]) => {
    const layout = result.attributes as NormLayout;
    const channels = result.inputs[0].shape.at(-1)!;
    const rows = x.length / channels;
    const y = new Float64Array(rows * layout.groups * 2);
    for (let row = 0; row < rows; row++)
      for (let group = 0; group < layout.groups; group++) {
        const members = [...x.subarray(row * channels, (row + 1) * channels)].filter(
          (_, channel) => channelGroup(channel, channels, layout) === group,
        );
        const mean = members.reduce((sum, value) => sum + value, 0) / members.length;
        const variance = members.reduce((sum, value) => sum + (value - mean) ** 2, 0) / members.length;
        y.set([mean, 1 / Math.sqrt(variance + 1e-5)], (row * layout.groups + group) * 2);
      }
    return y;
  },
  norm: (result, [x, statistics, weight, bias]) => {
    const layout = result.attributes as NormLayout;
    const channels = weight.length;
    return x.map((value, flat) => {
      const [row, channel] = [Math.floor(flat / channels), flat % channels];
      const group = channelGroup(channel, channels, layout);
      if (group < 0) return bias[channel];
      const at = 2 * (row * layout.groups + group);
      return (value - statistics[at]) * statistics[at + 1] * weight[channel] + bias[channel];
    });
  },
  // Moments as (sum, sum of squares), which need no formula to merge; the kernels' mean and squared deviations follow.
  normBlockMoments: (result, [x]) => {
    const layout = result.attributes as NormLayout;
    const channels = result.inputs[0].shape.at(-1)!;
    const y = new Float64Array(sizeOf(result.shape));
    const members = new Map<number, number[]>();
    eachNormed(x, channels, layout, (row, _, group, flat) => {
      const at = row * layout.groups + group;
      members.set(at, [...(members.get(at) ?? []), x[flat]]);
    });
    for (const [at, values] of members) {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      y.set([mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0)], 2 * at);
    }
    return y;
  },
  normMergeMoments: (result, [moments]) => {
    const { groups, segments, block } = result.attributes as NormLayout & { block: NormBlock };
    const y = new Float64Array(sizeOf(result.shape));
    const run = block.length / groups;
    const count = (member: number, group: number) => {
      const channels = blockChannels(block.length, block.group.members.length)[member];
      return segments * channels.filter(c => Math.floor(c / run) === group).length;
    };
    for (let at = 0; at < y.length / 2; at++) {
      const parts = Array.from({ length: moments.length / y.length }, (_, member) => {
        const [mean, squares] = [
          moments[member * y.length + 2 * at],
          moments[member * y.length + 2 * at + 1],
        ];
        return { n: count(member, at % groups), mean, squares };
      }).filter(part => part.n > 0);
      const n = run * segments;
      const mean = parts.reduce((sum, part) => sum + part.n * part.mean, 0) / n;
      const squares = parts.reduce((sum, part) => sum + part.squares + part.n * (part.mean - mean) ** 2, 0);
      y.set([mean, 1 / Math.sqrt(squares / n + 1e-5)], 2 * at);
    }
    return y;
  },
  normBlockGradientSums: (result, [x, statistics, weight, dy]) => {
    const layout = result.attributes as NormLayout;
    const y = new Float64Array(sizeOf(result.shape));
    eachNormed(x, weight.length, layout, (row, channel, group, flat) => {
      const at = 2 * (row * layout.groups + group);
      const g = dy[flat] * weight[channel];
      y[at] += g;
      y[at + 1] += g * (x[flat] - statistics[at]) * statistics[at + 1];
    });
    return y;
  },
  normBlockGradient: (result, [x, statistics, weight, dy, sums]) => {
    const layout = result.attributes as NormLayout & { block: { length: number } };
    const y = new Float64Array(x.length);
    const n = (layout.block.length / layout.groups) * layout.segments;
    eachNormed(x, weight.length, layout, (row, channel, group, flat) => {
      const at = 2 * (row * layout.groups + group);
      const [mean, rstd] = [statistics[at], statistics[at + 1]];
      const xhat = (x[flat] - mean) * rstd;
      y[flat] = rstd * (dy[flat] * weight[channel] - sums[at] / n - (xhat * sums[at + 1]) / n);
    });
    return y;
  },
  // Through the Jacobian of a group, entry by entry, rather than by the closed form that the kernel uses:
  // d xhat_j / d x_i = rstd (delta_ij - 1 / n - xhat_i xhat_j / n).
  normGradient: (result, [x, statistics, weight, dy]) => {
    const layout = result.attributes as NormLayout;
    const channels = weight.length;
    const size = channels / layout.groups;
    return x.map((value, flat) => {
      const [row, channel] = [Math.floor(flat / channels), flat % channels];
      const group = channelGroup(channel, channels, layout);
      const at = 2 * (row * layout.groups + group);
      const [mean, rstd] = [statistics[at], statistics[at + 1]];
      const own = (value - mean) * rstd;
      let sum = 0;
      for (let other = 0; other < channels; other++) {
        if (channelGroup(other, channels, layout) !== group) continue;
        const xhat = (x[row * channels + other] - mean) * rstd;
        const jacobian = rstd * ((other === channel ? 1 : 0) - 1 / size - (own * xhat) / size);
        sum += dy[row * channels + other] * weight[other] * jacobian;
      }
      return sum;
    });
  },
  normScaleGradient: (result, [x, statistics, dy]) => {
    const layout = result.attributes as NormLayout;
    const channels = result.shape[0];
    const y = new Float64Array(channels);
    eachNormed(x, channels, layout, (row, channel, group, flat) => {
      const at = 2 * (row * layout.groups + group);
      y[channel] += dy[flat] * (x[flat] - statistics[at]) * statistics[at + 1];
    });
    return y;
  },
  dropout: (result, [x, random]) => {
    const { rate, layer, place } = result.attributes as { rate: number; layer: number; place?: DropoutPlace };
    const [rows, columns] = place ? result.shape.slice(1) : [1, x.length];
    const [wholeRows, wholeColumns] = place?.whole ?? [1, x.length];
    const [firstSample, firstRow, firstColumn] = place?.from ?? [0, 0, 0];
    return x.map((value, own) => {
      const [row, column] = [Math.floor(own / columns), own % columns];
      const sample = firstSample + (place ? random[3] : 0) + Math.floor(row / rows);
      const flat = (sample * wholeRows + firstRow + (row % rows)) * wholeColumns + firstColumn + column;
      const words = philoxWords([flat >>> 2, layer, random[2], 0], [random[0], random[1]]);
      return words[flat & 3] >= Math.round(rate * 2 ** 32) ? value / (1 - rate) : 0;
    });
  },
};

/** One op. @throws Error where it has no rule here. */
export function compute(tensor: Tensor, inputs: readonly Values[]): Values {
  const rule = rules[tensor.op.name];
  if (!rule) throw new Error(`no reference for op ${tensor.op.name}`);
  return rule(tensor as Tensor<never>, inputs);
}

/**
 * Values of `results`, given those of all leaves.
 * @throws Error where a leaf has no values or an op has no rule here.
 */
export function interpret(
  results: readonly Tensor[],
  leaves: ReadonlyMap<Tensor, ArrayLike<number>>,
): Float64Array[] {
  const values = new Map<Tensor, Values>();
  for (const tensor of ancestors(...results)) {
    const given = leaves.get(tensor);
    if (given) {
      values.set(tensor, Float64Array.from(given));
      continue;
    }
    values.set(
      tensor,
      compute(
        tensor,
        tensor.inputs.map(operand => values.get(operand)!),
      ),
    );
  }
  return results.map(tensor => values.get(tensor)!);
}

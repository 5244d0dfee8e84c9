/**
 * What the ops of the graph do, counted while they are done: every op computed in float64 from its definition, with an
 * arithmetic that counts its operations by the convention of `Work`, and inputs that know which of their elements were
 * touched. It shares no formula with what kernels say of themselves, and its results must be `interpret`'s.
 */

import type { MatmulAttributes } from '../../src/graph/kernels/matmul.ts';
import { matmulSizes } from '../../src/graph/ops/matmul.ts';
import type { NormBlock, NormLayout } from '../../src/graph/ops/norm.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { sizeOf } from '../../src/graph/tensor.ts';
import { countedImages } from './counted-images.ts';
import { compute } from './interpret.ts';
import { type Read, type Rule, Tally } from './tally.ts';

export interface Counted {
  readonly values: Float64Array;
  readonly flops: number;
  /** Elements of the inputs that were touched, each once. */
  readonly touched: number;
}

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
  ...countedImages,
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

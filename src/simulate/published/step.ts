/**
 * A training step of the published WeatherMixer in the published scheme, rank by rank: what the released code computes,
 * moves and sends, kernel by kernel as PyTorch runs them one after the other, with data parallelism by all-reduces that set
 * out as gradients are ready. Batch 1 an instance.
 */
import type { Plan } from '../../plan/plan.ts';
import { type Lengths, transpose, type Ways, xtw, xw, xwt } from './products.ts';
import { RankSteps } from './rank-steps.ts';

/** Sizes of the model; a WeatherMixer's config is one. */
export interface PublishedModel {
  readonly channels: number;
  readonly statics: number;
  readonly height: number;
  readonly width: number;
  readonly patch: readonly [number, number];
  readonly embedding: number;
  readonly tokenHidden: number;
  readonly channelHidden: number;
  readonly blocks: number;
}

export interface PublishedMesh {
  readonly ways: Ways;
  /** Copies of the model. */
  readonly replicas: number;
  readonly ranksPerHost: number;
}

export interface PublishedKernels {
  /** A norm's kernel takes as long for a shorter row as for so many floats. */
  readonly shortestRow: number;
}

/** PyTorch puts gradients together until a message is that long: floats of 25 MiB. */
const BUCKET_FLOATS = (25 * 2 ** 20) / 4;

/**
 * What Adam moves for a parameter, in floats, with one kernel an operation, as PyTorch does for lists of tensors: weight decay,
 * both moments, root, correction, epsilon, update.
 */
const adam = { read: 13, written: 8 };

/** Floats of its part of one sample that a rank reads: fields and static ones before, fields after. */
export function sampleFloats({ channels, statics, height, width }: PublishedModel, ways: Ways): number {
  return ((2 * channels + statics) * height * width) / ways;
}

/**
 * @param place in the instance
 * @returns the plan of that rank of the first instance; those of the others are alike, with their own peers
 */
export function publishedPlan(
  model: PublishedModel,
  { ways, replicas, ranksPerHost }: PublishedMesh,
  place: number,
  { shortestRow }: PublishedKernels,
): Plan {
  const { channels, statics, height, width, patch, embedding: d, tokenHidden, channelHidden, blocks } = model;
  const steps = new RankSteps(place);
  const points = height * width;
  const perToken = patch[0] * patch[1];
  const tokens = points / perToken;
  const pad = (count: number) => ways * Math.ceil(count / ways);
  const inputs = ways === 1 ? channels + statics : pad(channels + statics);
  const outputs = ways === 1 ? channels : 2 * Math.ceil(channels / 2);
  const columns = Math.min(ways, 2);
  const own = (elements: number) => elements / ways;

  /** A kernel that reads and writes so many arrays of these elements, of which the rank has its part. */
  const pass = (op: string, elements: number, read: number, written: number) =>
    steps.pass(op, { read: read * own(elements), written: written * own(elements) });
  /** The same over rows, each of which takes as long as the shortest that is worth while. */
  const rowPass = (op: string, rows: number, length: number, read: number, written: number) => {
    const padded = Math.max(length / columns, shortestRow) / (length / columns);
    pass(op, rows * length * padded, read, written);
  };

  // ---- What is trained, in the order in which its gradients come.
  const replicated = new GradientSums(steps, { ways, replicas, ranksPerHost });
  let parameters = 0;
  const trained = (elements: number, phase: 'forward' | 'backward') => {
    if (phase === 'forward') parameters += own(elements);
    else replicated.ready(own(elements));
  };

  interface Part {
    forward(): void;
    backward(): void;
  }
  const part = (layer: string, forward: () => void, backward: () => void): Part => ({
    forward: () => {
      steps.in(layer, 'forward');
      forward();
    },
    backward: () => {
      steps.in(layer, 'backward');
      backward();
    },
  });

  const bias = (elements: number, phase: 'forward' | 'backward') => {
    if (phase === 'backward') pass('bias sum', elements, 1, 0);
    // Part of the product where that is in one piece.
    else if (ways > 1) pass('bias', elements, 2, 1);
  };
  const norm = (name: string, rows: number, length: number) =>
    part(
      name,
      () => {
        rowPass('norm', rows, length, 1, 1);
      },
      () => {
        rowPass('norm gradient', rows, length, 2, 1);
        rowPass('norm scale gradient', rows, length, 2, 0);
      },
    );
  const gelu = (elements: number) =>
    part(
      'gelu',
      () => pass('gelu', elements, 1, 1),
      () => pass('gelu gradient', elements, 2, 1),
    );
  /** The mask takes a byte an element. */
  const dropout = (elements: number) =>
    part(
      'dropout',
      () => pass('dropout', elements, 1, 1.25),
      () => pass('dropout gradient', elements, 1.25, 1),
    );
  const residual = (elements: number) =>
    part(
      'residual',
      () => pass('add', elements, 2, 1),
      () => pass('add gradients', elements, 2, 1),
    );
  /** Y = X W^T along channels: dX = dY W, dW = dY^T X. */
  const channelLayer = (m: number, k: number, n: number, needsInputGradient = true) =>
    part(
      'channels',
      () => {
        xwt(steps, ways, { m, k, n });
        bias(m * n, 'forward');
        trained(k * n, 'forward');
      },
      () => {
        bias(m * n, 'backward');
        if (needsInputGradient) xw(steps, ways, { m, k: n, n: k });
        xtw(steps, ways, { m: n, k: m, n: k });
        trained(k * n, 'backward');
      },
    );
  /** Y = X^T W: dX = W dY^T, dW = X dY. In one piece X is transposed first. */
  const firstTokenLayer = (k: number, n: number) =>
    part(
      'tokens',
      () => {
        if (ways === 1) pass('transpose', k * d, 1, 1);
        xtw(steps, ways, { m: d, k, n });
        bias(d * n, 'forward');
        trained(k * n, 'forward');
      },
      () => {
        bias(d * n, 'backward');
        xwt(steps, ways, { m: k, k: n, n: d });
        xw(steps, ways, { m: k, k: d, n });
        trained(k * n, 'backward');
        if (ways === 1) pass('transpose', k * d, 1, 1);
      },
    );
  /** Y = X W, transposed afterwards: dX = dY W^T, dW = X^T dY. */
  const secondTokenLayer = (k: number, n: number) => {
    const lengths: Lengths = { m: d, k, n };
    return part(
      'tokens',
      () => {
        xw(steps, ways, lengths);
        bias(d * n, 'forward');
        trained(k * n, 'forward');
        transpose(steps, ways, d * n);
      },
      () => {
        transpose(steps, ways, d * n);
        bias(d * n, 'backward');
        xwt(steps, ways, { m: d, k: n, n: k });
        xtw(steps, ways, { m: k, k: d, n });
        trained(k * n, 'backward');
      },
    );
  };
  const patches = (elements: number, derived: boolean) =>
    part(
      'patches',
      () => pass('copy', elements, 1, 1),
      () => {
        if (derived) pass('copy', elements, 1, 1);
      },
    );
  const concatenation = (elements: number) =>
    part(
      'concat',
      () => pass('concat', elements, 2, 2),
      () => pass('split', elements, 2, 2),
    );
  const loss = part(
    'loss',
    () => {
      pass('squared error', points * outputs, 2, 1);
      pass('mean', points * outputs, 1, 0);
    },
    () => pass('error gradient', points * outputs, 2, 1),
  );

  const mixed = tokens * d;
  const block = [
    norm('norm', tokens, d),
    firstTokenLayer(tokens, tokenHidden),
    gelu(d * tokenHidden),
    dropout(d * tokenHidden),
    secondTokenLayer(tokenHidden, tokens),
    dropout(mixed),
    residual(mixed),
    norm('norm', tokens, d),
    channelLayer(tokens, d, channelHidden),
    gelu(tokens * channelHidden),
    dropout(tokens * channelHidden),
    channelLayer(tokens, channelHidden, d),
    dropout(mixed),
    residual(mixed),
  ];
  const parts: readonly Part[] = [
    patches(points * inputs, false),
    channelLayer(tokens, perToken * inputs, d, false),
    ...Array.from({ length: blocks }, () => block).flat(),
    norm('norm', tokens, d),
    concatenation(mixed),
    channelLayer(tokens, 2 * d, perToken * outputs),
    patches(points * outputs, true),
    norm('head', points, outputs),
    concatenation(points * outputs),
    norm('head', points, 2 * outputs),
    channelLayer(points, 2 * outputs, outputs),
    loss,
  ];
  for (const each of parts) each.forward();
  for (const each of parts.toReversed()) each.backward();
  steps.in('gradients', 'reduce');
  replicated.finish();
  steps.in('update', 'update');
  steps.pass('adam', { read: adam.read * parameters, written: adam.written * parameters });
  const bytes = 4 * parameters;
  return steps.plan({ parameters: bytes, gradients: bytes, moment1: bytes, moment2: bytes });
}

/**
 * Sums of gradients over the copies of the model: an all-reduce a message, in the order in which they are ready. What
 * leaves a host does so over its one line: a ring carries 2 (n - 1) / n of the bytes, between two hosts a tree carries all of
 * them once (NVIDIA/nccl-tests, issue 196); the ranks of a host that sum the same carry equal parts of it.
 *
 * Of copies in one piece nothing sets out before the backward pass is over: a hypothesis, chosen after others because it fits the
 * published rows of such copies, all of which were in sight (docs/simulator.md).
 */
class GradientSums {
  readonly #steps: RankSteps;
  readonly #mesh: PublishedMesh;
  readonly #isHidden: boolean;
  readonly #sent: { readonly exchange: number; readonly floats: number; readonly carried: number }[] = [];
  #waiting = 0;

  constructor(steps: RankSteps, mesh: PublishedMesh) {
    this.#steps = steps;
    this.#mesh = mesh;
    this.#isHidden = mesh.ways > 1;
  }

  ready(floats: number): void {
    this.#waiting += floats;
    if (this.#waiting >= BUCKET_FLOATS && this.#isHidden) this.#send();
  }

  /** Waits for all of it. */
  finish(): void {
    if (this.#waiting > 0) this.#send();
    const { replicas, ways } = this.#mesh;
    if (replicas === 1) return;
    const { place } = this.#steps;
    const before = (ways * replicas - this.#distance() + place) % (ways * replicas);
    for (const { exchange, floats, carried } of this.#sent) {
      this.#steps.receive(exchange, before, carried);
      this.#steps.pass('from bucket', { read: floats, written: floats });
    }
  }

  #send(): void {
    const { replicas, ways, ranksPerHost } = this.#mesh;
    const floats = this.#waiting;
    this.#waiting = 0;
    if (replicas === 1) return;
    const hosts = Math.ceil((ways * replicas) / ranksPerHost);
    const alike = hosts === 1 ? 1 : ranksPerHost / ways;
    const carried = (floats * (hosts === 2 ? 1 : (2 * (replicas - 1)) / replicas)) / alike;
    const exchange = this.#steps.exchanges(1);
    this.#steps.pass('to bucket', { read: floats, written: floats });
    const { place } = this.#steps;
    this.#steps.send(exchange, (place + this.#distance()) % (ways * replicas), carried);
    this.#sent.push({ exchange, floats, carried });
  }

  /** To the rank at the same place of the next host, or of the next copy where there is one host. */
  #distance(): number {
    const { replicas, ways, ranksPerHost } = this.#mesh;
    return ways * replicas > ranksPerHost ? ranksPerHost : ways;
  }
}

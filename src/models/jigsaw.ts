/**
 * Jigsaw products: one linear layer over a mesh (after arXiv:2507.05753, section 4; the forms are our own, see
 * `docs/jigsaw.md`). Rank (r, q) holds block r of the tokens and block q of the channels of every activation, and
 * 1 / (rows * columns) of every weight.
 *
 * A layer along channels exchanges among the ranks of a row, one along tokens among those of a column. Its weight is
 * a grid of blocks [out block, in block]. In the scatter form a rank computes, from its own block of the input, a
 * partial sum for every output block, and sends each to the rank that owns it; in the gather form it collects the
 * input blocks and computes its own output block. Either way it uses one row or column of the grid of blocks, each
 * stored in equal parts by the ranks of the other group, and gathered before its use. The backward pass is derived:
 * blocks go back the way they came, and weight gradients are scattered to where the parts are.
 */
import type { Group } from '../graph/op.ts';
import { allGather, gatherBlocks, scatterBlocks } from '../graph/ops/collective.ts';
import { reshape, slice } from '../graph/ops/copy.ts';
import { add } from '../graph/ops/elementwise.ts';
import type { Initializer } from '../graph/ops/leaf.ts';
import { matmul } from '../graph/ops/matmul.ts';
import type { Shape, Tensor } from '../graph/tensor.ts';
import type { Axis } from '../mesh/axis.ts';
import { type GroupKind, groupOf, type Mesh, single } from '../mesh/mesh.ts';
import type { ParameterScope } from './parameters.ts';

/** A mesh as the model sees it. */
export interface Sharding {
  readonly mesh: Mesh;
  /** The ranks with the other channel blocks of the own tokens, and those with the other token blocks. */
  readonly row: Group;
  readonly column: Group;
  /** The ranks with the same blocks of other samples. */
  readonly replica: Group;
}

function meshGroup(mesh: Mesh, kind: GroupKind): Group {
  const members = groupOf(mesh, kind);
  return { name: kind, members, index: members.indexOf(mesh.place.rank) };
}

export function shardingOf(mesh: Mesh): Sharding {
  const groupsOf = (kind: GroupKind) => meshGroup(mesh, kind);
  return { mesh, row: groupsOf('row'), column: groupsOf('column'), replica: groupsOf('replica') };
}

export const unsharded = shardingOf(single);

export type Form = 'scatter' | 'gather';

/** The form that moves the smaller activation; a draw goes to scatter, which keeps nothing for the backward pass. */
export function formOf(input: Axis, output: Axis): Form {
  return output.size <= input.size ? 'scatter' : 'gather';
}

export interface LayerOptions {
  readonly name: string;
  readonly along: 'channels' | 'tokens';
  readonly input: Axis;
  readonly output: Axis;
  /** Shape of the whole weight, as a checkpoint has it. */
  readonly shape: Shape;
  /** Whether a row of the weight belongs to an output or to an input. */
  readonly rows: 'output' | 'input';
  readonly initializer: Initializer;
  /** Of the model: see `ParameterAttributes`. */
  readonly part: string;
  /** That the weight is gathered for: see `ParameterScope`. */
  readonly layer: string;
}

/** A linear layer without its bias: `multiply` is the product of a rank's own block. */
export type Layer = (x: Tensor, bias?: Tensor) => Tensor;

/**
 * Makes the weight's parameters in `scope` and returns the product.
 *
 * Along channels: x [batch, tokens, in block] -> [batch, tokens, out block], bias [out block].
 * Along tokens: x [batch, in block, channels] -> [batch, out block, channels], bias [out block].
 */
export function layer(scope: ParameterScope, sharding: Sharding, options: LayerOptions): Layer {
  const { along, rows } = options;
  const [group, keepers] =
    along === 'channels' ? [sharding.row, sharding.column] : [sharding.column, sharding.row];
  const form = formOf(options.input, options.output);
  // From the own one on, so that every rank builds the same graph: the n-th exchange is everyone's n-th.
  const { members, index } = group;
  const blocks = new Map(
    members
      .map((_, step) => (index + step) % members.length)
      .map(member => [member, weightBlock(scope, options, form, group, keepers, member)]),
  );
  const multiply = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
    along === 'channels'
      ? matmul(x, weight, { transposeB: rows === 'output', bias })
      : matmul(weight, x, { transposeA: rows === 'input', rowBias: bias });

  if (form === 'scatter') {
    return (x, bias) =>
      scatterBlocks(member => multiply(x, blocks.get(member)!, member === index ? bias : undefined), group);
  }
  return (x, bias) => {
    const [own, ...received] = gatherBlocks(x, group);
    return received.reduce(
      (total, { member, block }) => add(total, multiply(block, blocks.get(member)!)),
      multiply(own.block, blocks.get(own.member)!, bias),
    );
  };
}

/** The block of the weight that joins the own block of one axis to `member`'s block of the other, gathered. */
function weightBlock(
  scope: ParameterScope,
  { name, input, output, shape, rows, initializer, part, layer }: LayerOptions,
  form: Form,
  group: Group,
  keepers: Group,
  member: number,
): Tensor {
  if (group.members.length === 1 && keepers.members.length === 1) {
    const whole = scope.parameter({ name: `${name}.weight`, shape, initializer, part, decays: true });
    return reshape(whole, rows === 'output' ? [output.size, input.size] : [input.size, output.size]);
  }
  const outputs = output.indices(form === 'scatter' ? member : group.index);
  const inputs = input.indices(form === 'scatter' ? group.index : member);
  const [blockRows, columns] = rows === 'output' ? [outputs, inputs] : [inputs, outputs];
  const rowLength = rows === 'output' ? input.size : output.size;
  const keptRows = Math.ceil(blockRows.length / keepers.members.length);
  const first = keepers.index * keptRows;
  const kept = Array.from({ length: keptRows }, (_, i) => blockRows[first + i] ?? -1);
  const own = scope.parameter({
    name: `${name}.weight${group.members.length > 1 ? `[${member}]` : ''}`,
    shape: [keptRows, columns.length],
    initializer,
    part,
    decays: true,
    origin: { name: `${name}.weight`, shape, rows: kept, columns, rowLength },
  });
  if (keepers.members.length === 1) return own;
  return scope.layer(layer, () => {
    const all = reshape(allGather(own, keepers), [keepers.members.length * keptRows, columns.length]);
    return slice(all, [0, 0], [blockRows.length, columns.length]);
  });
}

export interface VectorOptions extends Pick<LayerOptions, 'name' | 'along' | 'initializer' | 'part'> {
  readonly axis: Axis;
}

/**
 * A bias or a norm's scale: the block of the own position along the axis. All ranks of `copies` hold the same one, so
 * their gradients must be summed.
 */
export function vector(
  scope: ParameterScope,
  { row, column, mesh }: Sharding,
  { name, along, axis, initializer, part }: VectorOptions,
): Tensor {
  const common = { name, initializer, part, decays: false };
  if (mesh.rows * mesh.columns === 1) return scope.parameter({ ...common, shape: [axis.size] });
  const [owner, copies] = along === 'channels' ? [row, column] : [column, row];
  const rows = axis.indices(owner.index);
  const origin = { name, shape: [axis.size], rows, columns: [0], rowLength: 1 };
  return scope.parameter({ ...common, shape: [rows.length], copies: copies.name, origin });
}

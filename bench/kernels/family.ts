/**
 * Matrix products as a family of kernels: one template, and what can be varied in it. All variants take the operands,
 * params and workgroups of `shaders/matmul.wgsl`, so that any can stand in the place of any other; how fast each is only
 * the device can say. `variantText` is the WGSL that runs, and what `shaders/` would hold of a variant that ships.
 */

export interface Variant {
  /** Rows and columns of the result that a workgroup makes. */
  readonly tile: readonly [rows: number, columns: number];
  /** Of these an invocation makes so many: 4 or 8 each way. */
  readonly each: readonly [rows: 4 | 8, columns: 4 | 8];
  /** Steps of the inner axis that pass through workgroup memory together: a multiple of 4. */
  readonly depth: number;
  /** 2: the next slice is fetched while the one before is used, at the price of twice the workgroup memory. */
  readonly stages: 1 | 2;
  /** Vectors left free in each line of workgroup memory, so that neighbours along the depth lie in different banks. */
  readonly pad: 0 | 1;
  /** Slices are kept in half precision, and summed in single: other results, to 1e-3. Needs `shader-f16`. */
  readonly half: boolean;
}

/** How operands are read: four values at once, where all their rows begin at multiples of four, or one by one. */
export type Loads = 'vectors' | 'scalars';

/** Such as `matmul_128x128_8x8_d16_s1_p0_vectors`. */
export function variantName({ tile, each, depth, stages, pad, half }: Variant, loads: Loads): string {
  const parts = [tile.join('x'), each.join('x'), `d${depth}`, `s${stages}`, `p${pad}`];
  return ['matmul', ...parts, ...(half ? ['half'] : []), loads].join('_');
}

export const invocationsOf = ({ tile, each }: Variant): number => (tile[0] / each[0]) * (tile[1] / each[1]);

export function workgroupBytes({ tile, depth, stages, pad, half }: Variant): number {
  const vectors = stages * depth * (tile[0] / 4 + tile[1] / 4 + 2 * pad);
  return vectors * (half ? 8 : 16);
}

const base: Omit<Variant, 'tile' | 'each' | 'depth'> = { stages: 1, pad: 1, half: false };

/** What is worth trying; an adapter takes those that its limits allow. */
export const variants: readonly Variant[] = [
  { ...base, tile: [32, 32], each: [4, 4], depth: 16 },
  { ...base, tile: [64, 64], each: [8, 8], depth: 16 },
  { ...base, tile: [64, 64], each: [4, 4], depth: 16 },
  { ...base, tile: [64, 64], each: [4, 4], depth: 32, pad: 0 },
  { ...base, tile: [64, 64], each: [4, 4], depth: 16, stages: 2, pad: 0 },
  { ...base, tile: [64, 128], each: [4, 8], depth: 16 },
  { ...base, tile: [128, 64], each: [8, 4], depth: 16 },
  { ...base, tile: [128, 64], each: [8, 8], depth: 16 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 8 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 8, stages: 2, pad: 0 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 16, pad: 0 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 16 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 16, stages: 2 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 32 },
  { ...base, tile: [128, 128], each: [8, 8], depth: 16, half: true },
];

/** Variants of the list by name: what `shaderText` is asked for. */
const texts = new Map(
  variants.flatMap(variant =>
    (['vectors', 'scalars'] as const).map(loads => [
      variantName(variant, loads),
      () => variantText(variant, loads),
    ]),
  ),
);

/** @returns undefined for a name that is none of the family's */
export const familyText = (name: string): string | undefined => texts.get(name)?.();

export function variantText(variant: Variant, loads: Loads): string {
  const { tile, each, depth, stages, pad, half } = variant;
  const [rows, columns] = tile;
  const across = columns / each[1];
  const invocations = invocationsOf(variant);
  const kept = half ? 'vec4h' : 'vec4f';
  const rowNames = Array.from({ length: each[0] }, (_, i) => i);
  const sides = each[1] === 8 ? ['l', 'r'] : ['l'];
  const sideNames: Readonly<Record<string, string>> = { l: 'left', r: 'right' };
  const factor = (row: number) => `${row < 4 ? 'top' : 'bottom'}.${'xyzw'[row % 4]}`;
  const line = (depthStep: string, vector: string, name: 'a' | 'b', group: string) =>
    `      let ${vector} = vec4f(tile_${name}[at_${name} + ${depthStep} * PITCH_${name.toUpperCase()} + ${group}]);`;
  const accumulators = rowNames.flatMap(i => sides.map(side => `  var ${side}${i} = vec4f();`));
  const products = rowNames.flatMap(i =>
    sides.map(side => `      ${side}${i} += ${factor(i)} * ${sideNames[side]};`),
  );
  const stores = rowNames.flatMap(i =>
    sides.map(side => {
      const row = i < 4 ? `row + ${i}u` : `row + ${rows / 2 + i - 4}u`;
      const column = side === 'l' ? 'column' : `column + ${columns / 2}u`;
      return `  store(base, ${row}, ${column}, ${side}${i});`;
    }),
  );
  const loop =
    stages === 1
      ? `  for (var step = first; step < last; step++) {
    stage(step, batch, depths, row0, column0, lane, 0u);
    workgroupBarrier();
    let at_a = 0u;
    let at_b = 0u;
BODY
    workgroupBarrier();
  }`
      : `  if (first < last) { stage(first, batch, depths, row0, column0, lane, 0u); }
  workgroupBarrier();
  for (var step = first; step < last; step++) {
    let buffer = (step - first) % 2u;
    // Into the other half: the one that is used now is free after the barrier.
    if (step + 1u < last) { stage(step + 1u, batch, depths, row0, column0, lane, 1u - buffer); }
    let at_a = buffer * DEPTH * PITCH_A;
    let at_b = buffer * DEPTH * PITCH_B;
BODY
    workgroupBarrier();
  }`;
  const body = [
    '    for (var depth = 0u; depth < DEPTH; depth++) {',
    line('depth', 'top', 'a', 'local_y'),
    ...(each[0] === 8 ? [line('depth', 'bottom', 'a', `${rows / 8}u + local_y`)] : []),
    line('depth', 'left', 'b', 'local_x'),
    ...(each[1] === 8 ? [line('depth', 'right', 'b', `${columns / 8}u + local_x`)] : []),
    ...products,
    '    }',
  ].join('\n');
  return `// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// A workgroup of ${invocations} invocations makes a tile of ${rows} x ${columns} results, each invocation ${each[0]} x ${each[1]} of them, in vectors of four
// neighbours along a row. Slices of A and B, ${depth} deep, pass through workgroup memory in blocks of 4 x 4, turned on the way
// where the depth is the contiguous axis, so that a step of the inner axis reads whole vectors.${stages === 2 ? ' The next slice is\n// fetched while the one before is used.' : ''}
${half ? 'enable f16;\n' : ''}
override TRANSPOSE_A: u32 = 0u;
override TRANSPOSE_B: u32 = 0u;

// use pointwise
// use dropout
// use ${loads === 'vectors' ? 'operand_vectors' : 'operands'}
// use product

const DEPTH = ${depth}u;
const PITCH_A = ${rows / 4 + pad}u;
const PITCH_B = ${columns / 4 + pad}u;
var<workgroup> tile_a: array<${kept}, ${stages * depth * (rows / 4 + pad)}>; // [${stages === 2 ? 'half][' : ''}depth][row group] of 4 rows
var<workgroup> tile_b: array<${kept}, ${stages * depth * (columns / 4 + pad)}>; // [${stages === 2 ? 'half][' : ''}depth][column group] of 4 columns

${loads === 'vectors' ? vectorAccess : scalarAccess}${blockAccess}
// Blocks of 4 x 4 that the depth is cut into, and those of a slice of A and B.
const DEPTH_BLOCKS = ${depth / 4}u;
const BLOCKS_A = ${(rows / 4) * (depth / 4)}u;
const BLOCKS_B = ${(columns / 4) * (depth / 4)}u;

// Group of four rows or columns, and of four depths, of a block: neighbouring lanes read neighbouring words.
fn place(block: u32, groups: u32, depth_contiguous: bool) -> vec2u {
  if (depth_contiguous) { return vec2u(block / DEPTH_BLOCKS, block % DEPTH_BLOCKS); }
  return vec2u(block % groups, block / groups);
}

fn stage(step: u32, batch: u32, depths: u32, row0: u32, column0: u32, lane: u32, buffer: u32) {
  let matrix = batch * params.summed + step / depths;
  let depth0 = (step % depths) * DEPTH;
  for (var block = lane; block < BLOCKS_A + BLOCKS_B; block += ${invocations}u) {
    if (block < BLOCKS_A) {
      let at = place(block, ${rows / 4}u, TRANSPOSE_A == 0u);
      let depth = 4u * at.y;
      let values = block_of_a(matrix * params.step_a, row0 + 4u * at.x, depth0 + depth);
      let to = (buffer * DEPTH + depth) * PITCH_A + at.x;
      tile_a[to] = ${kept}(values[0]);
      tile_a[to + PITCH_A] = ${kept}(values[1]);
      tile_a[to + 2u * PITCH_A] = ${kept}(values[2]);
      tile_a[to + 3u * PITCH_A] = ${kept}(values[3]);
    } else {
      let at = place(block - BLOCKS_A, ${columns / 4}u, TRANSPOSE_B != 0u);
      let depth = 4u * at.y;
      let values = block_of_b(matrix * params.step_b, depth0 + depth, column0 + 4u * at.x);
      let to = (buffer * DEPTH + depth) * PITCH_B + at.x;
      tile_b[to] = ${kept}(values[0]);
      tile_b[to + PITCH_B] = ${kept}(values[1]);
      tile_b[to + 2u * PITCH_B] = ${kept}(values[2]);
      tile_b[to + 3u * PITCH_B] = ${kept}(values[3]);
    }
  }
}

@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let split = group.z % params.splits;
  let batch = group.z / params.splits;
  let row0 = group.y * ${rows}u;
  let column0 = group.x * ${columns}u;
  let local_x = lane % ${across}u;
  let local_y = lane / ${across}u;
  let depths = (params.k + DEPTH - 1u) / DEPTH;
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, depths * params.summed);
${accumulators.join('\n')}
${loop.replace('BODY', () => body)}
  let base = (batch * params.splits + split) * params.m * params.n;
  let row = row0 + local_y * 4u;
  let column = column0 + local_x * 4u;
${stores.join('\n')}
}
`;
}

/** Four neighbours at a time: a vector lies whole inside its matrix or whole outside. */
const vectorAccess = `// Four neighbours in memory, from \`at\` on, of line \`line\` of \`lines\`; zero where \`start\` is past the end of the line.
fn four_of_a(at: u32, line: u32, lines: u32, start: u32, length: u32) -> vec4f {
  if (line >= lines || start >= length) { return vec4f(); }
  return a[at / 4u];
}

fn four_of_b(at: u32, line: u32, lines: u32, start: u32, length: u32) -> vec4f {
  if (line >= lines || start >= length) { return vec4f(); }
  return b[at / 4u];
}
`;

/** One at a time, for rows that begin anywhere. */
const scalarAccess = `fn one_of_a(at: u32, inside: bool) -> f32 {
  if (inside) { return a[at]; }
  return 0.0;
}

fn one_of_b(at: u32, inside: bool) -> f32 {
  if (inside) { return b[at]; }
  return 0.0;
}

// Four neighbours in memory, from \`at\` on, of line \`line\` of \`lines\`; zero past the end of the line, or of them all.
fn four_of_a(at: u32, line: u32, lines: u32, start: u32, length: u32) -> vec4f {
  let here = line < lines;
  return vec4f(one_of_a(at, here && start < length), one_of_a(at + 1u, here && start + 1u < length),
    one_of_a(at + 2u, here && start + 2u < length), one_of_a(at + 3u, here && start + 3u < length));
}

fn four_of_b(at: u32, line: u32, lines: u32, start: u32, length: u32) -> vec4f {
  let here = line < lines;
  return vec4f(one_of_b(at, here && start < length), one_of_b(at + 1u, here && start + 1u < length),
    one_of_b(at + 2u, here && start + 2u < length), one_of_b(at + 3u, here && start + 3u < length));
}
`;

/** The same for both: blocks of 4 x 4 from lines of memory. */
const blockAccess = `
// Four rows at four depths: vector i holds the rows at depth + i.
fn block_of_a(base: u32, row: u32, depth: u32) -> mat4x4f {
  if (TRANSPOSE_A != 0u) {
    let at = base + depth * params.m + row;
    return mat4x4f(
      four_of_a(at, depth, params.k, row, params.m),
      four_of_a(at + params.m, depth + 1u, params.k, row, params.m),
      four_of_a(at + 2u * params.m, depth + 2u, params.k, row, params.m),
      four_of_a(at + 3u * params.m, depth + 3u, params.k, row, params.m),
    );
  }
  let at = base + row * params.k + depth;
  return transpose(mat4x4f(
    four_of_a(at, row, params.m, depth, params.k),
    four_of_a(at + params.k, row + 1u, params.m, depth, params.k),
    four_of_a(at + 2u * params.k, row + 2u, params.m, depth, params.k),
    four_of_a(at + 3u * params.k, row + 3u, params.m, depth, params.k),
  ));
}

// Four columns at four depths: vector i holds the columns at depth + i.
fn block_of_b(base: u32, depth: u32, column: u32) -> mat4x4f {
  if (TRANSPOSE_B != 0u) {
    let at = base + column * params.k + depth;
    return transpose(mat4x4f(
      four_of_b(at, column, params.n, depth, params.k),
      four_of_b(at + params.k, column + 1u, params.n, depth, params.k),
      four_of_b(at + 2u * params.k, column + 2u, params.n, depth, params.k),
      four_of_b(at + 3u * params.k, column + 3u, params.n, depth, params.k),
    ));
  }
  let at = base + depth * params.n + column;
  return mat4x4f(
    four_of_b(at, depth, params.k, column, params.n),
    four_of_b(at + params.n, depth + 1u, params.k, column, params.n),
    four_of_b(at + 2u * params.n, depth + 2u, params.k, column, params.n),
    four_of_b(at + 3u * params.n, depth + 3u, params.k, column, params.n),
  );
}
`;

// y[b] = sum over s of A[b, s] B[b, s] + bias, with A [M, K] or its transpose in memory, B [K, N] or its transpose
//
// A workgroup of 256 invocations makes a tile of 128 x 64 results, each invocation 8 x 4 of them, in vectors of four
// neighbours along a row. Slices of A and B, 16 deep, pass through workgroup memory in blocks of 4 x 4, turned on the way
// where the depth is the contiguous axis, so that a step of the inner axis reads whole vectors.

override TRANSPOSE_A: u32 = 0u;
override TRANSPOSE_B: u32 = 0u;

// use pointwise
// use dropout
// use operand_vectors
// use product

const DEPTH = 16u;
const PITCH_A = 33u;
const PITCH_B = 17u;
var<workgroup> tile_a: array<vec4f, 528>; // [depth][row group] of 4 rows
var<workgroup> tile_b: array<vec4f, 272>; // [depth][column group] of 4 columns

// Four neighbours in memory, from `at` on, of line `line` of `lines`; zero where `start` is past the end of the line.
fn four_of_a(at: u32, line: u32, lines: u32, start: u32, length: u32) -> vec4f {
  if (line >= lines || start >= length) { return vec4f(); }
  return a[at / 4u];
}

fn four_of_b(at: u32, line: u32, lines: u32, start: u32, length: u32) -> vec4f {
  if (line >= lines || start >= length) { return vec4f(); }
  return b[at / 4u];
}

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

// Blocks of 4 x 4 that the depth is cut into, and those of a slice of A and B.
const DEPTH_BLOCKS = 4u;
const BLOCKS_A = 128u;
const BLOCKS_B = 64u;

// Group of four rows or columns, and of four depths, of a block: neighbouring lanes read neighbouring words.
fn place(block: u32, groups: u32, depth_contiguous: bool) -> vec2u {
  if (depth_contiguous) { return vec2u(block / DEPTH_BLOCKS, block % DEPTH_BLOCKS); }
  return vec2u(block % groups, block / groups);
}

fn stage(step: u32, batch: u32, depths: u32, row0: u32, column0: u32, lane: u32, buffer: u32) {
  let matrix = batch * params.summed + step / depths;
  let depth0 = (step % depths) * DEPTH;
  for (var block = lane; block < BLOCKS_A + BLOCKS_B; block += 256u) {
    if (block < BLOCKS_A) {
      let at = place(block, 32u, TRANSPOSE_A == 0u);
      let depth = 4u * at.y;
      let values = block_of_a(matrix * params.step_a, row0 + 4u * at.x, depth0 + depth);
      let to = (buffer * DEPTH + depth) * PITCH_A + at.x;
      tile_a[to] = vec4f(values[0]);
      tile_a[to + PITCH_A] = vec4f(values[1]);
      tile_a[to + 2u * PITCH_A] = vec4f(values[2]);
      tile_a[to + 3u * PITCH_A] = vec4f(values[3]);
    } else {
      let at = place(block - BLOCKS_A, 16u, TRANSPOSE_B != 0u);
      let depth = 4u * at.y;
      let values = block_of_b(matrix * params.step_b, depth0 + depth, column0 + 4u * at.x);
      let to = (buffer * DEPTH + depth) * PITCH_B + at.x;
      tile_b[to] = vec4f(values[0]);
      tile_b[to + PITCH_B] = vec4f(values[1]);
      tile_b[to + 2u * PITCH_B] = vec4f(values[2]);
      tile_b[to + 3u * PITCH_B] = vec4f(values[3]);
    }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let split = group.z % params.splits;
  let batch = group.z / params.splits;
  let row0 = group.y * 128u;
  let column0 = group.x * 64u;
  let local_x = lane % 16u;
  let local_y = lane / 16u;
  let depths = (params.k + DEPTH - 1u) / DEPTH;
  let first = split * params.depths_per_split;
  let last = min(first + params.depths_per_split, depths * params.summed);
  var l0 = vec4f();
  var l1 = vec4f();
  var l2 = vec4f();
  var l3 = vec4f();
  var l4 = vec4f();
  var l5 = vec4f();
  var l6 = vec4f();
  var l7 = vec4f();
  for (var step = first; step < last; step++) {
    stage(step, batch, depths, row0, column0, lane, 0u);
    workgroupBarrier();
    let at_a = 0u;
    let at_b = 0u;
    for (var depth = 0u; depth < DEPTH; depth++) {
      let top = vec4f(tile_a[at_a + depth * PITCH_A + local_y]);
      let bottom = vec4f(tile_a[at_a + depth * PITCH_A + 16u + local_y]);
      let left = vec4f(tile_b[at_b + depth * PITCH_B + local_x]);
      l0 += top.x * left;
      l1 += top.y * left;
      l2 += top.z * left;
      l3 += top.w * left;
      l4 += bottom.x * left;
      l5 += bottom.y * left;
      l6 += bottom.z * left;
      l7 += bottom.w * left;
    }
    workgroupBarrier();
  }
  let base = (batch * params.splits + split) * params.m * params.n;
  let row = row0 + local_y * 4u;
  let column = column0 + local_x * 4u;
  store(base, row + 0u, column, l0);
  store(base, row + 1u, column, l1);
  store(base, row + 2u, column, l2);
  store(base, row + 3u, column, l3);
  store(base, row + 64u, column, l4);
  store(base, row + 65u, column, l5);
  store(base, row + 66u, column, l6);
  store(base, row + 67u, column, l7);
}

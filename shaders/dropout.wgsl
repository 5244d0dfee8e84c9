// y[i] = x[i] / (1 - rate) where word i of the random stream is at least rate * 2^32, else 0
//
// Philox-4x32-10 (Salmon, Moraes, Dror, Shaw 2011): four random words from the counter (block, layer, step, 0) and
// the key (seed). One invocation takes four elements. x [samples, rows, columns] may be a part of a larger batch: an
// element's word is that of its index there, and the batch goes on from one pass of a step to the next. With ALIGNED
// four neighbours share one block of words; with IN_PLACE y holds x.

override ALIGNED: u32 = 1u;
override IN_PLACE: u32 = 0u;

struct Params {
  size: u32, layer: u32, scale: f32, threshold: u32,
  rows: u32, columns: u32, whole_rows: u32, whole_columns: u32, first: u32,
  sample_size: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> random: array<u32>; // seed low, seed high, step, first sample
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// The 64-bit product of two words, high word first. WGSL has no such function: four products of half words.
fn multiply_wide(p: u32, q: u32) -> vec2u {
  let low = (p & 0xffffu) * (q & 0xffffu);
  let middle1 = (p >> 16u) * (q & 0xffffu) + (low >> 16u);
  let middle2 = (p & 0xffffu) * (q >> 16u) + (middle1 & 0xffffu);
  return vec2u((p >> 16u) * (q >> 16u) + (middle1 >> 16u) + (middle2 >> 16u), p * q);
}

fn philox(start: vec4u, seed: vec2u) -> vec4u {
  var counter = start;
  var key = seed;
  for (var round = 0u; round < 10u; round++) {
    let p = multiply_wide(0xD2511F53u, counter.x);
    let q = multiply_wide(0xCD9E8D57u, counter.z);
    counter = vec4u(q.x ^ counter.y ^ key.x, q.y, p.x ^ counter.w ^ key.y, p.y);
    key += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// Index in the whole batch of element i.
fn index_in_whole(i: u32) -> u32 {
  let row = i / params.columns;
  let sample = row / params.rows;
  let whole_row = sample * params.whole_rows + row % params.rows;
  let before = params.first + random[3] * params.sample_size;
  return before + whole_row * params.whole_columns + i % params.columns;
}

fn words_of(block: u32) -> vec4u {
  return philox(vec4u(block, params.layer, random[2], 0u), vec2u(random[0], random[1]));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let first = (id.x + id.y * groups.x * 64u) * 4u;
  if (first >= params.size) { return; }
  var words = words_of(index_in_whole(first) / 4u);
  for (var i = 0u; i < 4u && first + i < params.size; i++) {
    var word = words[i];
    if (ALIGNED == 0u) {
      let at = index_in_whole(first + i);
      words = words_of(at / 4u);
      word = words[at % 4u];
    }
    var value: f32;
    if (IN_PLACE != 0u) { value = y[first + i]; } else { value = x[first + i]; }
    y[first + i] = select(0.0, value * params.scale, word >= params.threshold);
  }
}

// x[i] / (1 - rate) where word i of the random stream is at least rate * 2^32, else 0
//
// Philox-4x32-10 (Salmon, Moraes, Dror, Shaw 2011): four random words from the counter (block, layer, step, 0) and
// the key (seed). x [samples, rows, columns] may be a part of a larger batch: an element's word is that of its index
// there, and the batch goes on from one pass of a step to the next. With ALIGNED four neighbours share one block of
// words. `random` holds seed low, seed high, step, first sample.

override ALIGNED: u32 = 1u;

struct Dropout {
  layer: u32, scale: f32, threshold: u32,
  rows: u32, columns: u32, whole_rows: u32, whole_columns: u32, first: u32,
  sample_size: u32,
}

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
fn index_in_whole(d: Dropout, i: u32) -> u32 {
  let row = i / d.columns;
  let sample = row / d.rows;
  let whole_row = sample * d.whole_rows + (row - sample * d.rows);
  return d.first + random[3] * d.sample_size + whole_row * d.whole_columns + (i - row * d.columns);
}

fn words_of(d: Dropout, block: u32) -> vec4u {
  return philox(vec4u(block, d.layer, random[2], 0u), vec2u(random[0], random[1]));
}

fn word_at(d: Dropout, i: u32) -> u32 {
  let at = index_in_whole(d, i);
  return words_of(d, at / 4u)[at % 4u];
}

// Elements i to i + 3, which are p.
fn dropped(d: Dropout, p: vec4f, i: u32) -> vec4f {
  var words: vec4u;
  if (ALIGNED != 0u) {
    words = words_of(d, index_in_whole(d, i) / 4u);
  } else {
    words = vec4u(word_at(d, i), word_at(d, i + 1u), word_at(d, i + 2u), word_at(d, i + 3u));
  }
  return select(vec4f(), p * d.scale, words >= vec4u(d.threshold));
}

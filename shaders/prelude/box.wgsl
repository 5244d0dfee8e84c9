// Where element i of a box of up to six axes lies in up to four operands, which step differently along them.
//
// Taking an index apart costs a division for every axis, so the host merges axes and says how many are left (RANK).
// Axes are innermost first; `outermost` is the step of the last one left, which takes what remains.

override RANK: u32 = 6u;

struct Box {
  offsets: vec4u, // of the operands
  lengths: vec4u,
  length4: u32,
  step0: vec4u, step1: vec4u, step2: vec4u, step3: vec4u, step4: vec4u, outermost: vec4u,
}

fn places(box: Box, i: u32) -> vec4u {
  var at = box.offsets;
  var rest = i;
  if (RANK > 1u) { let outer = rest / box.lengths.x; at += (rest - outer * box.lengths.x) * box.step0; rest = outer; }
  if (RANK > 2u) { let outer = rest / box.lengths.y; at += (rest - outer * box.lengths.y) * box.step1; rest = outer; }
  if (RANK > 3u) { let outer = rest / box.lengths.z; at += (rest - outer * box.lengths.z) * box.step2; rest = outer; }
  if (RANK > 4u) { let outer = rest / box.lengths.w; at += (rest - outer * box.lengths.w) * box.step3; rest = outer; }
  if (RANK > 5u) { let outer = rest / box.length4; at += (rest - outer * box.length4) * box.step4; rest = outer; }
  return at + rest * box.outermost;
}

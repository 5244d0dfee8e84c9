// y[i] = (F4 o F3 o F2 o F1)(a[i]): a chain of functions of one element, each with an operand of its own where it takes
// one: F1 b, F2 c, F3 d. A chain without functions is a copy.
//
// An invocation takes four neighbouring elements of y. Operands may be read in any order and repeated (see box.wgsl):
// what would be a broadcast, a transpose or a slice is no kernel of its own. RUN is 4 where the four lie along the
// innermost axis, so that their places need be found once. PLACE tells which operand y holds already, 1 for a: the result
// takes its place.

override F1: u32 = 0u;
override F2: u32 = 0u;
override F3: u32 = 0u;
override F4: u32 = 0u;
override RUN: u32 = 1u;
override PLACE: u32 = 0u;

struct Params {
  size: u32,
  box: Box,
  factors: vec4f, // of F1 to F4, where they are AFFINE
  shifts: vec4f,
  dropout: Dropout,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> c: array<f32>;
@group(0) @binding(4) var<storage, read> d: array<f32>;
@group(0) @binding(5) var<storage, read> random: array<u32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

// use box
// use pointwise
// use dropout

// Each function is chosen where it is called, so that what is not used is dropped before it is compiled.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = (id.x + id.y * groups.x * 64u) * 4u;
  if (i >= params.size) { return; }
  // Past the end the last element is repeated.
  let own = min(vec4u(i, i + 1u, i + 2u, i + 3u), vec4u(params.size - 1u));
  let at0 = places(params.box, i);
  var at1 = at0 + params.box.step0;
  var at2 = at1 + params.box.step0;
  var at3 = at2 + params.box.step0;
  if (RUN == 1u) {
    at1 = places(params.box, own.y);
    at2 = places(params.box, own.z);
    at3 = places(params.box, own.w);
  }
  var held = vec4f();
  if (PLACE != 0u) { held = vec4f(y[own.x], y[own.y], y[own.z], y[own.w]); }
  var value = held;
  if (PLACE != 1u) { value = vec4f(a[at0.x], a[at1.x], a[at2.x], a[at3.x]); }
  var other = held;
  if (PLACE != 2u && reads_other(F1)) { other = vec4f(b[at0.y], b[at1.y], b[at2.y], b[at3.y]); }
  if (F1 == DROPOUT) { value = dropped(params.dropout, value, i); }
  else if (F1 != 0u) { value = pointwise(F1, value, other, params.factors.x, params.shifts.x); }
  other = held;
  if (PLACE != 3u && reads_other(F2)) { other = vec4f(c[at0.z], c[at1.z], c[at2.z], c[at3.z]); }
  if (F2 == DROPOUT) { value = dropped(params.dropout, value, i); }
  else if (F2 != 0u) { value = pointwise(F2, value, other, params.factors.y, params.shifts.y); }
  other = held;
  if (PLACE != 4u && reads_other(F3)) { other = vec4f(d[at0.w], d[at1.w], d[at2.w], d[at3.w]); }
  if (F3 == DROPOUT) { value = dropped(params.dropout, value, i); }
  else if (F3 != 0u) { value = pointwise(F3, value, other, params.factors.z, params.shifts.z); }
  if (F4 == DROPOUT) { value = dropped(params.dropout, value, i); }
  else if (F4 != 0u) { value = pointwise(F4, value, vec4f(), params.factors.w, params.shifts.w); }
  y[i] = value.x;
  if (i + 1u < params.size) { y[i + 1u] = value.y; }
  if (i + 2u < params.size) { y[i + 2u] = value.z; }
  if (i + 3u < params.size) { y[i + 3u] = value.w; }
}

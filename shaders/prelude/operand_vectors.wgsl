// The matrices of a product, four neighbours at a time: where all their rows begin at multiples of four.
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;

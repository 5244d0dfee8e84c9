// As conv_lanes.wgsl, in tiles of 16 x 28 results instead of 16 x 32: the same sums, in the same order.
enable subgroups;

// use pointwise
// use dropout
// use operands
// use product
// use patch_columns
// use seven_columns
// use conv_lanes

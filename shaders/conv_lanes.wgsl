// y[image, row, position] = sum over channels and taps of weight[row, channel, tap] x[image, channel, position + tap] + bias
//
// The convolution, and its gradient by images, for adapters that compute on the CPU with lanes of four (SwiftShader): as
// matmul_lanes.wgsl, with the patches of images for b. The channels of a tap are summed one after the other, so that where
// the columns lie, and which of them are past the edge, is settled once a tap.
enable subgroups;

// use pointwise
// use dropout
// use operands
// use product
// use patch_columns
// use eight_columns
// use conv_lanes

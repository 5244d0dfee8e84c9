// y[image, row, position] = sum over channels and taps of weight[row, channel, tap] x[image, channel, position + tap] + bias
//
// The convolution, and its gradient by images, for adapters that compute on the CPU: as matmul_direct.wgsl, with the patches
// of images for b. The channels of a tap are summed one after the other, so that where the columns lie, and which of them
// are past the edge, is settled once a tap.

// use pointwise
// use dropout
// use operands
// use product
// use patch_columns
// use eight_columns
// use conv_direct

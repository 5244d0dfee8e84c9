/** Between fields of the whole grid and the blocks that ranks hold: [batch, channels, height, width] both. */
import type { DataBlock } from '../models/sharded-config.ts';

interface Grid {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Calls `visit` with the first element of every row of a block that is not padding, there and in the whole. */
function eachRow(
  { channels, height, width }: Grid,
  block: readonly number[],
  { rowFrom, rowTo }: DataBlock,
  batch: number,
  visit: (own: number, inWhole: number) => void,
): void {
  const rows = rowTo - rowFrom;
  for (let sample = 0; sample < batch; sample++) {
    block.forEach((channel, i) => {
      for (let row = rowFrom; channel >= 0 && row < Math.min(rowTo, height); row++) {
        const own = ((sample * block.length + i) * rows + row - rowFrom) * width;
        visit(own, ((sample * channels + channel) * height + row) * width);
      }
    });
  }
}

/** The block of an input that a rank reads; padding is zero. */
export function cutInput(
  input: Float32Array,
  grid: Grid,
  block: DataBlock,
  batch: number,
): Float32Array<ArrayBuffer> {
  const { inputChannels, rowFrom, rowTo } = block;
  const own = new Float32Array(batch * inputChannels.length * (rowTo - rowFrom) * grid.width);
  eachRow(grid, inputChannels, block, batch, (at, inWhole) => {
    own.set(input.subarray(inWhole, inWhole + grid.width), at);
  });
  return own;
}

/** Writes a rank's block of a forecast to its place in the whole. */
export function putForecast(
  own: Float32Array,
  grid: Grid,
  block: DataBlock,
  batch: number,
  target: Float32Array,
): void {
  eachRow(grid, block.outputChannels, block, batch, (at, inWhole) => {
    target.set(own.subarray(at, at + grid.width), inWhole);
  });
}

/** A frame that cannot be what it says; the message tells what was wrong. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A file that is no checkpoint, or one of another model; the message says what differs. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

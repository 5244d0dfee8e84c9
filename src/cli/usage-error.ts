/** Thrown for arguments that make no sense; the message says which, and what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

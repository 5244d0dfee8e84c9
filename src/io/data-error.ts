/** Thrown for data that cannot be used; the message says what is wrong and what to do. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

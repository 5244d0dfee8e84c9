/** Thrown for arguments that make no sense; the message says which, and what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Tells on standard error why a command ended. @param command such as `plan`. @returns its exit code */
export function toldFailure(error: unknown, command: string): number {
  console.error((error as Error).message);
  if (!(error instanceof UsageError)) return 1;
  console.error(`See npm run ${command} -- --help.`);
  return 2;
}

/** Which pages of this browser are open: each holds a Web Lock for as long as it is. */

const lockOf = (page: string) => `isobar-page-${page}`;

/**
 * Names this page, and holds its lock until it is closed.
 *
 * @returns its id
 */
export function lockPage(): string {
  const id = crypto.randomUUID();
  void navigator.locks.request(lockOf(id), () => new Promise<never>(() => {}));
  return id;
}

/** Whether a page is open still. @param waitMs how long it is given to end */
export async function isPageOpen(id: string, waitMs: number): Promise<boolean> {
  // Shared, so that two pages which ask at once do not take each other for the page they ask about.
  const mode = 'shared';
  if (waitMs === 0) {
    return navigator.locks.request(lockOf(id), { mode, ifAvailable: true }, lock => lock === null);
  }
  try {
    await navigator.locks.request(lockOf(id), { mode, signal: AbortSignal.timeout(waitMs) }, () => {});
    return false;
  } catch {
    return true;
  }
}

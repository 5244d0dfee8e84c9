/** Files and folders dragged over a page, as a user's desktop would. */
import type { Page } from 'playwright-core';

/** @returns lets go of them there */
export async function drag(page: Page, ...paths: string[]): Promise<() => Promise<unknown>> {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    client.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await send('dragEnter');
  await send('dragOver');
  return () => send('drop');
}

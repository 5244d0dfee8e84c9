/** Builds the page once for all end-to-end tests and serves the build, as a static host would, until they are done. */
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { builtPage } from '../../scripts/build-page.mjs';
import { pageHeaders } from '../../scripts/page-headers.mjs';
import { root } from '../../scripts/setup.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built page, with a slash at the end. */
    pageUrl: string;
  }
}

export default async function serveBuild(project: TestProject): Promise<() => Promise<void>> {
  // That of `npm start`, which some tests run: it would put another build in the place of one that is not its own, and parts
  // that a page loads later would be gone.
  await builtPage(root);
  // Port 0 lets the system choose a free one.
  const server = await preview({
    preview: { port: 0, host: '127.0.0.1', headers: pageHeaders },
    logLevel: 'warn',
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The preview server has no address.');
  project.provide('pageUrl', url);
  return () => server.close();
}

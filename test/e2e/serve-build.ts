/** Builds the page once for all end-to-end tests and serves the build, as a static host would, until they are done. */
import { build, preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { pageHeaders } from '../../scripts/page-headers.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built page, with a slash at the end. */
    pageUrl: string;
  }
}

export default async function serveBuild(project: TestProject): Promise<() => Promise<void>> {
  const { NODE_ENV } = process.env;
  // As people get it: for tests, libraries would be built as for those who develop.
  process.env.NODE_ENV = 'production';
  await build({ logLevel: 'warn' });
  process.env.NODE_ENV = NODE_ENV;
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

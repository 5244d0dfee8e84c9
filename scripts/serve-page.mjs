import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';
import { root } from './setup.mjs';

/**
 * Bundles one page as for production, in a folder of its own, and serves it on the loopback address: a command neither
 * touches `dist` nor meets the development server's reloads.
 *
 * @param {string} page path of its HTML file from the repository's root
 * @param {import('vite').Plugin[]} [plugins] for the server
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePage(page, plugins = []) {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-page-'));
  await build({
    root,
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input: join(root, page) } },
  });
  const server = await preview({
    root,
    logLevel: 'warn',
    build: { outDir: folder },
    // Port 0 lets the system choose a free one.
    preview: { port: 0, host: '127.0.0.1' },
    plugins,
  });
  return {
    url: `${server.resolvedUrls?.local[0]}${page}`,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

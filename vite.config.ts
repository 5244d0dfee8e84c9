import { defineConfig, type Plugin } from 'vite';
import { embindWithoutEval } from './scripts/embind-without-eval.mjs';
import { firstViewFiles, workerFiles } from './scripts/first-view.mjs';
import { packedFiles } from './scripts/packed-files.mjs';
import { contentSecurityPolicy, isolationHeaders } from './scripts/page-headers.mjs';
import { pureScales } from './scripts/pure-scales.mjs';
import { wgslWithoutComments } from './scripts/wgsl-without-comments.mjs';

/** The policy is in the built page itself, so that it holds on a host that sends no headers. */
const policyInPage: Plugin = {
  name: 'isobar-policy',
  apply: 'build',
  transformIndexHtml: (_, { path }) =>
    path === '/index.html'
      ? [
          {
            tag: 'meta',
            attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
            // Only what comes after it is bound by it.
            injectTo: 'head-prepend',
          },
        ]
      : [],
};

export default defineConfig({
  // Relative, so that a static build can be served from any folder.
  base: './',
  plugins: [policyInPage, embindWithoutEval(), pureScales(), packedFiles()],
  worker: {
    format: 'es',
    plugins: () => [embindWithoutEval(), wgslWithoutComments()],
    rolldownOptions: { output: { codeSplitting: { groups: workerFiles(import.meta.dirname) } } },
  },
  // Vite does not follow workers when it looks for packages to bundle; finding one late can reload the page.
  optimizeDeps: { entries: ['index.html', 'src/session/worker.ts'] },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 1500,
    // Of these only what is used is of use: without this the whole of trystero came with the id of a page, and colour spaces
    // with the tables of d3.
    rolldownOptions: {
      treeshake: { moduleSideEffects: id => !/@trystero-p2p\/core|\/d3-color\//.test(id) },
      output: { codeSplitting: { groups: firstViewFiles(import.meta.dirname) } },
    },
  },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
});

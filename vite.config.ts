import { defineConfig } from 'vite';

/** Cross-origin isolation gives SharedArrayBuffer and high-resolution timers, which the lanes and the bench use. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // Relative, so that a static build can be served from any folder.
  base: './',
  worker: { format: 'es' },
  // Vite does not follow workers when it looks for packages to bundle; finding one late can reload the page.
  optimizeDeps: { entries: ['index.html', 'src/session/worker.ts'] },
  build: { target: 'es2023', chunkSizeWarningLimit: 1500 },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
});

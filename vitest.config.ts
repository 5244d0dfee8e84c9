import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags } from './scripts/chromium.mjs';
import { findChromium } from './scripts/find-browser.mjs';
import { isolationHeaders } from './vite.config';

/**
 * Two projects: `node` for code that needs no browser (data, scores, the atmosphere, scripts) and `browser` for
 * everything that touches WebGPU, workers or storage, in a real Chromium.
 */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    projects: [
      {
        test: { name: 'node', include: ['test/node/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
      },
      {
        server: { headers: isolationHeaders },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: findChromium(), args: chromiumFlags } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});

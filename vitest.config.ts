import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags } from './scripts/chromium.mjs';
import { findChromium, findFirefox } from './scripts/find-browser.mjs';
import { isolationHeaders } from './scripts/page-headers.mjs';
import { storeCommands } from './test/browser/data/store-commands.ts';
import { relayCommands } from './test/browser/net/relay-commands.ts';
import { stockFirefox } from './test/firefox/provider.ts';
import { LongestFirst } from './test/longest-first.ts';

const firefox = findFirefox();
const testTimeout = 60_000;
/**
 * In a browser files share the frame: each would compile the same kernels, and read the same sources, again, which is half of
 * the time. So a test puts back what it changes of what is everybody's. There they come one by one in one order; Node's are
 * shared out as its workers are free, so that nobody would know which come together.
 */
const isolate = false;
/** What every browser project shares. One file at a time: two would share one software adapter and two cores. */
const inBrowser = { enabled: true, headless: true, screenshotFailures: false };

/**
 * The projects:
 * - `node`: code that needs no browser (data, scores, the atmosphere, the commands);
 * - `browser`: everything that touches WebGPU, workers or storage, in a real Chromium;
 * - `firefox`: the tests of ops and of links again, in a second engine with a second shader compiler and a second
 *   WebRTC, where Firefox is installed;
 * - `e2e`: the built page and the commands as a user meets them.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/node/**/*.test.ts'],
          environment: 'node',
          // They take what a browser beside them leaves of the processor, which may be little for long.
          testTimeout: 5 * testTimeout,
          hookTimeout: 2 * testTimeout,
          // Of two cores vitest would leave one alone.
          maxWorkers: 2,
        },
      },
      {
        server: { headers: isolationHeaders },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          isolate,
          testTimeout,
          fileParallelism: false,
          browser: {
            ...inBrowser,
            commands: { ...relayCommands, ...storeCommands },
            provider: playwright({ launchOptions: { executablePath: findChromium(), args: chromiumFlags } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      ...(firefox === undefined
        ? []
        : [
            {
              server: { headers: isolationHeaders },
              test: {
                name: 'firefox',
                include: [
                  'test/browser/gpu/adapter.test.ts',
                  'test/browser/net/peer-link.test.ts',
                  'test/browser/graph/**/*.test.ts',
                ],
                isolate,
                testTimeout,
                fileParallelism: false,
                browser: {
                  ...inBrowser,
                  provider: stockFirefox(firefox),
                  instances: [{ browser: 'firefox' as const }],
                },
              },
            },
          ]),
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/e2e/serve-build.ts'],
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

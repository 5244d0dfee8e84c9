/** The terminal command with four ranks, killed and resumed: see `killed-runs.ts`. */
import { test } from 'vitest';
import { expectUnharmed, KILLED_TIMEOUT } from './killed-runs.ts';

test(
  'killed five times on 2x2, and resumed: every loss is the same, to the last bit',
  {
    timeout: KILLED_TIMEOUT,
  },
  () => expectUnharmed('2x2', 120),
);

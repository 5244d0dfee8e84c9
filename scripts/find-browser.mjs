import { existsSync } from 'node:fs';

/** Path of a Chrome or Chromium, or undefined. (The full search is in this file's later version.) */
export function findChromium() {
  return [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    p => p && existsSync(p),
  );
}

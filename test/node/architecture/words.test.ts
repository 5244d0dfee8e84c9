/** What is trained is no affair of those that train it: words of the weather stand only where its task and its model are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/setup.mjs';

const words = /WeatherMixerConfig|latitude|lead ?(time|hours|steps)|skill|persistence/i;
const rooms = ['graph', 'plan', 'engine', 'mesh', 'train', 'simulate', 'parallel', 'session', 'crew', 'cli'];
const exceptions: readonly string[] = [
  // Named runs bring models, tasks and data together: they name all three.
  'session/api/presets.ts',
  // Reads folders of earlier versions, whose events are told in these words.
  'cli/old-metrics.ts',
];

test.each(rooms)('%s knows nothing of the weather', room => {
  const files = readdirSync(join(root, 'src', room), { recursive: true, encoding: 'utf8' });
  const sources = files.filter(file => file.endsWith('.ts') && !exceptions.includes(`${room}/${file}`));
  expect(sources.length).toBeGreaterThan(0);
  const found = sources.flatMap(file => {
    const lines = readFileSync(join(root, 'src', room, file), 'utf8').split('\n');
    return lines.filter(line => words.test(line)).map(line => `${file}: ${line.trim()}`);
  });
  expect(found).toEqual([]);
});

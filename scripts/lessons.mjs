// npm run lessons -- FILE ...: checks lessons; without a file, those of the page. See docs/lessons.md.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

setUp();
const { register } = await import('tsx/esm/api');
register();
const { checkLesson } = await import('../src/ui/lesson/check.ts');

const own = new URL('../src/ui/lesson/texts/', import.meta.url);
const given = process.argv.slice(2);
const files =
  given.length > 0 ? given : (await readdir(own)).sort().map(name => fileURLToPath(new URL(name, own)));
for (const file of files) {
  try {
    const { lines, isRight } = checkLesson(file, await readFile(file, 'utf8'));
    console.log(lines.join('\n'));
    if (!isRight) process.exitCode = 1;
  } catch (cause) {
    console.error(`${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`);
    process.exitCode = 1;
  }
}

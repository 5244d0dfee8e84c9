/** Shaders as workers get them are the shaders, without what is there for readers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withoutComments } from '../../../scripts/wgsl-without-comments.mjs';

const folder = join(import.meta.dirname, '../../../shaders');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.wgsl'),
);

/** Of WGSL's signs the longest that there is, so that two which have come together are another. */
const token = /[\w.]+|<<=|>>=|->|\+\+|--|&&|\|\||<<|>>|[-+*/%&|^=!<>]=|\S/g;

/** Words and signs of a shader, and the preludes that it uses. */
const tokens = (text: string) =>
  text
    .split('\n')
    .flatMap(line =>
      /^\/\/ use \w+$/.test(line) ? [line] : (line.replace(/\/\/.*/, '').match(token) ?? []),
    );

test('comments, indentation and spaces round signs go, all else stays', () => {
  expect(withoutComments('// A sum.\n// use box\n\nfn f() {\n  let x = 1; // one\n}\n')).toBe(
    '\n// use box\nfn f(){\nlet x=1;\n}\n',
  );
});

test.each(files)('%s', name => {
  const text = readFileSync(join(folder, name), 'utf8');
  expect(tokens(withoutComments(text))).toEqual(tokens(text));
  expect(withoutComments(text).length).toBeLessThan(text.length);
});

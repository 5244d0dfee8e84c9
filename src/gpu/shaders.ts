/**
 * The text of every file in `shaders/`, by its name without the extension. A line `// use box` stands for the text of
 * `shaders/prelude/box.wgsl`, which several shaders share.
 */
import { withPreludes } from './prelude.ts';

const files = import.meta.glob<string>('../../shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const preludeFiles = import.meta.glob<string>('../../shaders/prelude/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const byName = (found: Record<string, string>) =>
  new Map(Object.entries(found).map(([path, text]) => [path.replace(/^.*\/(.*)\.wgsl$/, '$1'), text]));

const preludes = byName(preludeFiles);

const texts = new Map(
  [...byName(files)].map(([name, text]) => [
    name,
    withPreludes(text, name, prelude => preludes.get(prelude)),
  ]),
);

/** @throws Error where there is no such shader. */
export function shaderText(name: string): string {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`no shader named ${name} in shaders/`);
  return text;
}

export const shaderNames: readonly string[] = [...texts.keys()];

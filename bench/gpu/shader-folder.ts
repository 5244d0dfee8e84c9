/**
 * Takes the place of `src/gpu/shaders.ts` in the pack: the text of every shader, read from the folder beside the
 * bundle, so that a kernel can be edited and timed again on a machine that has nothing to build with.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { withPreludes } from '../../src/gpu/prelude.ts';
import { familyText } from '../kernels/family.ts';

const folder = new URL('shaders/', import.meta.url);

export const shaderNames: readonly string[] = readdirSync(folder)
  .filter(file => file.endsWith('.wgsl'))
  .map(file => file.slice(0, -'.wgsl'.length));

const preludeOf = (name: string): string | undefined => {
  const file = new URL(`prelude/${name}.wgsl`, folder);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

/** A file of the folder or, where it has none of that name, a variant of the family. @throws Error where there is neither. */
export function shaderText(name: string): string {
  const text = shaderNames.includes(name)
    ? readFileSync(new URL(`${name}.wgsl`, folder), 'utf8')
    : familyText(name);
  if (text === undefined) throw new Error(`no shader named ${name} in ${folder.pathname}`);
  return withPreludes(text, name, preludeOf);
}

/**
 * Takes the place of `src/gpu/shaders.ts` in the pack: the text of every shader, read from the folder beside the
 * bundle, so that a kernel can be edited and timed again on a machine that has nothing to build with.
 */
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('shaders/', import.meta.url);

export const shaderNames: readonly string[] = readdirSync(folder)
  .filter(file => file.endsWith('.wgsl'))
  .map(file => file.slice(0, -'.wgsl'.length));

/** @throws Error where there is no such shader. */
export function shaderText(name: string): string {
  if (!shaderNames.includes(name)) throw new Error(`no shader named ${name} in ${folder.pathname}`);
  return readFileSync(new URL(`${name}.wgsl`, folder), 'utf8');
}

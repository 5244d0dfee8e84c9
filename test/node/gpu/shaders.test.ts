/**
 * Every shader as it stands in `shaders/`: it parses, stays within what WebGPU guarantees on any adapter, and says
 * what it computes. Whether a shader is meaningful WGSL the browser's own compiler says, in `test/browser/gpu`.
 */
import { describe, expect, test } from 'vitest';
import { shaderNames, shaderText } from '../../../src/gpu/shaders.ts';

// The file that the package names for Node exports nothing; the one for bundlers works in both.
const bundled = 'wgsl_reflect/wgsl_reflect.module.js';
const { Var, WgslParser, WgslReflect } = (await import(bundled)) as typeof import('wgsl_reflect');

/** WebGPU's default limits. */
const MAX_STORAGE_BUFFERS = 8;
const MAX_INVOCATIONS = 256;
const MAX_WORKGROUP_BYTES = 16 * 1024;

/**
 * What the parser does not take, put in other words: the identifier `block`, which it holds for an attribute of an
 * early draft of WGSL, and a workgroup size that is a product or quotient of override constants.
 */
function parseable(text: string): string {
  const defaults = new Map(
    [...text.matchAll(/^override (\w+): u32 = (\d+)u;/gm)].map(([, name, value]) => [name, value]),
  );
  const fold = (expression: string): number => {
    const [first = '', ...rest] = expression.match(/\w+|[*/]/g) ?? [];
    const value = (word: string) => Number.parseInt(defaults.get(word) ?? word, 10);
    let result = value(first);
    for (let i = 0; i < rest.length; i += 2) {
      const operand = value(rest[i + 1]);
      result = rest[i] === '*' ? result * operand : Math.floor(result / operand);
    }
    return result;
  };
  return text.replace(/\bblock\b/g, 'block_').replace(/@workgroup_size\(([^)]*)\)/g, (_, sizes: string) => {
    return `@workgroup_size(${sizes.split(',').map(fold).join(', ')})`;
  });
}

/** Bytes of all `var<workgroup>` of a shader. */
function workgroupBytes(text: string): number {
  const reflected = new WgslReflect(text);
  return new WgslParser()
    .parse(text)
    .filter(node => node instanceof Var && node.storage === 'workgroup')
    .reduce((total, node) => {
      const info = node instanceof Var && node.type ? reflected.getTypeInfo(node.type) : null;
      expect(info?.size, 'size of a workgroup variable').toBeGreaterThan(0);
      return total + (info?.size ?? 0);
    }, 0);
}

const shaders = await Promise.all(
  (await shaderNames()).map(async name => ({ name, text: parseable(await shaderText(name)) })),
);

test('there are shaders', () => {
  expect(shaders.map(({ name }) => name)).toEqual(expect.arrayContaining(['matmul', 'conv_direct']));
});

describe.each(shaders)('shaders/$name.wgsl', ({ text }) => {
  test('opens with a comment', () => {
    expect(text.split('\n')[0]).toMatch(/^\/\/ \S/);
  });

  test('has one entry point, main, with at most 256 invocations and 8 storage buffers', () => {
    const { entry, storage } = new WgslReflect(text);
    expect(entry.compute.map(({ name: entryPoint }) => entryPoint)).toEqual(['main']);
    const size = entry.compute[0].workgroupSize;
    expect(size, 'workgroup size').not.toBeNull();
    expect(size!.every(Number.isInteger), 'a workgroup size in plain numbers').toBe(true);
    expect(size!.reduce((product, length) => product * length, 1)).toBeLessThanOrEqual(MAX_INVOCATIONS);
    expect(storage.length).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
  });

  test('takes at most 16 KiB of workgroup memory', () => {
    expect(workgroupBytes(text)).toBeLessThanOrEqual(MAX_WORKGROUP_BYTES);
  });
});

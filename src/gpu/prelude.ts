/** Shared parts of shaders: a line `// use box` stands for the text of `shaders/prelude/box.wgsl`, which may use others. */

/** @throws Error where a shader uses a prelude that there is none of. */
export function withPreludes(
  text: string,
  name: string,
  preludeOf: (name: string) => string | undefined,
): string {
  return text.replace(/^\/\/ use (\w+)$/gm, (_, prelude: string) => {
    const shared = preludeOf(prelude);
    if (shared === undefined)
      throw new Error(`shader ${name} uses ${prelude}, which is not in shaders/prelude/`);
    return withPreludes(shared, name, preludeOf);
  });
}

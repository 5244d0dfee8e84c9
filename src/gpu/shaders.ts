/** The text of every file in `shaders/`, by its name without the extension. */
const files = import.meta.glob<string>('../../shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const texts = new Map(
  Object.entries(files).map(([path, text]) => [path.replace(/^.*\/(.*)\.wgsl$/, '$1'), text]),
);

/** @throws Error where there is no such shader. */
export function shaderText(name: string): string {
  const text = texts.get(name);
  if (text === undefined) throw new Error(`no shader named ${name} in shaders/`);
  return text;
}

export const shaderNames: readonly string[] = [...texts.keys()];

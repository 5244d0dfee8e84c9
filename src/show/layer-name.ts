/** What a layer of a plan is called for people. */

const halves: Readonly<Record<string, string>> = {
  tokens: 'mixing places (tokens)',
  channels: 'mixing fields (channels)',
};

/** `blocks.0.tokens` in words. */
export function layerName(layer: string): string {
  const block = /^blocks\.(\d+)\.(\w+)$/.exec(layer);
  if (block) return `Block ${block[1]}, ${halves[block[2]] ?? block[2]}`;
  return layer === '' ? 'Between the layers' : layer.replaceAll('.', ' ');
}

/**
 * A hash of plain data: 64 bits of what is in it, whatever the order of its keys. Two plans with one hash do the same.
 * It tells plans and programs apart; it does not protect from anybody.
 */

/** As text in which keys are sorted and maps are objects. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return sorted([...part]);
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
    return part !== null && typeof part === 'object' && !Array.isArray(part)
      ? sorted(Object.entries(part))
      : part;
  });
}

function sorted(entries: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Two words of 32 bits: FNV-1a, and a sum of products with another odd factor, each mixed at the end. */
function words(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b, 0x85ebca6b) + unit + (b >>> 15);
  }
  return [mixed(a ^ (b >>> 16)), mixed(b ^ (a << 13))];
}

/** Every bit of the result depends on every bit of the word (the finalizer of MurmurHash3). */
function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 16 hexadecimal digits. */
export function hashOf(value: unknown): string {
  return words(canonical(value))
    .map(word => word.toString(16).padStart(8, '0'))
    .join('');
}

/** 32 bits, for where there is no room for more. */
export function shortHash(value: unknown): number {
  return words(canonical(value))[0];
}

/**
 * Changes of JSON that a reader may stumble over: values of another type, keys removed or called as methods are, long
 * lists, deep nesting, numbers beyond a double. What no value in memory stands for (`__proto__` as a key, 1e999, ten
 * thousand brackets) goes into the text by a marker.
 */
import type { Random } from './random.ts';

type Holder = Record<string | number, unknown>;

const KEYS = ['__proto__', 'constructor', 'toString', 'length', 'type', '', '0', '$array', '$number'];
const NUMBERS = [
  '0',
  '-0',
  '-1',
  '0.5',
  '2147483647',
  '4294967295',
  '9007199254740993',
  '1e308',
  '1e999',
  '-1e999',
];
const STRINGS = ['', 'NaN', 'Infinity', '0', '-1', 'null', '__proto__', '\u0000', '\ud800', 'x'.repeat(5000)];

/** The text changed in 1 to 3 places. */
export function mutateJson(text: string, random: Random, others: readonly string[]): string {
  const raw: string[] = [];
  const marker = (json: string) => `@raw:${raw.push(json) - 1}@`;
  const root: { value: unknown } = { value: JSON.parse(text) };
  for (let left = 1 + random.below(3); left > 0; left--) change(root, random, others, marker);
  // Markers may lie in text that others hold, but no deeper than that.
  let out = JSON.stringify(root.value) ?? 'null';
  out = out.replace(/"@raw:(\d+)@"/g, (_, index) => raw[Number(index)]);
  return random.chance(0.05) ? out.slice(0, random.below(out.length)) : out;
}

function change(
  root: { value: unknown },
  random: Random,
  others: readonly string[],
  marker: (json: string) => string,
): void {
  const places = placesIn(root);
  const { holder, key } = random.pick(places);
  const value = holder[key];
  switch (random.below(9)) {
    case 0:
      if (holder !== (root as Holder)) delete holder[key];
      return;
    case 1: {
      // Under another name, which may mean something to the language.
      const name = random.pick(KEYS);
      const inner = typeof value === 'object' && value !== null ? (value as Holder) : holder;
      if (Array.isArray(inner)) inner.push(name);
      else if (inner !== (root as Holder))
        inner[marker(JSON.stringify(name))] = random.pick([structuredClone(value), null, 1]);
      return;
    }
    case 2:
      holder[key] = marker(random.pick(NUMBERS));
      return;
    case 3:
      holder[key] = random.pick(STRINGS);
      return;
    case 4: {
      const count = random.pick([100, 2000, 20_000]);
      const item = random.chance(0.5) ? JSON.stringify(value) : random.pick(['0', '""', '{}', '[]', '"a"']);
      // JSON in memory is twenty times its text, read more than once: longer lists would hide what grows faster.
      if (item.length * count < 2 ** 18) holder[key] = marker(`[${Array(count).fill(item).join()}]`);
      return;
    }
    case 5: {
      const depth = random.pick([10, 1000, 20_000]);
      const [open, close] = random.pick([
        ['[', ']'],
        ['{"a":', '}'],
      ]);
      holder[key] = marker(`${open.repeat(depth)}null${close.repeat(depth)}`);
      return;
    }
    case 6:
      holder[key] =
        typeof value === 'number' ? `${value}` : typeof value === 'string' ? value.length : [value];
      return;
    case 7: {
      const other = random.pick(placesIn({ value: JSON.parse(random.pick([...others, 'null'])) }));
      holder[key] = other.holder[other.key];
      return;
    }
    default:
      holder[key] = random.pick([null, true, false, {}, [], 'text', 3]);
  }
}

/** Every value within, by what holds it. */
function placesIn(root: { value: unknown }): { holder: Holder; key: string | number }[] {
  const places: { holder: Holder; key: string | number }[] = [];
  const visit = (holder: Holder, key: string | number) => {
    places.push({ holder, key });
    const value = holder[key];
    if (typeof value !== 'object' || value === null) return;
    for (const inner of Object.keys(value)) visit(value as Holder, inner);
  };
  visit(root as Holder, 'value');
  return places;
}

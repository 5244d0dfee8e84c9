/** How deep JSON that others wrote may be: what follows it recurses, and must not run out of stack. */

/** Levels of lists and objects. Seats, session descriptions and metadata have a few. */
export const DEEPEST = 64;

/** Whether `JSON.stringify`, and all else that recurses, can follow the value. */
export const isShallow = (value: unknown, levels = DEEPEST): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every(inner => isShallow(inner, levels - 1)));

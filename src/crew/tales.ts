/**
 * What a host tells a guest at more length than one message of their room may have: a text cut in parts, which arrive in
 * order. Of one that is cut off by another nothing is left.
 */

/** From the host. */
export interface TalePart {
  readonly type: 'tale';
  readonly part: number;
  /** Parts in all. */
  readonly of: number;
  readonly text: string;
  /** The number of the question that it answers; absent where nothing was asked. */
  readonly answers?: number;
}

/** Characters of a part: a message with it fits into what a room carries. */
export const longestPart = 40_000;
/** Of one text. */
export const mostParts = 64;

/**
 * @param answers the question, where there was one
 * @throws Error for a text that no guest would take
 */
export function partsOf(text: string, answers?: number): TalePart[] {
  const of = Math.max(1, Math.ceil(text.length / longestPart));
  if (of > mostParts) {
    const most = mostParts * longestPart;
    throw new Error(`A host tells at most ${most} characters at once; this has ${text.length}.`);
  }
  return Array.from({ length: of }, (_, part) => ({
    type: 'tale',
    part,
    of,
    text: text.slice(part * longestPart, (part + 1) * longestPart),
    ...(answers === undefined ? {} : { answers }),
  }));
}

/** Puts parts together again. @returns for every part: the whole text where it was the last one */
export function createListener(): (part: TalePart) => string | undefined {
  let heard: TalePart[] = [];
  return next => {
    const [first] = heard;
    const isOfIt = first === undefined || (first.of === next.of && first.answers === next.answers);
    const goesOn = next.part === heard.length && isOfIt;
    if (!goesOn) heard = [];
    if (next.part !== heard.length) return undefined;
    heard.push(next);
    if (heard.length < next.of) return undefined;
    const text = heard.map(part => part.text).join('');
    heard = [];
    return text;
  };
}

/** What the pages of a room say to each other, and the bounds on it. */
import type { JsonValue } from '@trystero-p2p/core';
import * as v from 'valibot';
import { DEEPEST, isShallow } from '../io/nesting.ts';

export type Json = JsonValue;

export type Role = 'host' | 'guest';

/** Characters of the JSON text of what a page tells about itself. */
export const longestAbout = 16 * 1024;
/** Characters of the JSON text of one message. A session description has a few thousand. */
export const longestMessage = 60 * 1024;
/** A host refuses further guests. */
export const mostGuests = 64;

const boundedJson = (longest: number) =>
  v.pipe(
    v.custom<Json>(
      value => value !== undefined && isShallow(value),
      `nothing, or lists in lists more than ${DEEPEST} deep`,
    ),
    v.check(value => JSON.stringify(value).length <= longest, `more than ${longest} characters`),
  );

const peerId = v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{20}$/));

const helloSchema = v.object({
  type: v.literal('hello'),
  role: v.picklist(['host', 'guest']),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  about: boundedJson(longestAbout),
  /** When the page joined, in ms since 1970 by its own clock. */
  startedAt: v.pipe(v.number(), v.finite()),
  /** Of a host: how many guests it has let in. */
  guests: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostGuests)),
  /** How often the room was taken over when this page last knew of a host, by this page where it is the host. */
  term: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9)), 0),
  /** Of a guest: whom it takes for its host. */
  host: v.optional(peerId),
});

/** The first message on a connection, and again when a page has something new to tell about itself. */
export type Hello = v.InferOutput<typeof helloSchema>;

const messageSchema = v.variant('type', [
  helloSchema,
  /** From the host to those it let in: who they are. Whoever finds itself there has been let in. */
  v.object({ type: v.literal('roster'), ids: v.pipe(v.array(peerId), v.maxLength(mostGuests)) }),
  v.object({ type: v.literal('refuse'), reason: v.pipe(v.string(), v.maxLength(500)) }),
  /** Nothing but a sign of life. */
  v.object({ type: v.literal('beat') }),
  /** The page closes, or leaves the room. */
  v.object({ type: v.literal('bye') }),
  v.object({ type: v.literal('data'), body: boundedJson(longestMessage) }),
]);

export type RoomMessage = v.InferOutput<typeof messageSchema>;

/** @throws Error for a value that is too long to travel */
export function checkSize(value: Json, longest: number, what: string): Json {
  const { length } = JSON.stringify(value);
  if (length <= longest) return value;
  throw new Error(`${what} has ${length} characters as JSON; a room carries at most ${longest}.`);
}

/** Of a long list all of whose items are wrong, the faults would take far more memory than the list. */
const firstOnly = { abortEarly: true };

/** The message, or what is wrong with it in words. */
export function readMessage(value: unknown): RoomMessage | string {
  const result = v.safeParse(messageSchema, value, firstOnly);
  if (result.success) return result.output;
  const [issue] = result.issues;
  return `${v.getDotPath(issue) ?? 'message'}: ${issue.message}`;
}

/**
 * Of two hosts, whether the first gives way to the second. A host with guests outranks one without, since clocks of two
 * machines differ and a run must not be disturbed; then one that took the room over outranks the one that it replaced;
 * then the earlier one goes before, then the smaller id.
 */
export function givesWay(mine: Hello, myId: string, theirs: Hello, theirId: string): boolean {
  if (mine.guests > 0 !== theirs.guests > 0) return theirs.guests > 0;
  if (mine.term !== theirs.term) return theirs.term > mine.term;
  if (mine.startedAt !== theirs.startedAt) return theirs.startedAt < mine.startedAt;
  return theirId < myId;
}

/** What a host sends packed, read by a guest: a stranger has written it, so all of it is checked before any of it is used. */
import * as v from 'valibot';
import { DataError } from '../../io/data-error.ts';
import type { Schema } from '../../io/schemas.ts';
import { fromBase64, gunzipped, unpack } from '../recording/packed.ts';

/** Unpacked: many times what a chapter of a run or an answer has. */
const mostBytes = 8e6;

/**
 * @param told as it travels: packed, in base 64
 * @param does what the host does with it, for a message about it
 * @throws DataError for what this page cannot show
 */
export async function readTold<T>(told: string, schema: Schema<T>, does: 'tells' | 'answers'): Promise<T> {
  let value: unknown;
  try {
    const bytes = await gunzipped(fromBase64(told), mostBytes);
    if (bytes.length > mostBytes) throw new DataError(`it unpacks to more than ${mostBytes} bytes`);
    value = unpack(bytes);
  } catch (cause) {
    throw new DataError(`The host ${does} what cannot be unpacked: ${(cause as Error).message}.`);
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new DataError(
    `The host ${does} what this page cannot show, at ${v.getDotPath(issue) ?? 'its beginning'} (${issue.message}). Are both pages of the same version?`,
  );
}

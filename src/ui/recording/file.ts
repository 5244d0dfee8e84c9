/**
 * A recording as a file: gzip of JSON. Arrays of numbers stand in it as base64; fields as `fields.ts` packs them, all others
 * as they are. What comes out of a file that somebody sent is checked before anything is drawn of it.
 */
import * as v from 'valibot';
import { DataError } from '../../io/data-error.ts';
import { bytes as byteText } from '../../show/format.ts';
import { gunzipped, pack, packedAnswer, packedEvent, unpack } from './packed.ts';
import { type Recording, recordingVersion } from './recording.ts';
import { recordingSchema } from './recording-schema.ts';

/** Beside the version in the file, so that a file of anything else is known for what it is. */
const mark = 'recording of Isobar';
/** Unpacked: a few hundred times what a recording has. */
const mostBytes = 200e6;

export function packRecording(recording: Recording): Promise<Uint8Array<ArrayBuffer>> {
  const answers = recording.answers.map(packedAnswer);
  const events = recording.events.map(({ at, event }) => ({ at, event: packedEvent(event) }));
  return pack({ isobar: mark, ...recording, events, answers });
}

/**
 * @param bytes of the file; a server may have unpacked it on its way
 * @throws DataError for what is no recording, or none that this page can play
 */
export async function unpackRecording(bytes: Uint8Array<ArrayBuffer>): Promise<Recording> {
  const value = parsed(bytes[0] === 0x1f && bytes[1] === 0x8b ? await unzipped(bytes) : bytes);
  const head = v.safeParse(v.looseObject({ isobar: v.literal(mark), version: v.number() }), value);
  if (!head.success) throw new DataError(`This file is no recording. ${howMade}`);
  const { version } = head.output;
  if (version !== recordingVersion) {
    const which = version > recordingVersion ? 'newer' : 'older';
    throw new DataError(
      `This recording is of version ${version}, and this page plays version ${recordingVersion}: open it with an Isobar that is ${which}.`,
    );
  }
  const { success, output, issues } = v.safeParse(recordingSchema, value, { abortEarly: true });
  if (success) return output;
  const [{ message, path }] = issues;
  const where = path?.map(({ key }) => String(key)).join('.');
  throw new DataError(
    `This recording is damaged${where ? ` at ${where}` : ''} (${message}). Ask for it again, or save it anew.`,
  );
}

const howMade = 'Recordings are saved on the page Details, and their names end in .isobar.gz.';

async function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  let whole: Uint8Array<ArrayBuffer>;
  try {
    whole = await gunzipped(bytes, mostBytes);
  } catch {
    throw new DataError(
      `This recording is cut off or damaged: ${byteText(bytes.length)} of it are here, and they do not unpack. Ask for it again.`,
    );
  }
  if (whole.length > mostBytes)
    throw new DataError(`This file unpacks to more than ${byteText(mostBytes)}, which no recording does.`);
  return whole;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch {
    throw new DataError(`This file is no recording. ${howMade}`);
  }
}

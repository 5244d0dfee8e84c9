/**
 * A recording as a file: gzip of JSON. Arrays of numbers stand in it as base64; fields as `fields.ts` packs them, all others
 * as they are. What comes out of a file that somebody sent is checked before anything is drawn of it.
 */
import * as v from 'valibot';
import { DataError } from '../../io/data-error.ts';
import { bytes as byteText } from '../../show/format.ts';
import { type PackedFields, packFields, unpackFields } from './fields.ts';
import { type KeptEvent, type Recording, recordingVersion } from './recording.ts';
import { recordingSchema } from './recording-schema.ts';

/** Beside the version in the file, so that a file of anything else is known for what it is. */
const mark = 'recording of Isobar';
/** Unpacked: a few hundred times what a recording has. */
const mostBytes = 200e6;

const arrays = { Float32Array, Float64Array, Uint8Array, Int32Array };
type Kind = keyof typeof arrays;

/** JSON has no numbers like these. */
const strange: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

export async function packRecording(recording: Recording): Promise<Uint8Array<ArrayBuffer>> {
  const answers = recording.answers.map(({ view, ...answer }) => {
    if (view.kind !== 'rollout') return { ...answer, view };
    const { start, truth, forecast, ...rest } = view;
    const size = start.length / view.channels.length;
    const [packedStart, packedTruth, packedForecast] = [start, truth, forecast].map(values =>
      packFields(values, size),
    );
    return { ...answer, view: { ...rest, start: packedStart, truth: packedTruth, forecast: packedForecast } };
  });
  const events = recording.events.map(({ at, event }) => ({ at, event: packedEvent(event) }));
  const text = JSON.stringify({ isobar: mark, ...recording, events, answers }, toJson);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param bytes of the file; a server may have unpacked it on its way
 * @throws DataError for what is no recording, or none that this page can play
 */
export async function unpackRecording(bytes: Uint8Array<ArrayBuffer>): Promise<Recording> {
  const value = parsed(bytes[0] === 0x1f && bytes[1] === 0x8b ? await gunzipped(bytes) : bytes);
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

async function gunzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      length += part.value.length;
      if (length > mostBytes) break;
    }
  } catch {
    throw new DataError(
      `This recording is cut off or damaged: ${byteText(bytes.length)} of it are here, and they do not unpack. Ask for it again.`,
    );
  }
  if (length > mostBytes) {
    await reader.cancel();
    throw new DataError(`This file unpacks to more than ${byteText(mostBytes)}, which no recording does.`);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), fromJson);
  } catch {
    throw new DataError(`This file is no recording. ${howMade}`);
  }
}

function packedEvent(event: KeptEvent): unknown {
  switch (event.type) {
    case 'progress': {
      const { field } = event;
      if (!field) return event;
      return { ...event, field: { ...field, values: packFields(field.values, field.values.length) } };
    }
    case 'trace':
      return { ...event, traces: event.traces.map(trace => ({ ...trace, spans: trace.spans.map(rounded) })) };
    default:
      return event;
  }
}

/** To a tenth of a microsecond, which no clock of a browser tells. */
const rounded = <S extends { readonly begun: number; readonly ended: number }>(span: S): S => ({
  ...span,
  begun: Math.round(1e4 * span.begun) / 1e4,
  ended: Math.round(1e4 * span.ended) / 1e4,
});

function toJson(_: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  for (const [kind, type] of Object.entries(arrays)) {
    if (!(value instanceof type)) continue;
    return {
      $array: kind,
      base64: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
    };
  }
  return value;
}

const packedArray = v.object({ $array: v.picklist(Object.keys(arrays) as Kind[]), base64: v.string() });
const packedNumber = v.object({ $number: v.picklist(Object.keys(strange)) });
const packedFields: v.GenericSchema<unknown, PackedFields> = v.pipe(
  v.object({
    size: v.pipe(v.number(), v.integer(), v.minValue(1)),
    low: v.array(v.number()),
    step: v.array(v.number()),
    codes: v.instance(Uint8Array),
  }),
  v.check(
    ({ size, low, step, codes }) => codes.length === 2 * size * low.length && step.length === low.length,
  ),
);

function fromJson(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$array' in value) {
    const { $array, base64 } = v.parse(packedArray, value);
    return new arrays[$array](fromBase64(base64).buffer);
  }
  if ('$number' in value) return strange[v.parse(packedNumber, value).$number];
  if ('codes' in value) return unpackFields(v.parse(packedFields, value));
  return value;
}

/** As many characters as a call may have arguments. */
const chunk = 0x2000;

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += chunk) {
    parts.push(String.fromCharCode(...bytes.subarray(from, from + chunk)));
  }
  return btoa(parts.join(''));
}

const fromBase64 = (text: string) => Uint8Array.from(atob(text), character => character.charCodeAt(0));

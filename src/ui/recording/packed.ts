/**
 * Plain values as bytes: gzip of JSON in which arrays of numbers stand as base64, and numbers that JSON does not have as
 * words. What is unpacked is whatever somebody has written: it is for a schema to say whether it is meant.
 */
import * as v from 'valibot';
import { type PackedFields, packFields, unpackFields } from './fields.ts';
import type { KeptAnswer, KeptEvent } from './recording.ts';

const arrays = { Float32Array, Float64Array, Uint8Array, Int32Array };
type Kind = keyof typeof arrays;

/** JSON has no numbers like these. */
const strange: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

export async function pack(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([JSON.stringify(value, toJson)])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @throws Error for what is no JSON, or has arrays that are none */
export const unpack = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes), fromJson);

/** Gzip undone, up to the first part past so many bytes. @throws Error for what is cut off or no gzip */
export async function gunzipped(
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > most) {
      await reader.cancel();
      break;
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** As it is packed: fields in few bytes. */
export function packedAnswer<Answer extends Pick<KeptAnswer, 'view'>>({ view, ...answer }: Answer): unknown {
  if (view.kind !== 'rollout') return { ...answer, view };
  const { start, truth, forecast, ...rest } = view;
  const size = start.length / view.channels.length;
  const [packedStart, packedTruth, packedForecast] = [start, truth, forecast].map(values =>
    packFields(values, size),
  );
  return { ...answer, view: { ...rest, start: packedStart, truth: packedTruth, forecast: packedForecast } };
}

/** As it is packed: fields in few bytes, times as fine as clocks are. */
export function packedEvent(event: KeptEvent): unknown {
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
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (!ArrayBuffer.isView(value)) return value;
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

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += chunk) {
    parts.push(String.fromCharCode(...bytes.subarray(from, from + chunk)));
  }
  return btoa(parts.join(''));
}

export const fromBase64 = (text: string) => Uint8Array.from(atob(text), character => character.charCodeAt(0));

/**
 * Codecs, checked. What one of them throws at the settings that metadata give it is put in words that tell which. Blosc
 * besides: the decoder that zarrita brings does not compare a chunk with the sizes in its header, and makes
 * numbers of whatever lies in memory behind a chunk that was cut short. (Damage within a chunk of the right length goes
 * unseen: the format has no checksum.)
 */
import { InvalidMetadataError, registry } from 'zarrita';

/** Bytes of a header: https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst */
const HEADER = 16;
const DECODED_SIZE = 4;
const ENCODED_SIZE = 12;
/** Bytes that a codec between may have added. */
const CHECKSUM = 8;

/** Has the settings of every codec, and every Blosc chunk, checked from now on. */
export function checkCodecs(): void {
  checkBlosc();
  castWithoutFill();
  for (const [name, load] of registry) {
    registry.set(name, async () => {
      const plain = await load();
      return {
        kind: plain.kind,
        fromConfig(config, meta) {
          try {
            return plain.fromConfig(config, meta);
          } catch (error) {
            throw new InvalidMetadataError(`the codec ${name} has settings that it does not take (${error})`);
          }
        },
      };
    });
  }
}

/**
 * FixedScaleOffset and other filters store floats as whole numbers. The fill value is told to the codecs behind, none of
 * which needs it; one that is no number, which cannot be cast, must not keep the array from being read.
 */
function castWithoutFill(): void {
  const load = registry.get('cast_value')!;
  registry.set('cast_value', async () => {
    const plain = await load();
    return {
      kind: plain.kind,
      fromConfig(config, meta) {
        const codec = plain.fromConfig(config, meta);
        const told = codec.getEncodedMeta?.bind(codec);
        if (told) codec.getEncodedMeta = given => told({ ...given, fillValue: null });
        return codec;
      },
    };
  });
}

function checkBlosc(): void {
  for (const name of ['blosc', 'numcodecs.blosc']) {
    const load = registry.get(name)!;
    registry.set(name, async () => {
      const plain = await load();
      return {
        kind: 'bytes_to_bytes',
        fromConfig(config, meta) {
          const codec = plain.fromConfig(config, meta);
          const most = bytesOf(meta) + CHECKSUM;
          return {
            kind: 'bytes_to_bytes',
            encode: data => codec.encode(data),
            async decode(data) {
              const expected = decodedSize(data);
              // Before so much is allocated.
              if (expected > most) throw new Error(`it holds ${expected} bytes, more than ${most}`);
              const decoded = await codec.decode(data);
              if (decoded.length !== expected) {
                throw new Error(`${decoded.length} bytes of ${expected} come out`);
              }
              return decoded;
            },
          };
        },
      };
    });
  }
}

/** Bytes of a chunk of numbers. */
function bytesOf({
  shape,
  dataType,
}: {
  readonly shape: readonly number[];
  readonly dataType: string;
}): number {
  const bits = /(\d+)$/.exec(dataType)?.[1];
  return shape.reduce((a, b) => a * b, 1) * (bits ? Number(bits) / 8 : 1);
}

/** @throws Error where the chunk is not as long as its header says */
function decodedSize(data: Uint8Array): number {
  if (data.length < HEADER) throw new Error(`there are ${data.length} bytes`);
  const view = new DataView(data.buffer, data.byteOffset);
  const encoded = view.getUint32(ENCODED_SIZE, true);
  if (encoded !== data.length) throw new Error(`there are ${data.length} bytes of ${encoded}`);
  return view.getUint32(DECODED_SIZE, true);
}

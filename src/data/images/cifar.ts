/**
 * CIFAR-10 and CIFAR-100 as binary files: records of one label or two, then 32 x 32 pixels of red, of green and of blue.
 * (https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version")
 */
import { DataError } from '../../io/data-error.ts';
import { count } from '../../io/number-text.ts';
import { baseName, type FileSet, readAll } from './file-set.ts';
import { type ImageSource, indices } from './image-source.ts';

const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

interface Format {
  readonly name: string;
  readonly classes: number;
  /** Bytes before the pixels; the last is the class. */
  readonly labelBytes: number;
  readonly train: RegExp;
  readonly test: RegExp;
  /** A line a class. */
  readonly names: RegExp;
  /** Where there is no such file. */
  readonly usualNames?: readonly string[];
  /** For people: the files of a set. */
  readonly files: string;
}

const formats: readonly Format[] = [
  {
    name: 'CIFAR-10',
    classes: 10,
    labelBytes: 1,
    train: /^data_batch_\d+\.bin$/,
    test: /^test_batch\.bin$/,
    names: /^batches\.meta\.txt$/,
    usualNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    files: 'data_batch_1.bin to data_batch_5.bin, test_batch.bin and batches.meta.txt',
  },
  {
    name: 'CIFAR-100',
    classes: 100,
    labelBytes: 2,
    train: /^train\.bin$/,
    test: /^test\.bin$/,
    names: /^fine_label_names\.txt$/,
    files: 'train.bin, test.bin and fine_label_names.txt',
  },
];

const formatOf = ({ paths }: FileSet) =>
  formats.find(({ train, test }) => paths.map(baseName).some(name => train.test(name) || test.test(name)));

/** Whether any of the files is one of a set. */
export const hasCifar = (set: FileSet): boolean => formatOf(set) !== undefined;

interface Batch {
  readonly name: string;
  /** [images, labels and pixels] */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of its first image. */
  readonly from: number;
  readonly to: number;
}

/** @throws DataError where a file is missing or damaged */
export async function openCifar(set: FileSet): Promise<ImageSource> {
  const format = formatOf(set);
  if (!format) throw new DataError(`${set.name} has no files of CIFAR-10 or CIFAR-100.`);
  const { labelBytes } = format;
  const record = labelBytes + PIXELS;
  const batches: Batch[] = [];
  const readPart = async (pattern: RegExp) => {
    for (const path of find(set, format, pattern)) {
      const bytes = await readAll(await set.open(path));
      const from = batches.at(-1)?.to ?? 0;
      const batch = { name: path, bytes, from, to: from + bytes.length / record };
      checkBatch(batch, format, record);
      batches.push(batch);
    }
    return batches.at(-1)!.to;
  };
  const trainCount = await readPart(format.train);
  const all = await readPart(format.test);
  const classes = await classNames(set, format);
  const labels = new Uint32Array(all);
  for (const { bytes, from, to } of batches) {
    for (let i = from; i < to; i++) labels[i] = bytes[(i - from) * record + labelBytes - 1];
  }
  return {
    name: format.name,
    synthetic: false,
    classes,
    channels: 3,
    height: SIDE,
    width: SIDE,
    labels,
    train: indices(0, trainCount),
    test: indices(trainCount, all),
    notes: [],
    async read(images, signal) {
      signal?.throwIfAborted();
      const pixels = new Uint8Array(images.length * PIXELS);
      for (let n = 0; n < images.length; n++) {
        const image = images[n];
        const { bytes, from } = batches.find(({ to }) => image < to)!;
        const at = (image - from) * record + labelBytes;
        pixels.set(bytes.subarray(at, at + PIXELS), n * PIXELS);
      }
      return pixels;
    },
  };
}

function find({ name, paths }: FileSet, format: Format, pattern: RegExp): readonly string[] {
  const found = paths.filter(path => pattern.test(baseName(path)));
  const alike = (path: string) => found.filter(other => baseName(other) === baseName(path));
  const twice = found.map(alike).find(paths => paths.length > 1);
  if (found.length > 0 && !twice) return found;
  const example = format.files.split(/, | to | and /).find(file => pattern.test(file));
  throw new DataError(
    twice
      ? `${name} has ${baseName(twice[0])} more than once: ${twice.join(', ')}. Choose the files of one set.`
      : `${name} has no ${example}. ${format.name} is ${format.files}: choose them all.`,
  );
}

function checkBatch({ name, bytes }: Batch, format: Format, record: number): void {
  const images = bytes.length / record;
  if (images < 1 || !Number.isInteger(images)) {
    throw new DataError(
      `${name} is truncated or no file of ${format.name}: it has ${count(bytes.length)} bytes, which is no multiple of the ${record} of an image. Copy or download it again.`,
    );
  }
  for (let i = 0; i < images; i++) {
    const label = bytes[i * record + format.labelBytes - 1];
    if (label < format.classes) continue;
    throw new DataError(
      `${name} is damaged or no file of ${format.name}: image ${count(i)} has label ${label}, and labels go from 0 to ${format.classes - 1}. Copy or download it again.`,
    );
  }
}

async function classNames(set: FileSet, format: Format): Promise<readonly string[]> {
  const path = set.paths.find(path => format.names.test(baseName(path)));
  if (path === undefined) {
    return format.usualNames ?? Array.from({ length: format.classes }, (_, i) => `class ${i}`);
  }
  const text = new TextDecoder().decode(await readAll(await set.open(path)));
  const names = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  if (names.length === format.classes) return names;
  throw new DataError(
    `${path} is damaged: it names ${names.length} classes, and ${format.name} has ${format.classes}. Copy or download it again, or leave it out.`,
  );
}

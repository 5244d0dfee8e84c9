/**
 * IDX files, as MNIST and those made in its shape are handed out: a magic number, the sizes, the bytes; two files of images
 * and two of labels, plain or packed by gzip. (http://yann.lecun.com/exdb/mnist, "the IDX file format")
 */
import { DataError } from '../../io/data-error.ts';
import { count, bytes as sizeText } from '../../io/number-text.ts';
import type { RangedFile } from '../netcdf/bytes.ts';
import { baseName, type FileSet } from './file-set.ts';
import { type ImageSource, indices } from './image-source.ts';
import { MOST_UNPACKED, unpackedFile } from './unpack.ts';

/** Bytes of an array: what a page can hold. */
const MOST = 2 ** 31;

const files = {
  trainImages: /(^|[^a-z])train-images[-.]idx3-ubyte(\.gz)?$/,
  trainLabels: /(^|[^a-z])train-labels[-.]idx1-ubyte(\.gz)?$/,
  testImages: /(^|[^a-z])(t10k|test)-images[-.]idx3-ubyte(\.gz)?$/,
  testLabels: /(^|[^a-z])(t10k|test)-labels[-.]idx1-ubyte(\.gz)?$/,
} as const;
type Part = keyof typeof files;

const usualNames: Readonly<Record<Part, string>> = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};
const parts = Object.keys(files) as Part[];

/** Sets that have the same names, sizes and counts are told apart by their first labels. */
const known: readonly {
  readonly name: string;
  readonly first: string;
  readonly classes: readonly string[];
}[] = [
  {
    name: 'Fashion-MNIST',
    first: '9,0,0,3,0,2,7,2,5,5',
    classes: [
      ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
      ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    ],
  },
  {
    name: 'MNIST',
    first: '5,0,4,1,9,2,1,3,1,4',
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  },
];

/** Whether any of the files is one of a set. */
export const hasIdx = ({ paths }: FileSet): boolean =>
  paths.some(path => parts.some(part => files[part].test(baseName(path))));

/** @throws DataError where a file is missing or damaged, or they do not belong together */
export async function openIdx(set: FileSet): Promise<ImageSource> {
  const opened = await Promise.all(parts.map(part => set.open(find(set, part))));
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(
    opened.map((file, i) => readIdx(file, parts[i].endsWith('Images') ? 3 : 1)),
  );
  checkCounts(trainImages, trainLabels);
  checkCounts(testImages, testLabels);
  const [trainCount, height, width] = trainImages.sizes;
  const [testCount, ...testSides] = testImages.sizes;
  if (testSides.join() !== `${height},${width}`) {
    throw new DataError(
      `${trainImages.name} has images of ${height} x ${width} pixels and ${testImages.name} of ${testSides.join(' x ')}: they do not belong together. Choose the four files of one set.`,
    );
  }
  const { name, classes, first } = classesOf(trainLabels, testLabels, set.name);
  const size = height * width;
  const labels = new Uint32Array(trainCount + testCount);
  labels.set(trainLabels.bytes);
  labels.set(testLabels.bytes, trainCount);
  return {
    name,
    synthetic: false,
    classes,
    channels: 1,
    height,
    width,
    labels: labels.map(label => label - first),
    train: indices(0, trainCount),
    test: indices(trainCount, trainCount + testCount),
    notes: [],
    async read(images, signal) {
      signal?.throwIfAborted();
      const pixels = new Uint8Array(images.length * size);
      for (let n = 0; n < images.length; n++) {
        const isTest = images[n] >= trainCount;
        const at = size * (isTest ? images[n] - trainCount : images[n]);
        pixels.set((isTest ? testImages : trainImages).bytes.subarray(at, at + size), n * size);
      }
      return pixels;
    },
  };
}

function find({ name, paths }: FileSet, part: Part): string {
  const found = paths.filter(path => files[part].test(baseName(path)));
  if (found.length === 1) return found[0];
  throw new DataError(
    found.length === 0
      ? `${name} has no ${usualNames[part]} (or .gz). A set is four files: ${Object.values(usualNames).join(', ')}.`
      : `${name} has ${found.length} files that could be ${usualNames[part]}: ${found.join(', ')}. Choose the four files of one set.`,
  );
}

interface IdxArray {
  /** Of the file. */
  readonly name: string;
  readonly sizes: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * An array of bytes with so many dimensions.
 *
 * @throws DataError where the file is another, cut off, or longer than it says
 */
export async function readIdx(file: RangedFile, dimensions: 1 | 3): Promise<IdxArray> {
  const { name } = file;
  const reader = await unpackedFile(file);
  try {
    const head = new Uint8Array(4 + 4 * dimensions);
    const got = await reader.fill(head);
    checkMagic(name, head.subarray(0, Math.min(4, got)), dimensions);
    const again = 'Copy or download it again.';
    if (got < head.length) {
      throw new DataError(
        `${name} is truncated: it has ${got} bytes of the ${head.length} of its header. ${again}`,
      );
    }
    const view = new DataView(head.buffer);
    const sizes = Array.from({ length: dimensions }, (_, d) => view.getUint32(4 + 4 * d));
    const size = sizes.reduce((product, n) => product * n, 1);
    const announced = `${sizes.map(count).join(' x ')} bytes`;
    if (size === 0) throw new DataError(`${name} is empty: it says that it has ${announced}.`);
    const most = reader.isPacked ? file.size * MOST_UNPACKED : file.size - head.length;
    const truncated = (there: string) =>
      new DataError(`${name} is truncated: it announces ${announced}, and has ${there}. ${again}`);
    if (size > most) throw truncated(reader.isPacked ? `no more than ${count(most)}` : count(most));
    if (size > MOST) {
      throw new DataError(
        `${name} has ${sizeText(size)} of values, more than a page can hold (${sizeText(MOST)}).`,
      );
    }
    const bytes = new Uint8Array(size);
    const read = await reader.fill(bytes);
    if (read < size) throw truncated(count(read));
    if ((await reader.fill(new Uint8Array(1))) > 0) {
      throw new DataError(`${name} is damaged: it announces ${announced}, and has more. ${again}`);
    }
    return { name, sizes, bytes };
  } finally {
    await reader.close();
  }
}

function checkMagic(name: string, magic: Uint8Array, dimensions: number): void {
  if (magic.length === 0) throw new DataError(`${name} is empty (0 bytes). Copy or download it again.`);
  if (magic.join() === `0,0,8,${dimensions}`) return;
  const hex = Array.from(magic, byte => byte.toString(16).padStart(2, '0')).join(' ');
  throw new DataError(
    `${name} is not an IDX file of ${dimensions === 3 ? 'images' : 'labels'}: it begins with the bytes ${hex}, not with 00 00 08 0${dimensions}. Download it again, and look whether the server sent a page in its place.`,
  );
}

function checkCounts(images: IdxArray, labels: IdxArray): void {
  if (images.sizes[0] === labels.sizes[0]) return;
  throw new DataError(
    `${images.name} has ${count(images.sizes[0])} images, and ${labels.name} ${count(labels.sizes[0])} labels: they do not belong together. Choose the four files of one set.`,
  );
}

interface Classes {
  readonly name: string;
  readonly classes: readonly string[];
  /** Label of the first class: some sets of letters begin with 1. */
  readonly first: number;
}

/** @throws DataError where a label is out of range, or there is one class only */
function classesOf(train: IdxArray, test: IdxArray, name: string): Classes {
  const found = known.find(
    ({ first }) => train.bytes.length === 60_000 && train.bytes.subarray(0, 10).join() === first,
  );
  const seen = new Set(train.bytes);
  const [lowest, highest] = [Math.min(...seen), Math.max(...seen)];
  const first = found || lowest > 1 ? 0 : lowest;
  const last = found ? found.classes.length - 1 : highest;
  for (const { name: file, bytes } of [train, test]) {
    const wrong = bytes.findIndex(label => label < first || label > last);
    if (wrong < 0) continue;
    throw new DataError(
      `${file} is damaged: image ${count(wrong)} has label ${bytes[wrong]}; ${found ? found.name : train.name} has labels ${first} to ${last}. Copy or download it again.`,
    );
  }
  if (lowest === highest) {
    throw new DataError(
      `${train.name} has one class only: all its labels are ${lowest}. There is nothing to tell apart; choose another set.`,
    );
  }
  for (let label = first; label <= last; label++) {
    if (seen.has(label)) continue;
    throw new DataError(
      `${train.name} has labels up to ${last}, but no image of label ${label}: labels are counted from 0 (or 1) without gaps, so some are out of range.`,
    );
  }
  const classes = found?.classes ?? Array.from({ length: last - first + 1 }, (_, i) => `class ${first + i}`);
  return { name: found?.name ?? name, classes, first };
}

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { channelMoments } from '../../../../src/data/images/moments.ts';
import { openImages } from '../../../../src/data/images/open-images.ts';
import { DataError } from '../../../../src/io/data-error.ts';
import { serveFiles } from '../serve-files.ts';
import {
  type Files,
  gzipped,
  idxFile,
  idxSet,
  placeOf,
  range,
  text,
  under,
  zipFile,
} from './write-images.ts';

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const pixelsOfSet = [...range(36, i => 3 * i), ...range(18, i => 200 + i)];

const renamed = (files: Files, name: (path: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [name(path), bytes]));
const packed = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${path}.gz`, gzipped(bytes)]));

test.each<[string, Files]>([
  ['plain', idxSet],
  ['packed', packed(idxSet)],
  ['unpacked on the way, and still called .gz', renamed(idxSet, path => `${path}.gz`)],
  ['with dots in their names', renamed(idxSet, path => path.replace('-idx', '.idx'))],
  ['named as EMNIST', renamed(idxSet, path => `emnist-digits-${path.replace('t10k', 'test')}`)],
  ['in a folder', under('MNIST/raw', idxSet)],
  ['in a zip', { 'mnist.zip': zipFile(under('mnist', packed(idxSet))) }],
])('reads every byte: %s', async (_, files) => {
  const source = await openImages(placeOf(files));
  expect(source).toMatchObject({ synthetic: false, channels: 1, height: 2, width: 3, notes: [] });
  expect(source.classes).toEqual(['class 0', 'class 1', 'class 2']);
  expect([...source.labels]).toEqual([0, 1, 2, 2, 1, 0, 2, 0, 1]);
  expect([...source.train]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...source.test]).toEqual([6, 7, 8]);
  expect([...(await source.read(all))]).toEqual(pixelsOfSet);
  expect([...(await source.read([7, 0]))]).toEqual([
    ...pixelsOfSet.slice(42, 48),
    ...pixelsOfSet.slice(0, 6),
  ]);
});

test('reads files behind an address', async () => {
  const files = packed(idxSet);
  const server = await serveFiles(new Map(Object.entries(under('my data', files))));
  const place = { kind: 'url', url: `${server.url}my%20data`, paths: Object.keys(files) } as const;
  const source = await openImages(place).finally(server.close);
  expect(source.name).toBe('my data');
  expect([...(await source.read(all))]).toEqual(pixelsOfSet);
});

test('letters are counted from 1', async () => {
  const source = await openImages(
    placeOf({
      ...idxSet,
      'train-labels-idx1-ubyte': idxFile([6], [1, 2, 3, 3, 2, 1]),
      't10k-labels-idx1-ubyte': idxFile([3], [3, 1, 2]),
    }),
  );
  expect(source.classes).toEqual(['class 1', 'class 2', 'class 3']);
  expect([...source.labels]).toEqual([0, 1, 2, 2, 1, 0, 2, 0, 1]);
});

const { 'train-images-idx3-ubyte': trainImages, 't10k-labels-idx1-ubyte': testLabels } = idxSet;

test.each<[string, Files, string]>([
  [
    'truncated',
    { 'train-images-idx3-ubyte': trainImages.slice(0, -7) },
    'train-images-idx3-ubyte is truncated: it announces 6 x 2 x 3 bytes, and has 29. Copy or download it again.',
  ],
  [
    'truncated within the header',
    { 'train-images-idx3-ubyte': trainImages.slice(0, 10) },
    'train-images-idx3-ubyte is truncated: it has 10 bytes of the 16 of its header. Copy or download it again.',
  ],
  [
    'packed, and truncated before',
    { 'train-images-idx3-ubyte': gzipped(trainImages.slice(0, -7)) },
    'train-images-idx3-ubyte is truncated: it announces 6 x 2 x 3 bytes, and has 29. Copy or download it again.',
  ],
  [
    'empty',
    { 't10k-labels-idx1-ubyte': new Uint8Array() },
    't10k-labels-idx1-ubyte is empty (0 bytes). Copy or download it again.',
  ],
  [
    'of no images',
    { 't10k-labels-idx1-ubyte': idxFile([0], []) },
    't10k-labels-idx1-ubyte is empty: it says that it has 0 bytes.',
  ],
  [
    'longer than it says',
    { 't10k-labels-idx1-ubyte': idxFile([3], [2, 0, 1, 1]) },
    't10k-labels-idx1-ubyte is damaged: it announces 3 bytes, and has more. Copy or download it again.',
  ],
  [
    'of another kind',
    { 'train-images-idx3-ubyte': testLabels },
    'train-images-idx3-ubyte is not an IDX file of images: it begins with the bytes 00 00 08 01, not with 00 00 08 03.',
  ],
  [
    'a page',
    { 't10k-labels-idx1-ubyte': text('<html>Please log in</html>') },
    't10k-labels-idx1-ubyte is not an IDX file of labels: it begins with the bytes 3c 68 74 6d, not with 00 00 08 01. Download it again, and look whether the server sent a page in its place.',
  ],
  [
    'more than it can be',
    { 'train-images-idx3-ubyte': gzipped(idxFile([2 ** 31, 2 ** 31, 2 ** 31], [1])) },
    'train-images-idx3-ubyte is truncated: it announces 2 147 483 648 x 2 147 483 648 x 2 147 483 648 bytes, and has no more than',
  ],
  [
    'labels of other images',
    { 'train-labels-idx1-ubyte': idxFile([5], [0, 1, 2, 2, 1]) },
    'train-images-idx3-ubyte has 6 images, and train-labels-idx1-ubyte 5 labels: they do not belong together.',
  ],
  [
    'images of other sizes',
    { 't10k-images-idx3-ubyte': idxFile([3, 3, 2], range(18)) },
    'train-images-idx3-ubyte has images of 2 x 3 pixels and t10k-images-idx3-ubyte of 3 x 2: they do not belong together.',
  ],
  [
    'a label that is not trained on',
    { 't10k-labels-idx1-ubyte': idxFile([3], [2, 7, 1]) },
    't10k-labels-idx1-ubyte is damaged: image 1 has label 7; train-labels-idx1-ubyte has labels 0 to 2. Copy or download it again.',
  ],
  [
    'a label far from the others',
    { 'train-labels-idx1-ubyte': idxFile([6], [0, 1, 2, 2, 1, 200]) },
    'train-labels-idx1-ubyte has labels up to 200, but no image of label 3: labels are counted from 0 (or 1) without gaps, so some are out of range.',
  ],
  [
    'one class only',
    {
      'train-labels-idx1-ubyte': idxFile([6], [0, 0, 0, 0, 0, 0]),
      't10k-labels-idx1-ubyte': idxFile([3], [0, 0, 0]),
    },
    'train-labels-idx1-ubyte has one class only: all its labels are 0.',
  ],
  [
    'two of the same',
    { 'train-images-idx3-ubyte.gz': gzipped(trainImages) },
    'my images has 2 files that could be train-images-idx3-ubyte: train-images-idx3-ubyte, train-images-idx3-ubyte.gz. Choose the four files of one set.',
  ],
])('refuses what is %s', async (_, changes, message) => {
  const reading = openImages(placeOf({ ...idxSet, ...changes }));
  await expect(reading).rejects.toThrow(DataError);
  // Counts have narrow spaces.
  await reading.catch(error => expect(error.message.replaceAll('\u202f', ' ')).toContain(message));
});

test('refuses a packed file that is cut off', async () => {
  const images = gzipped(
    idxFile(
      [6, 20, 30],
      range(3600, i => (i * i) >> 3),
    ),
  );
  const files = { ...idxSet, 'train-images-idx3-ubyte': images.slice(0, -900) };
  await expect(openImages(placeOf(files))).rejects.toThrow(
    /^train-images-idx3-ubyte is damaged or cut off: it cannot be unpacked \(.+\)\. Copy or download it again\.$/,
  );
});

test('refuses a set of which a file is missing', async () => {
  const { 't10k-labels-idx1-ubyte': _, ...files } = idxSet;
  await expect(openImages(placeOf(files))).rejects.toThrow(
    'my images has no t10k-labels-idx1-ubyte (or .gz). A set is four files: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte.',
  );
});

/** Debian's dataset-fashion-mnist. */
const INSTALLED = '/usr/share/datasets/fashion-mnist/';

test('reads the files of Fashion-MNIST, whose numbers are published', async () => {
  const files = Object.fromEntries(
    Object.keys(idxSet).map(name => [`${name}.gz`, Uint8Array.from(readFileSync(`${INSTALLED}${name}.gz`))]),
  );
  const source = await openImages(placeOf(files));
  expect(source).toMatchObject({ name: 'Fashion-MNIST', channels: 1, height: 28, width: 28, notes: [] });
  expect(source.classes).toEqual([
    ...['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'],
    ...['Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  ]);
  expect([source.train.length, source.test.length]).toEqual([60_000, 10_000]);
  for (const [part, each] of [
    [source.train, 6000],
    [source.test, 1000],
  ] as const) {
    const counts = new Array<number>(10).fill(0);
    for (const image of part) counts[source.labels[image]]++;
    expect(counts).toEqual(new Array(10).fill(each));
  }
  const { mean, deviation } = await channelMoments(source);
  expect(mean[0]).toBeCloseTo(0.286, 4);
  expect(deviation[0]).toBeCloseTo(0.353, 4);

  const damaged = Uint8Array.from(source.labels.subarray(0, 60_000));
  damaged[1234] = 11;
  const labels = { 'train-labels-idx1-ubyte.gz': gzipped(idxFile([60_000], damaged)) };
  await expect(openImages(placeOf({ ...files, ...labels }))).rejects.toThrow(
    'has label 11; Fashion-MNIST has labels 0 to 9.',
  );
});

test('stops where it is told to', async () => {
  const source = await openImages(placeOf(idxSet));
  await expect(source.read([0], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { FileSet } from '../../../../src/data/images/file-set.ts';
import { type FolderOptions, openFolders } from '../../../../src/data/images/folders.ts';
import type { ImageSource } from '../../../../src/data/images/image-source.ts';
import { openImages } from '../../../../src/data/images/open-images.ts';
import { DataError } from '../../../../src/io/data-error.ts';
import { pngDecoder } from './decode-png.ts';
import { type Files, placeOf, pngFile, text, under, type ZipOptions, zipFile } from './write-images.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const open = (files: Files, options: FolderOptions = {}) =>
  openImages(placeOf(files), { height: 2, width: 2, decode: pngDecoder(2, 2), ...options });

/** Images of one colour, whose red is 10 times the class and whose green counts them. */
const classOf = (red: number, count: number): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${i}.png`, pngFile(3 + i, 5, [10 * red, i, 7])]),
  );
const animals: Files = { ...under('cat', classOf(1, 5)), ...under('dog', classOf(2, 10)) };
const split: Files = { ...under('train', animals), ...under('val/dog', classOf(2, 3)) };

/** Red and green of every image. */
async function colours(source: ImageSource, images: ArrayLike<number>): Promise<number[][]> {
  const pixels = await source.read(images);
  return Array.from(images, (_, n) => [pixels[n * 12], pixels[n * 12 + 4]]);
}

const all = (source: ImageSource) => Array.from(source.labels.keys());

describe('where images lie says what they show', () => {
  test('class folders, of which a fifth is to test on', async () => {
    const source = await open(animals);
    expect(source).toMatchObject({ name: 'my images', synthetic: false, channels: 3, height: 2, width: 2 });
    expect(source.classes).toEqual(['cat', 'dog']);
    expect(source.notes).toEqual([]);
    expect(await colours(source, all(source))).toEqual([
      ...Array.from({ length: 5 }, (_, i) => [10, i]),
      ...Array.from({ length: 10 }, (_, i) => [20, i]),
    ]);
    expect([...source.labels]).toEqual([...new Array(5).fill(0), ...new Array(10).fill(1)]);
    expect([...source.test].map(image => source.labels[image])).toEqual([0, 1, 1]);
    expect([...source.train, ...source.test].sort((a, b) => a - b)).toEqual(all(source));
  });

  test('the same split for the same seed, another for another', async () => {
    const tested = async (seed: number) => (await open(animals, { seed })).test.join();
    expect(await tested(1)).toBe(await tested(1));
    const seeds = await Promise.all([1, 2, 3, 4].map(tested));
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  test.each<[string, Files]>([
    ['train and val', split],
    ['within another folder', under('archive/v2', split)],
    ['in a zip', { 'animals.zip': zipFile(split) }],
    ['beside a test part without labels', { ...split, ...under('test', classOf(0, 0)) }],
  ])('parts by folders: %s', async (_, files) => {
    const source = await open(files);
    expect(source.classes).toEqual(['cat', 'dog']);
    expect([source.train.length, source.test.length]).toEqual([15, 3]);
    expect(await colours(source, source.test)).toEqual([
      [20, 0],
      [20, 1],
      [20, 2],
    ]);
    expect([...source.test].map(image => source.labels[image])).toEqual([1, 1, 1]);
  });

  test('folders below a class belong to it', async () => {
    const source = await open({ ...under('a/images', classOf(1, 2)), ...under('b/images', classOf(2, 2)) });
    expect(source.classes).toEqual(['a', 'b']);
    expect([...source.labels]).toEqual([0, 0, 1, 1]);
  });

  test('what is no image, or in no class that is trained on, is left out, counted and named', async () => {
    const source = await open({
      ...split,
      'val/bird/1.png': pngFile(1, 1, [0, 0, 0]),
      'cover.png': pngFile(1, 1, [0, 0, 0]),
      'labels.csv': text('1,2'),
      '.DS_Store': text('?'),
      'train/cat/.hidden.png': text('?'),
    });
    expect([source.train.length, source.test.length]).toEqual([15, 3]);
    expect(source.notes).toEqual([
      'Left out: 1 file without the name of an image (labels.csv).',
      'Left out: 2 images in no folder of a class that is trained on (cover.png, val/bird/1.png).',
    ]);
  });

  test.each<[string, Files, string]>([
    [
      'no images',
      { 'a/readme.txt': text('?') },
      'my images has no images: of its 1 file (a/readme.txt) none ends in .png, .jpg, .webp, .gif or .bmp. Choose a folder that has a folder for every class (class/name.png), or train/class/name.png and test/class/name.png.',
    ],
    [
      'no classes',
      classOf(1, 8),
      'my images has no folders of classes: its 8 images (0.png, 1.png, 2.png, 3.png, 4.png and 3 more) lie side by side, so nothing says what they show. Choose a folder',
    ],
    [
      'one class only',
      under('animals/cat', classOf(1, 3)),
      'my images has one class only, cat: there is nothing to tell apart. Choose a folder',
    ],
    ['no files', {}, 'my images has no files. Choose the folder, the zip or the files of the images.'],
    [
      'no image to test on',
      { ...under('a', classOf(1, 1)), ...under('b', classOf(2, 1)) },
      'my images has no image to test on: 2 images in 2 classes. Put more than one into a class.',
    ],
    [
      'archives only',
      { 'a.zip': text('?'), 'b.zip': text('?') },
      'my images is 2 archives (a.zip, b.zip): choose one of them, or unpack them and choose the folder.',
    ],
  ])('refuses what has %s', async (_, files, message) => {
    const reading = open(files);
    await expect(reading).rejects.toThrow(DataError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('a damaged image among good ones', () => {
  const good = pngFile(4, 4, [1, 2, 3]);
  const huge = good.slice();
  new DataView(huge.buffer).setUint32(16, 30_000);
  new DataView(huge.buffer).setUint32(20, 30_000);
  const flat = good.slice();
  new DataView(flat.buffer).setUint32(16, 0);

  test.each<[string, Uint8Array<ArrayBuffer>, string]>([
    ['empty', new Uint8Array(), 'is empty'],
    ['text', text('<html>not found</html>'), 'is no PNG, JPEG, WebP, GIF or BMP image'],
    ['cut off', good.slice(0, -20), 'is cut off'],
    ['of no pixels', flat, 'has no pixels'],
    ['a bomb of pixels', huge, 'has 30 000 x 30 000 pixels, more than the 67 108 864 that are decoded'],
  ])('is left out, counted and named: %s', async (_, bytes, fault) => {
    const source = await open({ ...animals, 'cat/00.png': bytes });
    expect(source.labels.length).toBe(15);
    const notes = source.notes.map(note => note.replaceAll('\u202f', ' '));
    expect(notes).toEqual([`Left out: 1 damaged image (cat/00.png ${fault}).`]);
    expect((await colours(source, all(source)))[0]).toEqual([10, 0]);
  });

  /** What only the decoder sees. */
  const spoilt = (() => {
    const bytes = good.slice();
    bytes[45] ^= 0xff;
    return bytes;
  })();

  test('gives way to the next of its class and part where only the decoder sees it', async () => {
    const files = {
      ...split,
      'train/cat/1.png': spoilt,
      'train/cat/2.png': spoilt,
      'train/cat/4.png': spoilt,
    };
    const source = await open(files);
    expect(source.notes).toEqual([]);
    expect((await colours(source, [1])).flat()).toEqual([10, 3]);
    expect(source.notes).toEqual([
      'Left out: 2 damaged images (train/cat/1.png cannot be decoded, train/cat/2.png cannot be decoded).',
    ]);
    // From the last on to the first; and the same whichever was read before.
    const other = await open(files);
    const order = [4, 3, 2, 1, 0];
    expect(await colours(other, order)).toEqual(await colours(source, order));
    expect((await colours(other, order)).map(([, green]) => green)).toEqual([0, 3, 3, 3, 0]);
  });

  test('is named in a zip too, whatever is wrong there', async () => {
    const options: ZipOptions = { changes: { 'cat/3.png': { size: 10 }, 'dog/0.png': { offset: 5 } } };
    const source = await open({ 'animals.zip': zipFile(animals, options) });
    expect(source.labels.length).toBe(13);
    expect(source.notes).toEqual([
      'Left out: 2 damaged images (cat/3.png yields more than the 10 bytes announced, dog/0.png does not begin at byte 5, where the list says so).',
    ]);
  });

  test('names some of many', async () => {
    const source = await open({
      ...animals,
      ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`dog/x${100 + i}.png`, text('?')])),
    });
    expect(source.notes[0]).toMatch(
      /^Left out: 40 damaged images \(dog\/x100\.png is no PNG.* and 35 more\)\.$/,
    );
  });

  test('ends with a message where a class has no other', async () => {
    const message =
      'No image of the class cat in my images can be read: cat/0.png is empty. Replace them, or take the class out.';
    await expect(open({ 'cat/0.png': new Uint8Array(), ...under('dog', classOf(2, 4)) })).rejects.toThrow(
      message,
    );
    const source = await open({
      ...under('cat', { '0.png': spoilt, '1.png': spoilt }),
      ...under('dog', classOf(2, 4)),
    });
    await expect(source.read(source.train)).rejects.toThrow(
      /^No image of the class cat in my images can be read: /,
    );
  });
});

test('stops where it is told to, while it opens and while it reads', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(open(animals, { signal })).rejects.toThrow('enough');
  const source = await open(animals);
  await expect(source.read([0], signal)).rejects.toThrow('enough');
});

test('tells how far it is', async () => {
  const told: [string, number][] = [];
  await open(animals, { progress: (stage, fraction) => told.push([stage, fraction]) });
  expect(told.length).toBe(15);
  expect(told.at(-1)).toEqual(['Looking at 15 images', 1]);
});

test('a folder of 100 000 images never lies in memory', async () => {
  const image = pngFile(8, 8, [9, 9, 9]);
  const inUse = { now: 0, most: 0, reads: 0 };
  const set: FileSet = {
    name: 'many',
    paths: Array.from({ length: 100_000 }, (_, i) => `${i % 10}/${i}.png`),
    async open(path) {
      return {
        name: path,
        size: image.length,
        async read({ from, to }) {
          inUse.reads++;
          inUse.now++;
          inUse.most = Math.max(inUse.most, inUse.now);
          await undefined;
          inUse.now--;
          return image.slice(from, to);
        },
      };
    },
  };
  const source = await openFolders(set, { height: 64, width: 64, decode: pngDecoder(64, 64) });
  expect(source.labels.length).toBe(100_000);
  // Of the files and of what was decoded nothing is kept: a piece is 3 MB, all of them would be 61.
  const buffers = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  let piece = await source.read(source.train.subarray(0, 256));
  const before = buffers();
  let most = 0;
  for (let from = 256; from < 5376; from += 256) {
    piece = await source.read(source.train.subarray(from, from + 256));
    most = Math.max(most, buffers() - before);
  }
  expect(piece.every(value => value === 9)).toBe(true);
  expect(most).toBeLessThan(20 * 2 ** 20);
  expect(inUse.most).toBeLessThan(10);
});

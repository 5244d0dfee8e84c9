/** Sets of images: IDX, plain and packed, CIFAR with its tar, zips and folders of classes, up to the pixels of all images. */
import { type FolderOptions, openFolders } from '../../../src/data/images/folders.ts';
import type { ImageSource } from '../../../src/data/images/image-source.ts';
import { openFiles } from '../../../src/data/images/open-files.ts';
import { openImages } from '../../../src/data/images/open-images.ts';
import { DataError } from '../../../src/io/data-error.ts';
import {
  cifar10Set,
  cifar100Set,
  type Files,
  gzipped,
  idxSet,
  joined,
  placeOf,
  pngFile,
  range,
  tarFile,
  text,
  under,
  zipFile,
} from '../../node/data/images/write-images.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import type { Input, Target } from '../target.ts';

const inputsOf = (sets: readonly Files[]): readonly Input[] =>
  sets.map(files => new Map(Object.entries(files)));

const placeFor = (input: Input) => placeOf(Object.fromEntries(input));

/** One file of an input is changed, now and then two; or a file is lost. */
const mutateFiles =
  (littleEndian: boolean, words: readonly string[] = []): Target['mutate'] =>
  (input, random, corpus) => {
    const files = new Map(input);
    for (let left = random.chance(0.8) ? 1 : 2; left > 0; left--) {
      const path = random.pick([...files.keys()]);
      const others = [...random.pick(corpus).values()];
      if (files.size > 1 && random.chance(0.03)) files.delete(path);
      else files.set(path, mutateBytes(files.get(path)!, random, { others, head: 40, words, littleEndian }));
    }
    return files;
  };

async function readEvery(source: ImageSource): Promise<void> {
  await source.read(source.labels.map((_, image) => image));
}

const allows = (error: unknown) => error instanceof DataError;

export const idxTarget: Target = {
  name: 'idx',
  about: 'the four files of sets such as MNIST, plain and packed',
  allows,
  corpus: async () =>
    inputsOf([
      idxSet,
      Object.fromEntries(Object.entries(idxSet).map(([path, bytes]) => [`${path}.gz`, gzipped(bytes)])),
    ]),
  mutate: mutateFiles(false),
  run: async input => readEvery(await openImages(placeFor(input))),
};

export const cifarTarget: Target = {
  name: 'cifar',
  about: 'the files of CIFAR-10 and CIFAR-100, and the tar that they come in',
  allows,
  corpus: async () =>
    inputsOf([
      cifar10Set,
      cifar100Set,
      { 'cifar.tar': tarFile(under('cifar-10', cifar10Set)) },
      { 'cifar.tar.gz': gzipped(tarFile(cifar100Set)) },
    ]),
  mutate: mutateFiles(false, ['777777777777', 'ustar', '.bin']),
  run: async input => readEvery(await openImages(placeFor(input))),
};

const jpegHead = (height: number, width: number) =>
  joined(
    [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 8, 8],
    [height >> 8, height & 255, width >> 8, width & 255, 0xff, 0xd9],
  );
const webpHead = joined(text('RIFF'), [30, 0, 0, 0], text('WEBPVP8X'), new Uint8Array(18));
const others: Files = {
  'a/1.png': pngFile(3, 4, [1, 2, 3]),
  'a/2.jpg': jpegHead(20, 30),
  'a/3.webp': webpHead,
  'b/1.gif': joined(text('GIF89a'), [4, 0, 4, 0], new Uint8Array(20)),
  'b/2.bmp': joined(text('BM'), new Uint8Array(12), [40, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]),
  'b/3.png': pngFile(2, 2, [9, 9, 9]),
};
const flat = { ...under('b', { 'c.png': range(3000, i => i >> 6) }), 'a/1.png': pngFile(3, 4, [1, 2, 3]) };

/** Any image becomes one pixel: the decoders are the browser's. */
const options: FolderOptions = { height: 1, width: 1, decode: async () => new Uint8Array(3) };

export const imageFolderTarget: Target = {
  name: 'image-folders',
  about: 'images of all formats in folders of classes, as far as a decoder, and zips of them',
  allows,
  corpus: async () =>
    inputsOf([
      others,
      { 'images.zip': zipFile(others) },
      { 'images.zip': zipFile(flat, { wide: true, comment: 'a comment' }) },
      { 'images.zip': zipFile(others, { stored: true }) },
    ]),
  mutate: mutateFiles(true, [
    'PK\x03\x04',
    'PK\x01\x02',
    'PK\x05\x06',
    '\xff\xd8\xff',
    'RIFF',
    '../',
    'a/1.png',
  ]),
  run: async input => readEvery(await openFolders(await openFiles(placeFor(input)), options)),
};

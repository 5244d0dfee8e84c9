import { expect, test } from 'vitest';
import { openImages } from '../../../../src/data/images/open-images.ts';
import { DataError } from '../../../../src/io/data-error.ts';
import {
  type Bytes,
  cifar10Set,
  cifar100Set,
  cifarBatch,
  cifarRecord,
  type Files,
  gzipped,
  joined,
  placeOf,
  tarFile,
  text,
  under,
  zipFile,
} from './write-images.ts';

const pixelsFrom = (...firsts: readonly number[]) => joined(...firsts.map(first => cifarRecord([], first)));

test.each<[string, Files]>([
  ['files', cifar10Set],
  ['in a folder', under('cifar-10-batches-bin', cifar10Set)],
  ['in a zip', { 'cifar.zip': zipFile(cifar10Set) }],
  [
    'as they are downloaded',
    { 'cifar-10-binary.tar.gz': gzipped(tarFile(under('cifar-10-batches-bin', cifar10Set))) },
  ],
  ['in a tar', { 'cifar.tar': tarFile(cifar10Set) }],
])('reads every byte of CIFAR-10: %s', async (_, files) => {
  const source = await openImages(placeOf(files));
  expect(source).toMatchObject({ name: 'CIFAR-10', synthetic: false, channels: 3, height: 32, width: 32 });
  expect(source.classes).toEqual([...'abcdefghij']);
  expect([...source.labels]).toEqual([3, 9, 0, 1, 5]);
  expect([...source.train]).toEqual([0, 1, 2, 3]);
  expect([...source.test]).toEqual([4]);
  expect(await source.read([4, 0, 3, 2, 1])).toEqual(pixelsFrom(90, 0, 41, 40, 1));
});

test('knows the classes of CIFAR-10 by itself', async () => {
  const { 'batches.meta.txt': _, ...files } = cifar10Set;
  const { classes } = await openImages(placeOf(files));
  expect([classes.length, classes[0], classes[9]]).toEqual([10, 'airplane', 'truck']);
});

test('reads CIFAR-100, whose second label is the class', async () => {
  const names = text(Array.from({ length: 100 }, (_, i) => `name ${i}\n`).join(''));
  const source = await openImages(placeOf({ ...cifar100Set, 'fine_label_names.txt': names }));
  expect(source).toMatchObject({ name: 'CIFAR-100', channels: 3, height: 32, width: 32 });
  expect([source.classes.length, source.classes[42]]).toEqual([100, 'name 42']);
  expect([...source.labels]).toEqual([99, 0, 42]);
  expect(await source.read([2, 1])).toEqual(pixelsFrom(50, 1));
  expect((await openImages(placeOf(cifar100Set))).classes[42]).toBe('class 42');
});

const { 'data_batch_1.bin': batch, 'test_batch.bin': testBatch, ...rest } = cifar10Set;
const archive = tarFile(cifar10Set);

test.each<[string, Files, string]>([
  [
    'truncated',
    { ...cifar10Set, 'data_batch_1.bin': batch.slice(0, -1) },
    'data_batch_1.bin is truncated or no file of CIFAR-10: it has 6 145 bytes, which is no multiple of the 3073 of an image. Copy or download it again.',
  ],
  [
    'empty',
    { ...cifar10Set, 'test_batch.bin': new Uint8Array() },
    'test_batch.bin is truncated or no file of CIFAR-10: it has 0 bytes',
  ],
  [
    'of labels out of range',
    { ...cifar10Set, 'data_batch_2.bin': cifarBatch([[9], [10]]) },
    'data_batch_2.bin is damaged or no file of CIFAR-10: image 1 has label 10, and labels go from 0 to 9. Copy or download it again.',
  ],
  [
    'of labels out of a hundred',
    { ...cifar100Set, 'test.bin': cifarBatch([[7, 100]]) },
    'test.bin is damaged or no file of CIFAR-100: image 0 has label 100, and labels go from 0 to 99.',
  ],
  [
    'without its test part',
    { ...rest, 'data_batch_1.bin': batch },
    'my images has no test_batch.bin. CIFAR-10 is data_batch_1.bin to data_batch_5.bin, test_batch.bin and batches.meta.txt: choose them all.',
  ],
  ['without its training part', { 'test_batch.bin': testBatch }, 'my images has no data_batch_1.bin.'],
  [
    'there twice',
    { ...cifar10Set, ...under('copy', { 'data_batch_1.bin': batch }) },
    'my images has data_batch_1.bin more than once: copy/data_batch_1.bin, data_batch_1.bin. Choose the files of one set.',
  ],
  [
    'short of names',
    { ...cifar10Set, 'batches.meta.txt': text('cat\ndog\n') },
    'batches.meta.txt is damaged: it names 2 classes, and CIFAR-10 has 10.',
  ],
  [
    'a tar that is cut off',
    { 'cifar.tar': archive.slice(0, 2000) },
    'cifar.tar is cut off: data_batch_1.bin in it has 6146 bytes, of which 1488 are there. Copy or download it again.',
  ],
  [
    'a tar of something else',
    { 'cifar.tar.gz': gzipped(new Uint8Array(1024).fill(65)) },
    'cifar.tar.gz is no tar archive, or is damaged. Copy or download it again.',
  ],
  [
    'a tar with a damaged header',
    { 'cifar.tar': archive.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) },
    'cifar.tar is no tar archive, or is damaged. Copy or download it again.',
  ],
  [
    'a tar that claims too much',
    { 'a.tar.gz': gzipped(archiveHead('data_batch_1.bin', 2 ** 29)) },
    'a.tar.gz is not opened: it claims 512 MiB of files, more than CIFAR has (at most 256 MiB are read).',
  ],
  [
    'a packed tar that is cut off',
    { 'a.tar.gz': gzipped(archiveHead('data_batch_1.bin', 2 ** 27)) },
    'a.tar.gz is cut off: data_batch_1.bin in it has 134217728 bytes, of which 0 are there. Copy or download it again.',
  ],
  [
    'the Python version',
    { 'cifar-10-python.tar.gz': gzipped(tarFile({ 'cifar-10-batches-py/data_batch_1': batch })) },
    'cifar-10-python.tar.gz has the Python version of CIFAR. Download the binary version: cifar-10-binary.tar.gz or cifar-100-binary.tar.gz.',
  ],
  [
    'a tar of images',
    { 'cats.tgz': gzipped(tarFile({ 'cats/1.png': text('?') })) },
    'cats.tgz has no .bin files in it: only CIFAR is read from a .tar.gz. Unpack it and choose the folder, or make a zip of it.',
  ],
])('refuses what is %s', async (_, files, message) => {
  const reading = openImages(placeOf(files));
  await expect(reading).rejects.toThrow(DataError);
  await reading.catch(error =>
    expect(error.message.replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ')).toContain(message),
  );
});

/** The header of an entry that is said to have so many bytes, and has none. */
function archiveHead(path: string, size: number): Bytes {
  const header = tarFile({ [path]: new Uint8Array() }).slice(0, 512);
  header.set(text(`${size.toString(8).padStart(11, '0')}\0`), 124);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(text(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return header;
}

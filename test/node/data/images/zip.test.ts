import { expect, test } from 'vitest';
import { readAll } from '../../../../src/data/images/file-set.ts';
import { openFiles } from '../../../../src/data/images/open-files.ts';
import { DataError } from '../../../../src/io/data-error.ts';
import { serveFiles } from '../serve-files.ts';
import { type Bytes, placeOf, range, text, type ZipOptions, zipFile } from './write-images.ts';

const files = {
  'b/long.bin': range(100_000, i => (i * i) >> 7),
  'a/é.txt': text('some words'),
  'a/empty': new Uint8Array(),
  '__MACOSX/a/é.txt': text('of the system'),
  'a/.hidden': text('hidden'),
};

const open = (bytes: Bytes) => openFiles(placeOf({ 'images.zip': bytes }));

test.each<[string, ZipOptions]>([
  ['deflated', {}],
  ['stored', { stored: true }],
  ['with numbers of 64 bits', { wide: true }],
  ['with a comment behind', { comment: 'PK\x05\x06 is no end. '.repeat(40) }],
])('reads files one by one: %s', async (_, options) => {
  const set = await open(zipFile(files, options));
  expect(set.name).toBe('images.zip');
  expect(set.paths).toEqual(['a/empty', 'a/é.txt', 'b/long.bin']);
  for (const path of set.paths) {
    expect(await readAll(await set.open(path))).toEqual(files[path as keyof typeof files]);
  }
});

test('asks for no more than it needs, behind an address', async () => {
  const server = await serveFiles(new Map([['images.zip', zipFile(files, { stored: true })]]));
  const set = await openFiles({ kind: 'url', url: server.url, paths: ['images.zip'] });
  const before = server.sent;
  const words = await readAll(await set.open('a/é.txt'));
  await server.close();
  expect(new TextDecoder().decode(words)).toBe('some words');
  expect(before).toBeLessThan(70_000);
  expect(server.sent - before).toBeLessThan(100);
});

test('folders may be divided by backslashes', async () => {
  expect((await open(zipFile({ 'a\\b.png': text('?') }))).paths).toEqual(['a/b.png']);
});

const plain = zipFile(files);
/** Its list ends here. */
const end = plain.length - 22;
const changed = (at: number, value: number) => {
  const bytes = plain.slice();
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
};
const sizes = (bytes: number) => Object.fromEntries(Object.keys(files).map(path => [path, { size: bytes }]));

test.each<[string, Bytes, string]>([
  [
    'cut off',
    plain.slice(0, -30),
    `images.zip is no zip, or is cut off: the list of its files, which ends a zip, is not in its ${plain.length - 30} bytes. Copy or download it again.`,
  ],
  ['of no bytes', new Uint8Array(), 'which ends a zip, is not in its 0 bytes'],
  [
    'cut off in front',
    plain.slice(1000),
    'images.zip is no zip, or is cut off: the list of its files is said to be',
  ],
  [
    'of a longer list',
    changed(end + 12, 2 ** 31),
    'images.zip is no zip, or is cut off: the list of its files is said to be 2147483648 bytes',
  ],
  [
    'of another list',
    changed(end + 16, 4),
    'images.zip is no zip, or is cut off: its list has no file at byte 0 of',
  ],
  [
    'a bomb in one file',
    zipFile(files, { changes: { 'b/long.bin': { size: 2 ** 32 - 2 } } }),
    'images.zip is not opened: b/long.bin in it claims 4.0 GiB; a file of an image has at most 64.0 MiB. Take it out of the zip.',
  ],
  [
    'a bomb in many files',
    zipFile(files, { changes: sizes(2 ** 25) }),
    'images.zip is not opened: its 5 files claim 160 MiB, unpacked from',
  ],
  [
    'a bomb of files that lie over each other',
    zipFile(files, {
      changes: Object.fromEntries(
        Object.keys(files).map(path => [path, { packed: 90_000, size: 90_000, offset: 0 }]),
      ),
      stored: true,
    }),
    'images.zip is damaged: its 5 files need 450000 bytes packed, but it has 1',
  ],
])('refuses an archive that is %s', async (_, bytes, message) => {
  const reading = open(bytes);
  await expect(reading).rejects.toThrow(DataError);
  await reading.catch(error => expect(error.message.replaceAll('\u00a0', ' ')).toContain(message));
});

test.each<[string, ZipOptions, string]>([
  [
    'yields more than it announces',
    { changes: { 'b/long.bin': { size: 99_999 } } },
    'b/long.bin in images.zip yields more than the 99999 bytes announced. Copy or download it again.',
  ],
  [
    'yields less than it announces',
    { changes: { 'b/long.bin': { size: 100_001 } } },
    'b/long.bin in images.zip yields 100000 bytes where 100001 are announced.',
  ],
  [
    'announces what cannot be',
    { changes: { 'b/long.bin': { size: 2 ** 25, packed: 1000 } } },
    'b/long.bin in images.zip has 1000 bytes, which cannot be the 33554432 announced.',
  ],
  [
    'ends too soon',
    { changes: { 'b/long.bin': { packed: 5000 } } },
    'b/long.bin in images.zip is damaged or cut off: it cannot be unpacked (',
  ],
  [
    'begins elsewhere',
    { changes: { 'b/long.bin': { offset: 4 } } },
    'b/long.bin in images.zip does not begin at byte 4, where the list says so.',
  ],
  [
    'begins behind the end',
    { changes: { 'b/long.bin': { offset: 2 ** 31 } } },
    'b/long.bin in images.zip is said to begin at byte 2147483648 of',
  ],
  [
    'is encrypted',
    { changes: { 'b/long.bin': { flags: 0x801 } } },
    'b/long.bin in images.zip is encrypted. Unpack the zip and choose the folder.',
  ],
  [
    'is packed otherwise',
    { changes: { 'b/long.bin': { method: 93 } } },
    'b/long.bin in images.zip is packed by method 93; only stored and deflated files are read.',
  ],
])('refuses a file that %s', async (_, options, message) => {
  const set = await open(zipFile(files, options));
  const reading = set.open('b/long.bin');
  await expect(reading).rejects.toThrow(DataError);
  await expect(reading).rejects.toThrow(message);
});

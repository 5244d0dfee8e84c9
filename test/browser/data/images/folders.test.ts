/** Images as a browser decodes them. */
import { describe, expect, it } from 'vitest';
import { imageDecoder } from '../../../../src/data/images/decode.ts';
import type { ImageSource } from '../../../../src/data/images/image-source.ts';
import { openImages } from '../../../../src/data/images/open-images.ts';
import type { ImagePlace } from '../../../../src/data/images/place.ts';

type Colour = readonly [number, number, number];
const red: Colour = [200, 30, 40];
const blue: Colour = [20, 60, 220];

/** An image file: `left` in its left half, `right` in the other. */
async function imageFile(
  type: string,
  height: number,
  width: number,
  left: Colour,
  right = left,
): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  for (const [colour, from] of [
    [left, 0],
    [right, width / 2],
  ] as const) {
    context.fillStyle = `rgb(${colour.join(' ')})`;
    context.fillRect(from, 0, width, height);
  }
  return canvas.convertToBlob({ type, quality: 1 });
}

const placeOf = (files: Readonly<Record<string, Blob>>): ImagePlace => ({
  kind: 'files',
  name: 'photographs',
  files: new Map(Object.entries(files)),
});

/** Of images of one colour each, read in 4 x 4 pixels: that colour. */
async function colours(source: ImageSource, images: ArrayLike<number>): Promise<number[][]> {
  const pixels = await source.read(images);
  return Array.from(images, (_, n) =>
    [0, 1, 2].map(c => {
      const plane = pixels.subarray((3 * n + c) * 16, (3 * n + c + 1) * 16);
      return plane.reduce((sum, value) => sum + value, 0) / 16;
    }),
  );
}

function expectNear(got: readonly number[], colour: Colour, within: number): void {
  for (let c = 0; c < 3; c++) expect(Math.abs(got[c] - colour[c])).toBeLessThanOrEqual(within);
}

const small = { height: 4, width: 4 };
const files = async () => ({
  'red/1.png': await imageFile('image/png', 4, 4, red),
  'red/2.jpg': await imageFile('image/jpeg', 300, 200, red),
  'red/3.webp': await imageFile('image/webp', 31, 77, red),
  'blue/1.png': await imageFile('image/png', 129, 5, blue),
  'blue/2.PNG': await imageFile('image/png', 1, 1, blue),
});

describe('the decoder', () => {
  it('gives the very pixels of an image of that size', async () => {
    const pixels = await imageDecoder(2, 4)(await imageFile('image/png', 2, 4, red, blue));
    const row = (c: number) => [red[c], red[c], blue[c], blue[c]];
    expect([...pixels]).toEqual([0, 1, 2].flatMap(c => [...row(c), ...row(c)]));
  });

  it('takes the middle of a longer image, undistorted', async () => {
    // Of 30 pixels the middle 10 are taken: five of either colour.
    const pixels = await imageDecoder(10, 10)(await imageFile('image/png', 10, 30, red, blue));
    expect([...pixels.subarray(0, 10)]).toEqual([
      ...new Array(5).fill(red[0]),
      ...new Array(5).fill(blue[0]),
    ]);
  });

  it('averages where it reduces, and puts white behind what is transparent', async () => {
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext('2d')!;
    for (let x = 0; x < 64; x += 2) context.fillRect(x, 0, 1, 64);
    const pixels = await imageDecoder(4, 4)(await canvas.convertToBlob());
    for (const value of pixels) expect(Math.abs(value - 127.5)).toBeLessThan(20);
  });
});

describe('a folder', () => {
  it('may have images of all sizes and formats', async () => {
    const source = await openImages(placeOf(await files()), small);
    expect(source.classes).toEqual(['blue', 'red']);
    expect([...source.labels]).toEqual([0, 0, 1, 1, 1]);
    expect(source.notes).toEqual([]);
    const got = await colours(source, [0, 1, 2, 3, 4]);
    for (const image of [0, 1]) expectNear(got[image], blue, 0);
    expectNear(got[2], red, 0);
    // Formats that lose something.
    for (const image of [3, 4]) expectNear(got[image], red, 4);
  });

  it.each([
    ['image/png', 'png'],
    ['image/jpeg', 'jpg'],
    ['image/webp', 'webp'],
  ])('leaves damaged images out, counted and named: %s', async (type, ending) => {
    const good = await imageFile(type, 60, 80, red, blue);
    const source = await openImages(
      placeOf({
        ...(await files()),
        [`red/cut.${ending}`]: good.slice(0, good.size / 2),
        [`red/page.${ending}`]: new Blob(['<html>']),
        // A camera may write more behind the image.
        [`red/more.${ending}`]: new Blob([good, new Uint8Array(100_000)]),
      }),
      small,
    );
    expect(source.labels.length).toBe(6);
    expect(source.notes).toEqual([
      `Left out: 2 damaged images (red/cut.${ending} is cut off, red/page.${ending} is no PNG, JPEG, WebP, GIF or BMP image).`,
    ]);
    await source.read([...source.train, ...source.test]);
    expect(source.notes.length).toBe(1);
  });

  it('leaves an image out where only the decoder finds the damage', async () => {
    const bytes = new Uint8Array(await (await imageFile('image/png', 60, 80, blue)).arrayBuffer());
    // In the midst of the packed pixels.
    bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 20);
    const good = Object.entries(await files());
    const inPart = (part: string) => good.map(([path, blob]) => [`${part}/${path}`, blob] as const);
    const given = Object.fromEntries([
      ...inPart('train'),
      ...inPart('test'),
      ['train/red/0.png', new Blob([bytes])],
    ]);
    const source = await openImages(placeOf(given), small);
    const every = Array.from(source.labels.keys());
    const got = await colours(source, every);
    expect(source.notes).toEqual(['Left out: 1 damaged image (train/red/0.png cannot be decoded).']);
    for (const image of every.filter(image => source.labels[image] === 1)) expectNear(got[image], red, 4);
  });

  it('of the directory picker', async () => {
    // The private file system of the page has handles of the same kind as the picker gives.
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('photographs', { create: true });
    for (const [path, blob] of Object.entries(await files())) {
      const [label, name] = path.split('/');
      const within = await folder.getDirectoryHandle(label, { create: true });
      const file = await (await within.getFileHandle(name, { create: true })).createWritable();
      await file.write(blob);
      await file.close();
    }
    const source = await openImages({ kind: 'folder', folder }, small);
    expect(source.name).toBe('photographs');
    const [blueImage, redImage] = await colours(source, [0, 2]);
    expectNear(blueImage, blue, 0);
    expectNear(redImage, red, 0);
    await root.removeEntry('photographs', { recursive: true });
    await expect(source.read([0])).rejects.toThrow(
      /^Reading photographs\/blue\/1\.png failed: .* Choose the folder again\.$/,
    );
  });

  it('is read in a worker', async () => {
    const worker = new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module' });
    const answer = new Promise<MessageEvent>((resolve, reject) => {
      worker.addEventListener('message', resolve, { once: true });
      worker.addEventListener('error', reject, { once: true });
    });
    worker.postMessage(placeOf(await files()));
    const { data } = await answer;
    worker.terminate();
    expect(data.classes).toEqual(['blue', 'red']);
    expect(data.pixels.length).toBe(3 * 48);
    expect(data.pixels[0]).toBe(blue[0]);
    expect([...data.images].map((image: number) => data.labels[image])).toEqual([0, 1, 1]);
  });
});

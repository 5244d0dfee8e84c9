/**
 * Images in folders of classes, of any size, in a folder or a zip: decoded to one size when they are asked for, so that
 * however many there are, those that are read at once are in memory, and no others.
 *
 * Every file is looked at when the folder is opened: its first and last bytes, which tell most of what can be wrong. What
 * only a decoder finds out later is left out then: the next image of its class and part stands in for it, the same one
 * whoever reads it.
 */
import { DataError } from '../../io/data-error.ts';
import { forEachLimited } from '../../io/limited.ts';
import { count } from '../../io/number-text.ts';
import type { RangedFile } from '../netcdf/bytes.ts';
import { classLayout, countOf, namesOf, type PlacedImage } from './class-layout.ts';
import { type DecodeImage, imageDecoder } from './decode.ts';
import { drawsOf } from './draws.ts';
import { type FileSet, readAll } from './file-set.ts';
import { HEAD, imageFault, seemsWhole } from './image-head.ts';
import type { ImageSource } from './image-source.ts';
import { DamagedFile } from './unpack.ts';

export interface FolderOptions {
  /** Pixels that every image is brought to. */
  readonly height?: number;
  readonly width?: number;
  /** Of the split into images to train and to test on, where the folders do not say. */
  readonly seed?: number;
  /** In place of the browser's decoders. */
  readonly decode?: DecodeImage;
  /** Of the files looked at, from 0 to 1. */
  readonly progress?: (stage: string, fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes of a file of one image. */
const MOST_OF_FILE = 2 ** 26;
/** Of the images of each class, where folders do not say which to test on. */
const TEST_SHARE = 0.2;

/** @throws DataError where there is no image, not two classes, or a class of which no image can be read */
export async function openFolders(set: FileSet, options: FolderOptions = {}): Promise<ImageSource> {
  const { height = 64, width = 64, seed = 1, decode = imageDecoder(height, width) } = options;
  const { classes, images: placed, notes } = classLayout(set.name, set.paths);
  const faults = await inspect(set, placed, decode, options);
  const images = placed.filter(({ path }) => !faults.has(path));
  const parts = images.some(({ part }) => part) ? images.map(({ part }) => part!) : drawParts(images, seed);
  const labels = Uint32Array.from(images, ({ label }) => label);
  checkClasses(set.name, classes, labels, parts, faults);
  const indicesOf = (part: string) =>
    Int32Array.from(Array.from(parts.keys()).filter(image => parts[image] === part));
  const [train, test] = [indicesOf('train'), indicesOf('test')];
  const size = 3 * height * width;

  /** The images that stand in for one, in turn: all of its class and part, beginning with itself. */
  const standIns = (image: number): Int32Array => {
    const alike = (parts[image] === 'train' ? train : test).filter(other => labels[other] === labels[image]);
    const at = alike.indexOf(image);
    return Int32Array.from(alike, (_, i) => alike[(at + i) % alike.length]);
  };
  const tryRead = async (image: number): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const { path } = images[image];
    if (faults.has(path)) return undefined;
    const fault = (words: string) => {
      faults.set(path, words);
      return undefined;
    };
    const file = await wholeFile(set, path);
    if (typeof file === 'string') return fault(file);
    const wrong = imageFault(file, file.length);
    if (wrong) return fault(wrong);
    return decode(new Blob([file])).catch(() => fault('cannot be decoded'));
  };
  const readOne = async (image: number): Promise<Uint8Array> => {
    const own = await tryRead(image);
    if (own) return own;
    for (const other of standIns(image).subarray(1)) {
      const pixels = await tryRead(other);
      if (pixels) return pixels;
    }
    throw noneLeft(set.name, classes[labels[image]], faults);
  };
  return {
    name: set.name,
    synthetic: false,
    classes,
    channels: 3,
    height,
    width,
    labels,
    train,
    test,
    get notes() {
      return [...notes, ...noteOf(faults)];
    },
    async read(asked, signal) {
      const pixels = new Uint8Array(asked.length * size);
      await forEachLimited(Array.from(asked).entries(), async ([n, image]) => {
        signal?.throwIfAborted();
        pixels.set(await readOne(image), n * size);
      });
      return pixels;
    },
  };
}

/** Looks at the ends of every file; what is wrong with some, by path. */
async function inspect(
  set: FileSet,
  images: readonly PlacedImage[],
  decode: DecodeImage,
  { progress = () => {}, signal }: FolderOptions,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let done = 0;
  await forEachLimited(images, async ({ path }) => {
    signal?.throwIfAborted();
    const fault = await faultOf(set, path, decode);
    if (fault) found.set(path, fault);
    done++;
    progress(`Looking at ${countOf(images.length, 'image')}`, done / images.length);
  });
  // In the order of the paths, not in that of the answers.
  return new Map(images.flatMap(({ path }) => (found.has(path) ? [[path, found.get(path)!]] : [])));
}

async function faultOf(set: FileSet, path: string, decode: DecodeImage): Promise<string | undefined> {
  const file = await openFile(set, path);
  if (typeof file === 'string') return file;
  const { size } = file;
  if (size > MOST_OF_FILE)
    return `has ${count(size)} bytes, more than the ${count(MOST_OF_FILE)} that are read`;
  const isSmall = size <= 2 * HEAD;
  const head = isSmall ? await readAll(file) : await file.read({ from: 0, to: HEAD });
  const fault = imageFault(head, size);
  if (fault) return fault;
  const tail = isSmall ? head : await file.read({ from: size - HEAD, to: size });
  if (seemsWhole(head, tail, size)) return undefined;
  return decode(new Blob([await readAll(file)])).then(
    () => undefined,
    () => 'is cut off',
  );
}

/** @returns what is wrong with it where it is damaged within an archive */
async function openFile(set: FileSet, path: string): Promise<RangedFile | string> {
  try {
    return await set.open(path);
  } catch (error) {
    if (error instanceof DamagedFile) return error.fault;
    throw error;
  }
}

async function wholeFile(set: FileSet, path: string): Promise<Uint8Array<ArrayBuffer> | string> {
  const file = await openFile(set, path);
  return typeof file === 'string' ? file : readAll(file);
}

/** Of every class the same share to test on, drawn by seed and class; at least one of each to train on. */
function drawParts(images: readonly PlacedImage[], seed: number): ('train' | 'test')[] {
  const parts = images.map((): 'train' | 'test' => 'train');
  const byClass = new Map<number, number[]>();
  images.forEach(({ label }, image) => {
    byClass.set(label, [...(byClass.get(label) ?? []), image]);
  });
  for (const [label, members] of byClass) {
    const draw = drawsOf(seed, 'split', label);
    const order = members.map(image => [draw(), image] as const).sort(([a], [b]) => a - b);
    const tested = members.length === 1 ? 0 : Math.max(1, Math.floor(TEST_SHARE * members.length));
    for (const [, image] of order.slice(0, tested)) parts[image] = 'test';
  }
  return parts;
}

function checkClasses(
  name: string,
  classes: readonly string[],
  labels: Uint32Array,
  parts: readonly string[],
  faults: ReadonlyMap<string, string>,
): void {
  const trained = new Set(labels.filter((_, image) => parts[image] === 'train'));
  const lost = classes.findIndex((_, label) => !trained.has(label));
  if (lost >= 0) throw noneLeft(name, classes[lost], faults);
  if (!parts.includes('test')) {
    throw new DataError(
      `${name} has no image to test on: ${countOf(labels.length, 'image')} in ${countOf(classes.length, 'class', 'classes')}. Put more than one into a class.`,
    );
  }
}

const listed = (faults: ReadonlyMap<string, string>) =>
  namesOf(Array.from(faults, ([path, fault]) => `${path} ${fault}`));

const noneLeft = (name: string, label: string, faults: ReadonlyMap<string, string>) =>
  new DataError(
    `No image of the class ${label} in ${name} can be read: ${listed(faults)}. Replace them, or take the class out.`,
  );

const noteOf = (faults: ReadonlyMap<string, string>): readonly string[] =>
  faults.size === 0 ? [] : [`Left out: ${countOf(faults.size, 'damaged image')} (${listed(faults)}).`];

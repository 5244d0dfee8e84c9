/**
 * Which class, and which part of the data, an image is of by where it lies: `class/name.png`, or `train/class/name.png`
 * beside `test/class/name.png` (or `val`).
 */
import { DataError } from '../../io/data-error.ts';
import { count } from '../../io/number-text.ts';

const isImage = (path: string) => /\.(png|jpe?g|webp|gif|bmp)$/i.test(path);
const isTrain = (folder: string) => /^train(ing)?$/i.test(folder);
/** The first that has images in folders of classes is taken: a test part may come without its labels. */
const testFolders = [/^test(ing)?$/i, /^val(id|idation)?$/i];

export interface PlacedImage {
  readonly path: string;
  readonly label: number;
  /** Undefined where the folders do not say. */
  readonly part?: 'train' | 'test';
}

export interface ClassLayout {
  readonly classes: readonly string[];
  readonly images: readonly PlacedImage[];
  readonly notes: readonly string[];
}

/** Paths that are written out in a message. */
const MOST_NAMED = 5;

/** `a, b and 3 more`. */
export const namesOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMED + 1
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${count(names.length - MOST_NAMED)} more`;

export const countOf = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`;

const wanted =
  'Choose a folder that has a folder for every class (class/name.png), or train/class/name.png and test/class/name.png';

/**
 * @param name of the folder, for people
 * @param paths sorted
 * @throws DataError where there is no image, or there are not at least two classes
 */
export function classLayout(name: string, paths: readonly string[]): ClassLayout {
  const found = paths.filter(isImage);
  if (found.length === 0) {
    throw new DataError(
      `${name} has no images: of its ${countOf(paths.length, 'file')} (${namesOf(paths)}) none ends in .png, .jpg, .webp, .gif or .bmp. ${wanted}.`,
    );
  }
  const skip = commonFolders(found);
  const placed = found.map(path => ({ path, folders: path.split('/').slice(skip, -1) }));
  const notes: string[] = [];
  const others = paths.filter(path => !isImage(path));
  if (others.length > 0) {
    notes.push(
      `Left out: ${countOf(others.length, 'file')} without the name of an image (${namesOf(others)}).`,
    );
  }
  const isSplit = placed.some(({ folders }) => folders.length > 1 && isTrain(folders[0]));
  const train = isSplit ? placed.filter(({ folders }) => folders.length > 1 && isTrain(folders[0])) : placed;
  const depth = isSplit ? 1 : 0;
  const classes = [...new Set(train.flatMap(({ folders }) => folders.slice(depth, depth + 1)))];
  if (classes.length === 0) {
    throw new DataError(
      `${name} has no folders of classes: its ${countOf(found.length, 'image')} (${namesOf(found)}) lie side by side, so nothing says what they show. ${wanted}.`,
    );
  }
  if (classes.length === 1) {
    throw new DataError(
      `${name} has one class only, ${classes[0]}: there is nothing to tell apart. ${wanted}; at least two classes.`,
    );
  }
  const labels = new Map(classes.map((label, index) => [label, index]));
  const inClass = ({ folders }: (typeof placed)[number]) => labels.has(folders[depth]);
  const testFolder = testFolders.find(
    pattern => isSplit && placed.some(image => pattern.test(image.folders[0] ?? '') && inClass(image)),
  );
  const partOf = ({ folders: [top = ''] }: (typeof placed)[number]) =>
    isTrain(top) ? 'train' : testFolder?.test(top) ? 'test' : undefined;
  const isUsed = (image: (typeof placed)[number]) =>
    inClass(image) && (!isSplit || partOf(image) !== undefined);
  const unused = placed.filter(image => !isUsed(image)).map(({ path }) => path);
  if (unused.length > 0) {
    notes.push(
      `Left out: ${countOf(unused.length, 'image')} in no folder of a class that is trained on (${namesOf(unused)}).`,
    );
  }
  const images = placed.filter(isUsed).map((image): PlacedImage => {
    const label = labels.get(image.folders[depth])!;
    return testFolder ? { path: image.path, label, part: partOf(image) } : { path: image.path, label };
  });
  return { classes, images, notes };
}

/** Folders that all images lie in, as many as there are further folders within. */
function commonFolders(paths: readonly string[]): number {
  const all = paths.map(path => path.split('/').slice(0, -1));
  let depth = 0;
  while (
    all.every(folders => folders.length > depth && folders[depth] === all[0][depth]) &&
    all.some(folders => folders.length > depth + 1)
  ) {
    depth++;
  }
  return depth;
}

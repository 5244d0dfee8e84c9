/** The images of a project: all of them as bytes, and which train, validate and test. */
import type { DataChoice } from '../../data/choice/choice.ts';
import type { Progress } from '../../data/dataset.ts';
import { hasCifar } from '../../data/images/cifar.ts';
import { hasIdx } from '../../data/images/idx.ts';
import { openFiles } from '../../data/images/open-files.ts';
import { DataError } from '../../io/data-error.ts';
import { type ArraySink, writeWhole } from '../array-sink.ts';
import type { ClassifyOptions } from './options.ts';
import { openClassify } from './supply.ts';

export interface ProjectImages {
  readonly kind: 'images';
  readonly folder: string;
  readonly classes: readonly string[];
}

/** Images that are copied at once. */
const PIECE = 500;

/** @throws DataError where they cannot be read without a browser */
export async function projectImages(
  choice: DataChoice,
  options: ClassifyOptions,
  sink: ArraySink,
  folder: string,
  progress: Progress,
): Promise<ProjectImages> {
  if (choice.kind === 'images') await checkReadable(choice.place);
  const opened = await openClassify(choice, options, {
    ranks: 1,
    instance: 1,
    blocksOf: () => [{}],
    ask: rank => Promise.reject(new Error(`there is no rank ${rank}`)),
    memory: Number.POSITIVE_INFINITY,
    progress,
  });
  const { source, train, validation } = opened.data.kept;
  const { labels, channels, height, width, classes, test } = source;
  const pixels = await sink.open('images', '|u1', [labels.length, channels, height, width]);
  for (let from = 0; from < labels.length; from += PIECE) {
    progress('Copying the images', from / labels.length);
    const count = Math.min(PIECE, labels.length - from);
    await pixels.write(await source.read(Array.from({ length: count }, (_, i) => from + i)));
  }
  await pixels.close();
  await writeWhole(sink, 'labels', '<u4', [labels.length], labels);
  for (const [name, part] of Object.entries({ train, validation, test })) {
    await writeWhole(sink, name, '<i4', [part.length], part);
  }
  progress('Copying the images', 1);
  return { kind: 'images', folder, classes };
}

/** Photographs are decoded by the browser, and no two decoders give the same pixels. */
async function checkReadable(place: Parameters<typeof openFiles>[0]): Promise<void> {
  const set = await openFiles(place);
  if (hasIdx(set) || hasCifar(set)) return;
  throw new DataError(
    `${set.name} has images in folders of classes, which the browser decodes and this command cannot. Sets in IDX or CIFAR files, and the textured shapes, can be taken along.`,
  );
}

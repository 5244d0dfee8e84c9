/**
 * How the ranks of a run come by their images. A set that fits in memory is read once, on rank 0, and every rank is given
 * all of it as bytes, for any sample may fall to any replica. A larger one is opened by every rank, which then reads what
 * its batches take; a rank whose page was not given the files cannot take part.
 */
import { type BareChoice, bareChoice, type DataChoice, type ImagesChoice } from '../../data/choice/choice.ts';
import { imageBytes } from '../../data/images/image-source.ts';
import { channelMoments } from '../../data/images/moments.ts';
import { stratified } from '../../data/images/subset.ts';
import { DataError } from '../../io/data-error.ts';
import { count, bytes as sizeText } from '../../io/number-text.ts';
import type { OpenContext, Opened } from '../task.ts';
import { classifyFrame } from './frame.ts';
import { heldBack, openSource } from './open-source.ts';
import type { ClassifyOptions } from './options.ts';
import { runTask } from './run-task.ts';
import type { ImageShard } from './shard.ts';
import type { ClassifyTypes, ImageCommand, OpenedImages } from './types.ts';

type Context = OpenContext<ClassifyTypes>;

/** Bytes of images to train on that are held in memory at most. */
const MOST_HELD = 2 ** 28;
/** Of a set that is not: images by which it is normalised. */
const MEASURED = 2000;
/** All runs train on the same parts of a set. */
const SUBSET_SEED = 1;
/** Images that are read at once. */
const PIECE = 500;

/** @throws DataError where the images cannot be used, ConfigError, PeerError */
export async function openClassify(
  choice: DataChoice,
  options: ClassifyOptions,
  context: Context,
): Promise<Opened<ClassifyTypes>> {
  const images = context.before?.kept ?? (await openOnce(choice, options, context));
  const { source, moments, train, pixels } = images;
  const { channels, height, width, classes } = source;
  const frame = classifyFrame({
    channels,
    height,
    width,
    classes: classes.length,
    labelSmoothing: options.labelSmoothing,
  });
  // That the mesh is possible is known before anything is sent.
  context.blocksOf(frame);
  const base = { format: { channels, height, width }, moments, augmentation: options.augmentation };
  const labels = Uint32Array.from(train, image => source.labels[image]);
  const own: ImageShard = pixels ? { ...base, pixels, labels } : { ...base, source, train };
  if (!pixels) await haveAllOpen(images, options, context);
  const command: ImageCommand = 'pixels' in own ? { shard: own } : { moments, train };
  return {
    data: {
      task: runTask(images, frame, options),
      own,
      bytesRead: train.length * imageBytes(source),
      kept: images,
    },
    others: Array.from({ length: context.ranks - 1 }, () => () => command),
  };
}

async function openOnce(
  choice: DataChoice,
  options: ClassifyOptions,
  { progress }: Context,
): Promise<OpenedImages> {
  const source = await openSource(choice, options, progress);
  const { train: all, validation } = heldBack(source, options.validation);
  const { subset = 1 } = options;
  const train = subset < 1 ? stratified(all, source.labels, subset, SUBSET_SEED) : all;
  const trained = { ...source, train };
  const isHeld = train.length * imageBytes(source) <= MOST_HELD;
  const pixels = isHeld ? await readAll(source, train, progress) : undefined;
  const moments = await channelMoments(pixels ? held(trained, pixels) : trained, {
    most: isHeld ? undefined : MEASURED,
    progress: fraction => progress('Measuring the images', fraction),
  });
  return { source, moments, train, validation, pixels, choice };
}

async function readAll(
  source: OpenedImages['source'],
  train: Int32Array,
  progress: Context['progress'],
): Promise<Uint8Array<ArrayBuffer>> {
  const size = imageBytes(source);
  const pixels = new Uint8Array(train.length * size);
  for (let from = 0; from < train.length; from += PIECE) {
    progress('Reading the images', from / train.length);
    pixels.set(await source.read(train.subarray(from, from + PIECE)), from * size);
  }
  return pixels;
}

/** The same images, from memory: numbered as they lie there. */
function held(source: OpenedImages['source'], pixels: Uint8Array<ArrayBuffer>): OpenedImages['source'] {
  const size = imageBytes(source);
  return {
    ...source,
    train: Int32Array.from(source.train.keys()),
    async read(images) {
      const out = new Uint8Array(images.length * size);
      for (let n = 0; n < images.length; n++) {
        out.set(pixels.subarray(images[n] * size, (images[n] + 1) * size), n * size);
      }
      return out;
    },
  };
}

/** @throws DataError where a rank cannot read the images, or has others */
async function haveAllOpen(
  { choice, source, train }: OpenedImages,
  options: ClassifyOptions,
  { ranks, ask }: Context,
): Promise<void> {
  if (choice.kind !== 'images') return;
  const order = { choice: sharedChoice(choice), options };
  const answers = await Promise.all(Array.from({ length: ranks - 1 }, (_, i) => ask(i + 1, order)));
  answers.forEach((answer, i) => {
    const rank = i + 1;
    if ('unreadable' in answer) {
      throw new DataError(
        `Rank ${rank} cannot read the images (${answer.unreadable}), and ${sizeText(train.length * imageBytes(source))} are too many to be sent: choose the same files in its page too.`,
      );
    }
    const isSame =
      answer.images === source.labels.length && answer.classes.join('\n') === source.classes.join('\n');
    if (!isSame) {
      throw new DataError(
        `Rank ${rank} has other images: ${count(answer.images)} of ${answer.classes.length} classes instead of ${count(source.labels.length)} of ${source.classes.length}. Choose the same files in both pages.`,
      );
    }
  });
}

/** The choice as links can carry it: an address is made absolute, for it may be relative to the page of rank 0. */
function sharedChoice(choice: ImagesChoice): ImagesChoice | Extract<BareChoice, { kind: 'images' }> {
  const bare = bareChoice(choice);
  if (bare.kind !== 'images' || !('place' in bare) || bare.place.kind !== 'url') return { kind: 'images' };
  return { ...bare, place: { ...bare.place, url: new URL(bare.place.url, globalThis.location.href).href } };
}

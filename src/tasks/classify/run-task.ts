/** Images as a run scores and shows them: see `RunTask`. */
import { drawsOf } from '../../data/images/draws.ts';
import { imageBytes } from '../../data/images/image-source.ts';
import type { Frame } from '../../models/model.ts';
import type { Predictor } from '../predictor.ts';
import type { RunTask, ScoredPart } from '../task.ts';
import type { ImagesView, TableView } from '../view.ts';
import { classifyScores, type Guess, guessOf, scoreHeads } from './guesses.ts';
import type { ClassifyOptions } from './options.ts';
import { normalise } from './shard.ts';
import type { OpenedImages } from './types.ts';

const computed = 'These images are computed: shapes of random size, place and colour, no photographs.';

/** Images of the test part that a table of guesses is made from at most. */
const TABLED = 1000;
/** Images that a view shows at most. */
const SHOWN = 100;

export function runTask(images: OpenedImages, frame: Frame, { scoredImages }: ClassifyOptions): RunTask {
  const { source, moments, train, validation } = images;
  const { classes, channels, height, width, labels, test } = source;
  const parts: Readonly<Record<ScoredPart, Int32Array>> = { validation, test };
  const colours = channels === 1 ? 'grey' : 'in colours';
  return {
    frame,
    source: source.name,
    synthetic: source.synthetic,
    ...(source.synthetic ? { notice: computed } : {}),
    summary: `${width} x ${height} pixels, ${colours}, ${classes.length} classes.`,
    get notes() {
      return source.notes;
    },
    names: classes,
    samples: { train: train.length, validation: validation.length, test: test.length },
    // Pixels that are held are the shard's; what the source itself holds, it does not tell.
    byteLength: 0,
    normalisation: { statistics: { ...moments, classes }, arrays: {} },
    validationScores: validation.length > 0 ? scoreHeads(classes.length) : [],
    views: [
      { kind: 'images', name: 'images', label: 'Test images', classes, images: test.length },
      { kind: 'table', name: 'confusion', label: 'Confusion' },
    ],
    async evaluate(model, part) {
      const chosen = part === 'validation' ? drawn(parts[part], scoredImages) : parts[part];
      if (chosen.length === 0) return [];
      const guesses = await guessAll(model, images, chosen);
      return classifyScores(
        guesses,
        chosen.map(image => labels[image]),
        classes.length,
      );
    },
    view: (model, name, { from = 0, count = 1 }) =>
      name === 'confusion' ? confusion(model, images) : shown(model, images, from, count),
  };
}

async function shown(
  model: Predictor,
  images: OpenedImages,
  from: number,
  count: number,
): Promise<ImagesView> {
  const { classes, channels, height, width, labels, test, read } = images.source;
  const most = Math.min(SHOWN, test.length, Math.max(1, Math.floor(count)));
  const first = Math.min(Math.max(0, Math.floor(from)), test.length - most);
  const chosen = test.subarray(first, first + most);
  const guesses = await guessAll(model, images, chosen);
  return {
    kind: 'images',
    channels,
    height,
    width,
    pixels: await read(chosen),
    classes,
    items: guesses.map(({ guess, confidence }, i) => ({ label: labels[chosen[i]], guess, confidence })),
  };
}

async function confusion(model: Predictor, images: OpenedImages): Promise<TableView> {
  const { classes, labels, test } = images.source;
  const chosen = drawn(test, TABLED);
  const guesses = await guessAll(model, images, chosen);
  const values = classes.map(() => classes.map(() => 0));
  guesses.forEach(({ guess }, i) => {
    values[labels[chosen[i]]][guess]++;
  });
  return {
    kind: 'table',
    rowTitle: 'true class',
    columnTitle: 'guess',
    rows: classes,
    columns: classes,
    values,
  };
}

/** A batch is on the device while the next one is read. */
async function guessAll(
  model: Predictor,
  { source, moments }: OpenedImages,
  chosen: Int32Array,
): Promise<Guess[]> {
  const { classes, channels, height, width, labels } = source;
  const format = { channels, height, width };
  const size = imageBytes(format);
  const batch = chosen.length === 1 ? 1 : model.forecastBatch;
  const inputs = [new Float32Array(batch * size), new Float32Array(batch * size)];
  const guesses: Guess[] = [];
  let before: { readonly from: number; readonly logits: Promise<Float32Array> } | undefined;
  const take = async () => {
    if (!before) return;
    const { from, logits } = before;
    const all = await logits;
    chosen.subarray(from, from + batch).forEach((image, i) => {
      guesses.push(guessOf(all.subarray(i * classes.length, (i + 1) * classes.length), labels[image]));
    });
  };
  for (let from = 0, turn = 0; from < chosen.length; from += batch, turn = 1 - turn) {
    const input = inputs[turn];
    const pixels = await source.read(chosen.subarray(from, from + batch));
    for (let i = 0; i * size < pixels.length; i++) {
      normalise(pixels.subarray(i * size, (i + 1) * size), { format, moments }, input, i * size);
    }
    await take();
    const logits = model.predict(input, batch);
    // Awaited at the next turn; a failure before that must not count as unhandled.
    logits.catch(() => undefined);
    before = { from, logits };
  }
  await take();
  return guesses;
}

/** Drawn, the same ones always: images that are evenly spaced may all be of the same few classes. */
function drawn(items: Int32Array, most: number): Int32Array {
  if (items.length <= most) return items;
  const draw = drawsOf(0, 'scored', items.length);
  const left = items.slice();
  for (let i = 0; i < most; i++) {
    const other = i + Math.floor(draw() * (left.length - i));
    [left[i], left[other]] = [left[other], left[i]];
  }
  return left.subarray(0, most).sort();
}

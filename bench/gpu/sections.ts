/** The sections of the bench: each measures its list, prints a row as soon as it has it, and gives what it found. */
import { candidatesOf } from '../../src/engine/candidates.ts';
import { formsFor } from '../../src/engine/forms.ts';
import type { ProductForm, Product as ProductSizes } from '../../src/graph/op.ts';
import { variants } from '../kernels/family.ts';
import { type Direction, directions } from '../layers.ts';
import { type Answer, type Bench, beside, type Measured } from './bench.ts';
import { checkVariants, isAllowed } from './check-variants.ts';
import { convolutionWork } from './convolutions.ts';
import { FormBench, type FormTiming, type FormWork, half, single, type Tolerance } from './form-bench.ts';
import { modelNamed, type Product, productsOf, square } from './models.ts';
import { benchPass, emptyPass, type Pass, passesOf } from './passes.ts';
import { productWork } from './products.ts';
import type { SizeList } from './sizes.ts';
import { bandwidthRow, rateRow } from './tables.ts';
import type { Device, Effort, Timing } from './timing.ts';
import { always, formsOf } from './variants.ts';

/** The head of a table of rates of floating-point operations. */
const rateHead = (title: string) =>
  `\n${title.padEnd(62)}      ms  (quartiles)     TFLOP/s   peak  PyTorch   ours/its  error`;

export async function benchProducts(bench: Bench) {
  const { device, sizes, torch, peak } = bench;
  console.log(rateHead('products'));
  const results: (Product & Measured<FormTiming, Answer<'product'>>)[] = [];
  for (const product of productsFor(sizes, sizes.models)) {
    const measured = await beside(
      bench,
      product.name,
      () => measureUsual(device, productWork(product), sizes),
      () => torch?.product(product),
    );
    if (!measured) continue;
    results.push({ ...product, ...measured });
    console.log(rateRow(product.name, measured.ours, measured.theirs, peak));
  }
  return results;
}

/** The squares, and the products of these presets. */
const productsFor = (sizes: SizeList, models: readonly string[]): Product[] => [
  ...sizes.squares.map(square),
  ...models.flatMap(name => productsOf(modelNamed(name, sizes))),
];

const measureUsual = (device: Device, work: FormWork, effort: Effort): Promise<FormTiming> =>
  withBench(device, work, bench => bench.measure(formsFor(device.gpu), effort));

async function withBench<Result>(
  device: Device,
  work: FormWork,
  measure: (bench: FormBench) => Promise<Result>,
): Promise<Result> {
  const bench = await FormBench.create(device, work);
  try {
    return await measure(bench);
  } finally {
    bench.destroy();
  }
}

interface LayerDirection {
  readonly layer: string;
  readonly direction: Direction;
  readonly images: number;
}

/** Layers of convolutions, forward and both gradients. */
export async function benchConvolutions(bench: Bench) {
  const { device, sizes, torch, peak } = bench;
  const { images } = sizes;
  console.log(rateHead(`convolutions, ${images} ${images === 1 ? 'image' : 'images'}`));
  const results: (LayerDirection & Measured<FormTiming, Answer<'convolution'>>)[] = [];
  for (const layer of sizes.layers) {
    for (const direction of directions) {
      const name = `${layer.name}, ${direction}`;
      const measured = await beside(
        bench,
        name,
        () => measureUsual(device, convolutionWork(device.gpu, layer, images, direction), sizes),
        () => torch?.convolution(layer, images, direction),
      );
      if (!measured) continue;
      results.push({ layer: layer.name, direction, images, ...measured });
      console.log(rateRow(name, measured.ours, measured.theirs, peak));
    }
  }
  return results;
}

/** Every variant of the family that the adapter allows, on the squares and the products of models; and what the tuner tries of convolutions. */
export async function benchVariants(bench: Bench) {
  const { device, sizes, attempt } = bench;
  console.log('\nvariants of the product');
  const compared = await attempt('variants', () => checkVariants(device, sizes.thorough));
  if (compared === undefined) return undefined;
  console.log(`${compared} products are right, compared with sums in float64`);
  if (!sizes.thorough) return { compared };
  const products: (Product & { readonly forms: readonly NamedTiming[] })[] = [];
  for (const product of productsFor(sizes, sizes.varied)) {
    const forms = await timeForms(bench, productWork(product), own => familyForms(device, own));
    if (forms) products.push({ ...product, forms });
  }
  const convolutions: (LayerDirection & { readonly forms: readonly NamedTiming[] })[] = [];
  for (const layer of sizes.layers) {
    for (const direction of directions) {
      const { images } = sizes;
      const work = convolutionWork(device.gpu, layer, images, direction);
      const forms = await timeForms(bench, work, tunerForms);
      if (forms) convolutions.push({ layer: layer.name, direction, images, forms });
    }
  }
  return { compared, products, convolutions };
}

interface NamedTiming extends FormTiming {
  /** `default`: what suits the adapter by rule. */
  readonly shader: string;
  readonly splits: number;
}

interface TriedForm {
  readonly form: ProductForm;
  readonly tolerance: Tolerance;
}

const familyForms = (device: Device, product: ProductSizes): TriedForm[] =>
  variants
    .filter(variant => isAllowed(device, variant))
    .flatMap(variant =>
      formsOf(variant, product).map(form => ({ form, tolerance: variant.half ? half : single })),
    );

const tunerForms = (product: ProductSizes): TriedForm[] =>
  candidatesOf(product).map(form => ({ form, tolerance: single }));

/** The usual form and others, the fastest first; prints the best. Of several products in one, forms are not tried. */
async function timeForms(
  { device, sizes, attempt }: Bench,
  work: FormWork,
  others: (product: ProductSizes) => readonly TriedForm[],
): Promise<NamedTiming[] | undefined> {
  const effort = { seriesMs: sizes.seriesMs / 3, rounds: 3 };
  const found = await attempt(work.name, () =>
    withBench(device, work, async bench => {
      const usual = await bench.measure(formsFor(device.gpu), effort);
      const timed: NamedTiming[] = [{ ...usual, shader: 'default', splits: 1 }];
      for (const { form, tolerance } of bench.products.length === 1 ? others(bench.products[0]) : []) {
        const { shader, splits } = form;
        const timing = await attempt(`${work.name} by ${shader}`, () =>
          bench.measure(always(form), effort, tolerance),
        );
        if (timing) timed.push({ ...timing, shader, splits });
      }
      return timed.sort((one, other) => one.ms - other.ms);
    }),
  );
  if (!found) return undefined;
  const [best] = found;
  const usual = found.find(({ shader }) => shader === 'default')!;
  const rate = (timing: FormTiming) => (timing.flops / timing.ms / 1e9).toPrecision(3);
  const split = best.splits > 1 ? ` split ${best.splits}` : '';
  console.log(
    `${work.name.padEnd(62)} ${rate(usual)} TFLOP/s; ${rate(best)} by ${best.shader}${split}, of ${found.length} forms`,
  );
  return found;
}

export async function benchPasses(bench: Bench) {
  const { device, sizes, torch, peak } = bench;
  console.log(
    `\n${'passes over memory'.padEnd(62)}      ms  (quartiles)        GB/s   peak  PyTorch   ours/its`,
  );
  const results: (Omit<Pass, 'plan' | 'settings'> & Measured<Timing, Answer<'pass'>>)[] = [];
  for (const pass of passesOf(sizes)) {
    const { kind, shape, bytes } = pass;
    const name = `${kind} [${shape}]`;
    const measured = await beside(
      bench,
      name,
      () => benchPass(device, pass, sizes),
      () => torch?.pass(pass),
    );
    if (!measured) continue;
    results.push({ kind, shape, bytes, ...measured });
    console.log(bandwidthRow(name, bytes, measured.ours, measured.theirs, peak));
  }
  return results;
}

/** What a dispatch costs that does nothing. */
export async function benchOverhead(bench: Bench) {
  const { device, sizes, torch } = bench;
  const pass = emptyPass(sizes.empties);
  // One series is all of them already.
  const effort = { ...sizes, seriesMs: 0 };
  const measured = await beside(
    bench,
    'empty kernels',
    () => benchPass(device, pass, effort),
    () => torch?.pass(pass),
  );
  if (!measured) return undefined;
  const { ours, theirs } = measured;
  const micros = (ms: number) => `${((1000 * ms) / sizes.empties).toFixed(2)} us`;
  const its = theirs && 'ms' in theirs ? `; PyTorch ${micros(theirs.ms)} a kernel` : '';
  console.log(
    `${sizes.empties} empty kernels, each after the one before: ${micros(ours.ms)} a dispatch${its}`,
  );
  return { dispatches: sizes.empties, ...measured };
}

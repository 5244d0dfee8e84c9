/** `npm run plan`: what it prints of a plan adds up to the plan, and to the published sizes. */
import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/plan.ts';
import { publishedSizes } from '../../../src/models/published-sizes.ts';
import type { PlanReport } from '../../../src/session/api/plan-report.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { forwardFlops } from '../../reference/weathermixer-size.ts';

await loadAllKinds();

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the command prints; the exit code is 0. */
function printed(...argv: string[]): string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  expect(main(argv)).toBe(0);
  const text = log.mock.calls.map(([line]) => line as string).join('\n');
  log.mockRestore();
  return text;
}

function refused(...argv: string[]): { code: number; message: string } {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const code = main(argv);
  return { code, message: error.mock.calls[0][0] as string };
}

test('demo on 2x2: layers, memory, exchanges and times', () => {
  const text = printed('--preset', 'demo', '--mesh', '2x2', '--rank', '3');
  expect(text).toMatch(
    /^Preset demo on a mesh of 2x2, rank 3 \(row 1, column 1, replica 0\); plan [0-9a-f]{16}\n/,
  );
  expect(text).toContain(
    'weathermixer with channels 14, statics 3, inputSteps 1, height 32, width 64; 1 pass of 2 samples a step',
  );
  const rows = text.split('\n').map(line => line.trim().split(/\s{2,}/));
  const layers = rows.filter(([phase]) => ['forward', 'backward', 'reduce', 'update'].includes(phase));
  const named = (phase: string) =>
    layers.filter(row => row[0] === phase && row.length === 9).map(row => row[1]);
  const model = ['embedding', 'blocks.0.tokens', 'blocks.0.channels', 'blocks.1.tokens', 'blocks.1.channels'];
  // The head, which adds, is joined to the loss.
  expect(named('forward')).toEqual([...model, 'recovery', 'loss']);
  expect(new Set(named('backward'))).toEqual(new Set(named('forward')));
  expect(named('reduce')).toEqual(['gradients', 'totals']);
  for (const space of ['arena', 'exchange', 'parameters', 'gradients', 'moment2', 'all']) {
    expect(
      rows.some(([name, size]) => name === space && /^[\d.]+\s[KM]iB$/.test(size)),
      space,
    ).toBe(true);
  }
  // The loss and the norm go to everyone, in one small message each.
  expect(rows).toContainEqual(['reduce', 'totals', 'world', '3', '1', '1.5\u00a0KiB']);
  expect(text).toMatch(/critical path, .*, [\d.]+ ms, of which [\d.]+ ms on links\.$/);
});

test('the JSON of a published size: parts add up, and its work is the published one', () => {
  const argv = ['--preset', 'published-0.25', '--mesh', '2x1', '--accumulate', '1', '--json'];
  const reports = [0, 1].map(rank => JSON.parse(printed(...argv, '--rank', `${rank}`)) as PlanReport);
  for (const { layers, totals, exchanges, memory, criticalPath } of reports) {
    for (const what of ['dispatches', 'flops', 'read', 'written', 'sent', 'received'] as const) {
      expect(
        layers.reduce((sum, layer) => sum + layer[what], 0),
        what,
      ).toBe(totals[what]);
    }
    expect(exchanges.reduce((sum, { bytesSent }) => sum + bytesSent, 0)).toBe(totals.sent);
    expect(memory.parameters).toBe(memory.gradients);
    const seconds = layers.reduce((sum, layer) => sum + layer.seconds, 0);
    expect(Math.abs(criticalPath.deviceSeconds / seconds - 1)).toBeLessThan(1e-9);
    expect(criticalPath.exchangeSeconds).toBeGreaterThan(0);
    expect(criticalPath.seconds).toBeGreaterThan(criticalPath.exchangeSeconds);
  }
  // Forward, and twice that backward, but that nobody wants the gradient of the input.
  const { embedding, channels, statics, height, width } = publishedSizes['0.25'];
  const ofInput = 2 * (channels + statics) * height * width * embedding;
  const expected = 3 * forwardFlops(publishedSizes['0.25']) - ofInput;
  const products = reports.reduce((sum, report) => sum + report.products.flops, 0);
  expect(Math.abs(products / expected - 1)).toBeLessThan(5e-3);
});

test('two passes are counted, and a faster device takes less time', () => {
  const report = (...argv: string[]) =>
    JSON.parse(printed('--preset', 'tiny', '--json', ...argv)) as PlanReport;
  const [one, two, fast] = [
    report(),
    report('--accumulate', '2'),
    report('--gflops', '1e6', '--gbps', '1e5'),
  ];
  expect(two.totals.dispatches).toBeGreaterThan(1.8 * one.totals.dispatches);
  expect(Math.abs(two.products.flops / one.products.flops - 1)).toBeLessThan(0.01);
  expect(fast.criticalPath.deviceSeconds).toBeLessThan(one.criticalPath.deviceSeconds);
  expect(one.exchanges).toEqual([]);
});

test('ranks of a mesh have plans of their own, a plan has one hash', () => {
  const hash = (rank: string) =>
    (JSON.parse(printed('--mesh', '1x2', '--rank', rank, '--json')) as PlanReport).hash;
  expect(hash('0')).toBe(hash('0'));
  expect(hash('0')).not.toBe(hash('1'));
});

test('a model of images is planned by its own sizes', () => {
  const report = (...argv: string[]) =>
    JSON.parse(printed('--model', 'resnet8', '--json', ...argv)) as PlanReport;
  expect(report().sizes).toMatchObject({ channels: 3, height: 32, width: 32, classes: 10 });
  expect(report('--classes', '100').sizes).toMatchObject({ height: 32, classes: 100 });
  const grey = report('--grid', '28x20', '--channels', '1', '--width', '8');
  expect(grey.sizes).toMatchObject({ channels: 1, height: 28, width: 20, classes: 10 });
  expect(grey.totals.flops).toBeLessThan(report().totals.flops);
  expect(printed('--model', 'resnet8')).toMatch(/\nresnet with channels 3, height 32, width 32, classes 10/);
});

test('fields of another shape have no static ones, unless it is said', () => {
  const sizes = (...argv: string[]) =>
    (JSON.parse(printed('--preset', 'tiny', '--json', ...argv)) as PlanReport).sizes;
  expect(sizes()).toMatchObject({ channels: 14, statics: 3 });
  expect(sizes('--statics', '1')).toMatchObject({ channels: 14, statics: 1 });
  expect(sizes('--grid', '16x32', '--channels', '2')).toMatchObject({ channels: 2, statics: 0 });
});

test.each([
  [
    ['--model', 'resnet8', '--statics', '3'],
    2,
    /^--statics cannot be given with resnet8: data of the task classify have channels, rows, columns and classes\./,
  ],
  [['--classes', '3'], 2, /^--classes cannot be given with demo: data of the task forecast have /],
  [
    ['--model', 'resnet8', '--blocks', '3'],
    2,
    /^--blocks cannot be given with resnet8: .* can be changed --width, /,
  ],
  [['--grid', '32', '--channels', '3'], 2, /^The shape of data is --grid ROWSxCOLUMNS/],
  [['--preset', 'nope'], 2, /^--preset is "nope"; there are demo, tiny,/],
  [['--rank', '4', '--mesh', '2x2'], 2, /^--rank is "4"; it must be a number from 0 to 3\./],
  [
    ['--grid', '32x64'],
    2,
    /^The shape of data is --grid ROWSxCOLUMNS, such as 32x64, and --channels N: give both\./,
  ],
  [['--mesh', '5x5'], 1, /^The mesh 5x5 is impossible for this model: .* The nearest possible ones are/],
  [['--layers'], 2, /^Unknown option '--layers'/],
])('%j is refused', (argv, code, message) => {
  const outcome = refused(...argv);
  expect(outcome.message).toMatch(message);
  expect(outcome.code).toBe(code);
});

/** The model and the task of docs/extending.md: they are compiled as they stand there, and train. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../scripts/setup.mjs';

const folder = mkdtempSync(join(tmpdir(), 'isobar-extending-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The code of a section, by the comment that it begins with. */
function codeOf(comment: string): string {
  const docs = readFileSync(join(root, 'docs/extending.md'), 'utf8');
  const block = docs.split('```ts\n').find(text => text.startsWith(comment));
  if (!block) throw new Error(`docs/extending.md has no code that begins with ${comment}`);
  return block.slice(0, block.indexOf('```'));
}

/** Adds a kind to an index, as the page says: an import, and a line in the list. */
function register(index: string, kind: string, from: string): void {
  const path = join(folder, index);
  const text = readFileSync(path, 'utf8');
  const changed = text
    .replace(/\nimport type|\nimport /, `\nimport { ${kind} } from '${from}';$&`)
    .replace('= [erased(', `= [erased(${kind}), erased(`);
  expect(changed).toContain(`[erased(${kind})`);
  writeFileSync(path, changed);
}

/** Adds what is sent by a kind, or kept of it, to a table. */
function registerIn(table: string, own: string, kind: string, from: string): void {
  const path = join(folder, table);
  const text = readFileSync(path, 'utf8');
  const changed = text
    .replace(/\nimport /, `\nimport { ${own} } from '${from}';$&`)
    .replace(/(>> = \{)/, `$1 ${kind}: ${own}, `);
  expect(changed).toContain(`{ ${kind}: ${own}`);
  writeFileSync(path, changed);
}

const program = `
import { workOf } from '../src/plan/work.ts';
import { classifyFrame } from '../src/tasks/classify/frame.ts';
import { taskKind } from '../src/tasks/index.ts';
import { linearKind } from '../src/models/linear-kind.ts';
import { forecastPresets } from '../src/session/api/presets.ts';
import { loadKinds } from '../src/train/load-kinds.ts';
import { trainingPlan } from '../src/train/plans.ts';

await loadKinds('linear', 'classify');

const frame = classifyFrame({ channels: 3, height: 5, width: 7, classes: 10 });
const model = { kind: 'linear', config: linearKind.fit({}, frame) };
const { plan, layout } = trainingPlan({ model, frame }, 4, forecastPresets.demo.optimizer);
const kind = taskKind('brightness');
const opened = await kind.open({ kind: 'shapes', seed: 1 }, { images: 2 }, {
  ranks: 2,
  instance: 1,
  memory: 2 ** 30,
  blocksOf: () => [],
  ask: () => Promise.reject(new Error('nobody reads')),
  progress: () => {},
});
const shard = kind.openShard(opened.others[0]());
const batch = { image: new Float32Array(3 * 32 * 32), brightness: new Float32Array(1) };
await shard.fill(batch, 0, 1, { seed: 1, drawn: 0 });
const [{ value }] = await opened.data.task.evaluate(
  { forecastBatch: 1, predict: async () => new Float32Array(1), rollOut: () => undefined },
  'test',
);
console.log(JSON.stringify({
  parameters: layout.count,
  products: workOf(plan, 'product').dispatches,
  isBright: batch.brightness[0] > 0.1 && batch.brightness[0] < 0.9,
  isFilled: batch.image.every(pixel => pixel >= 0 && pixel <= 1) && batch.image.some(pixel => pixel > 0),
  isWrong: value > 0.1 && value < 0.9,
  task: kind.plannedFrame({}, {}).task,
}));
`;

test('they compile against the contracts, and are found by their names', { timeout: 600_000 }, () => {
  for (const part of ['src', 'shaders', 'scripts', 'tsconfig.json', 'package.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  const settings = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...settings, include: ['src'] }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'src/models/linear-kind.ts'),
    codeOf('/** Scores of classes as a linear function'),
  );
  mkdirSync(join(folder, 'src/tasks/brightness'));
  writeFileSync(
    join(folder, 'src/tasks/brightness/kind.ts'),
    codeOf('/** Guessing the brightness of images'),
  );
  register('src/models/index.ts', 'linearKind', './linear-kind.ts');
  register('src/models/outlines.ts', 'linearKind', './linear-kind.ts');
  register('src/tasks/index.ts', 'brightnessKind', './brightness/kind.ts');
  register('src/tasks/outlines.ts', 'brightnessKind', './brightness/kind.ts');
  registerIn('src/models/schemas.ts', 'linearSchema', 'linear', './linear-kind.ts');
  registerIn('src/tasks/wires.ts', 'brightnessWire', 'brightness', './brightness/kind.ts');
  writeFileSync(join(folder, 'src/own.ts'), program.replaceAll('../src/', './'));
  const run = (file: string, ...parameters: string[]) => {
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, file), ...parameters],
      options,
    );
    expect(status, stdout + stderr).toBe(0);
    return stdout;
  };
  run('node_modules/typescript/bin/tsc', '-p', '.', '--noEmit');
  expect(JSON.parse(run('node_modules/tsx/dist/cli.mjs', 'src/own.ts'))).toEqual({
    parameters: 10 * 105 + 10,
    products: 2,
    isBright: true,
    isFilled: true,
    isWrong: true,
    task: 'brightness',
  });
});

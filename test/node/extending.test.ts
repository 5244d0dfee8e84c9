/** The model and the task of docs/extending.md: they are compiled as they stand there, and train. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

const program = `
import { workOf } from '../src/plan/work.ts';
import { classifyFrame } from '../src/tasks/classify/frame.ts';
import { taskKind } from '../src/tasks/index.ts';
import { linearKind } from '../src/models/linear-kind.ts';
import { presets } from '../src/session/api/presets.ts';
import { trainingPlan } from '../src/train/plans.ts';

const frame = classifyFrame({ channels: 3, height: 5, width: 7, classes: 10 });
const model = { kind: 'linear', config: linearKind.fit({}, frame) };
const { plan, layout } = trainingPlan({ model, frame }, 4, presets.demo.optimizer);
const brightness = {
  ...frame,
  task: 'brightness',
  inputs: [
    frame.inputs[0],
    { name: 'brightness', shape: [], dtype: 'f32', per: 'sample', for: 'loss' } as const,
  ],
  outputs: [{ name: 'guess', shape: [], dtype: 'f32' } as const],
};
const shard = taskKind('brightness').openShard({
  pixels: Float32Array.of(0, 1, 0.5, 0.5),
  size: 2,
  train: Int32Array.of(0, 1),
});
const batch = { image: new Float32Array(2), brightness: new Float32Array(1) };
shard.fill(batch, 0, 1, { seed: 1, drawn: 0 });
console.log(JSON.stringify({
  parameters: layout.count,
  products: workOf(plan, 'product').dispatches,
  brightness: batch.brightness[0],
  task: brightness.task,
}));
`;

test('they compile against the contracts, and are found by their names', { timeout: 120_000 }, () => {
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
  cpSync(join(folder, 'src/tasks/classify'), join(folder, 'src/tasks/brightness'), { recursive: true });
  writeFileSync(
    join(folder, 'src/tasks/brightness/kind.ts'),
    codeOf('/** Guessing the brightness of images'),
  );
  register('src/models/index.ts', 'linearKind', './linear-kind.ts');
  register('src/tasks/index.ts', 'brightnessKind', './brightness/kind.ts');
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
    brightness: 0.5,
    task: 'brightness',
  });
});

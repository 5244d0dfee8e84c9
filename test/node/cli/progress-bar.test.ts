import { expect, test } from 'vitest';
import { progressBar } from '../../../src/cli/progress-bar.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
}

const state = { step: 50, steps: 200, loss: 0.12345, samplesPerSecond: 87.65, secondsLeft: 80 };

test('a terminal gets one line, rewritten, no wider than it is', () => {
  const out = terminal(true);
  const bar = progressBar(out);
  bar.training(state);
  expect(out.written[0]).toContain('██████░');
  expect(out.written[0]).toContain(' 25%  step 50/200  loss 0.123');
  expect(out.written[0]).not.toContain('\n');
  expect(out.written[0].replace('\r\x1b[K', '').length).toBeLessThan(60);
  bar.note('Warning: x');
  expect(out.written[1]).toContain('Warning: x\n');
  expect(out.written[1].endsWith(out.written[0].replace('\r\x1b[K', ''))).toBe(true);
  bar.finish();
  expect(out.written[2]).toBe('\n');
});

test('a log gets a line for every tenth, with the time left', () => {
  const out = terminal(false);
  const bar = progressBar(out);
  for (let step = 1; step <= 200; step++) bar.training({ ...state, step });
  expect(out.written).toHaveLength(11);
  expect(out.written[3]).toContain(
    '30%  step 60/200  loss 0.1235  87.7 samples/s  1\u00a0min\u00a020\u00a0s left\n',
  );
  bar.finish();
  expect(out.written).toHaveLength(11);
});

test('each stage of the preparation is logged from its start', () => {
  const out = terminal(false);
  const bar = progressBar(out);
  bar.stage('reading', 1);
  bar.stage('compiling', 0);
  expect(out.written.map(line => line.trim().split('  ').pop())).toEqual(['reading', 'compiling']);
});

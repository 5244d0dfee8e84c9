/** A command of a session is answered when its events have been heard. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/session/api/api.ts';
import { Listeners } from '../../../src/session/listeners.ts';

/** Listeners of which one hears an event when the test says so. */
function slowListeners() {
  const listeners = new Listeners();
  const told: RunEvent[] = [];
  let hear = () => {};
  listeners.add(event => {
    told.push(event);
    return new Promise<void>(resolve => {
      hear = resolve;
    });
  });
  return { listeners, told, hear: () => hear() };
}

test.each(['running', 'reporting', 'answering'] as const)(
  '%s: an answer waits for the events',
  async kind => {
    const { listeners, told, hear } = slowListeners();
    let answer: string | undefined;
    const answered = listeners[kind](async () => {
      listeners.status('ready');
      return 'done';
    }).then(text => {
      answer = text;
    });
    // Whatever does not wait has happened in the next task.
    await new Promise(resolve => setTimeout(resolve));
    expect(told).toEqual([{ type: 'status', status: 'ready' }]);
    expect(answer).toBeUndefined();
    hear();
    await answered;
    expect(answer).toBe('done');
  },
);

test('so does a refusal, which is told once', async () => {
  const { listeners, told, hear } = slowListeners();
  const error = new Error('no');
  let refused = false;
  const refuse = () =>
    listeners.reporting(() => {
      throw error;
    });
  const refusal = refuse().catch(() => {
    refused = true;
  });
  await new Promise(resolve => setTimeout(resolve));
  expect(refused).toBe(false);
  hear();
  await refusal;
  expect(refused).toBe(true);
  await expect(refuse()).rejects.toBe(error);
  expect(told).toMatchObject([{ type: 'error', error: { message: 'no' } }]);
});

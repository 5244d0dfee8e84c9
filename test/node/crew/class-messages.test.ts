/** What pages of a class say is taken only as far as it can be meant, and a report is as small as it is said to be. */
import { expect, test } from 'vitest';
import {
  type Report,
  readPupilAbout,
  readPupilMessage,
  readTeacherMessage,
  shortReport,
} from '../../../src/crew/class/messages.ts';

const report: Report = {
  type: 'report',
  status: 'running',
  step: 254,
  steps: 2000,
  loss: 0.344,
  rate: 7.2,
  guided: true,
  race: 2,
};
const prediction = { type: 'prediction', lesson: 3, question: 1, choice: 2 };

test.for([report, { type: 'report', status: 'watching', step: 0, steps: 0, guided: false }, prediction])(
  'a message of a pupil is read as it is: %j',
  message => {
    expect(readPupilMessage(message)).toEqual(message);
  },
);

test.for([
  { type: 'start' },
  { type: 'start', race: 2 },
  { type: 'pause' },
  { type: 'eyes', up: true, words: '<b>Look</b>' },
  { type: 'go', address: '#/' },
  { type: 'go', address: '#/timeline?step=3' },
  { type: 'ask', lesson: 3, question: 1, address: '#/lesson/3/2' },
  { type: 'race', race: 1, search: '?preset=tiny&mesh=1x2&seed=3' },
  { type: 'race', race: 1, search: '?' },
])('an order is read as it is: %j', message => {
  expect(readTeacherMessage(message)).toEqual(message);
});

test.for([
  undefined,
  null,
  'start',
  { type: 'dance' },
  { ...report, status: 'asleep' },
  { ...report, step: -1 },
  { ...report, step: 1.5 },
  { ...report, loss: Number.NaN },
  { ...report, loss: '0.3' },
  { ...report, rate: -1 },
  { ...report, guided: 1 },
  { ...prediction, choice: 100 },
  { ...prediction, lesson: -1 },
])('what is no message of a pupil is none: %j', message => {
  expect(readPupilMessage(message)).toBeUndefined();
});

test.for([
  { type: 'eyes', up: true, words: 'x'.repeat(201) },
  { type: 'go', address: 'https://example.org' },
  { type: 'go', address: '#join=relay.abcdefgh.abcdefghijklmnopqrstuv' },
  { type: 'go', address: `#/${'x'.repeat(200)}` },
  { type: 'go', address: '#/"onload' },
  { type: 'ask', lesson: 1, question: 0 },
  { type: 'race', race: 1, search: '#/share' },
  { type: 'race', race: 1, search: `?${'a'.repeat(400)}` },
  report,
])('what is no order is none: %j', message => {
  expect(readTeacherMessage(message)).toBeUndefined();
});

test('what a page tells of itself is short', () => {
  const about = { gpu: 'M2', webgpu: true, token: crypto.randomUUID() };
  expect(readPupilAbout(about)).toEqual(about);
  expect(readPupilAbout({ ...about, gpu: 'x'.repeat(121) })).toBeUndefined();
  expect(readPupilAbout({ ...about, token: 'short' })).toBeUndefined();
  expect(readPupilAbout({ ...about, webgpu: undefined })).toBeUndefined();
});

test('the longest report takes at most 200 bytes, with what the room and trystero put around it', () => {
  const longest: Report = {
    ...report,
    status: 'preparing',
    step: 99_999_999,
    steps: 100_000_000,
    loss: -1.234_567_8e-30,
    rate: 123_456.789,
    guided: false,
    race: 9999,
  };
  /** Of trystero's own message: its action, a number, a tag and the progress. */
  const head = 36;
  const text = JSON.stringify({ type: 'data', body: shortReport(longest) });
  expect(head + new TextEncoder().encode(text).length).toBeLessThanOrEqual(200);
});

test('figures that are none are left out of a report', () => {
  const { loss, rate, ...rest } = report;
  expect(shortReport({ ...rest, loss: Number.NaN, rate: Number.POSITIVE_INFINITY })).toEqual(rest);
  expect(shortReport({ ...rest, loss: 0.123_456, rate: 58.349 })).toEqual({
    ...rest,
    loss: 0.1235,
    rate: 58.3,
  });
});

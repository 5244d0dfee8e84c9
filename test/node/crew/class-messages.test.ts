/** What pages of a class say is taken only as far as it can be meant, and a report is as small as it is said to be. */
import { expect, test } from 'vitest';
import {
  packReport,
  type Report,
  readPupilAbout,
  readPupilMessage,
  readTeacherMessage,
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

test.for<Report>([report, { type: 'report', status: 'watching', step: 0, steps: 0, guided: false }])(
  'a report survives its way: %j',
  sent => {
    expect(readPupilMessage(JSON.parse(JSON.stringify(packReport(sent))))).toEqual(sent);
  },
);

test.for([
  prediction,
  { type: 'signal', pair: 3, body: { connection: 0, attempt: 1, sdp: 'v=0' } },
  { type: 'tested', pair: 3, link: { roundTripMs: 0.4, megabytesPerSecond: 35 } },
  { type: 'tested', pair: 3, link: { fault: 'names lead nowhere' } },
  { type: 'room', group: 2, invitation: '#join=tabs.abcdefgh.abcdefghijklmnopqrstuv' },
  { type: 'apart', group: 2, fault: 'it has left the group' },
])('what else a pupil says is read as it is: %j', message => {
  expect(readPupilMessage(message)).toEqual(message);
});

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
  { type: 'test', pair: 1, isFirst: true },
  { type: 'signal', pair: 1, body: [1, 2] },
  { type: 'lead', group: 1, mesh: '2x2', members: ['0123456789abcdefghij'] },
  { type: 'join', group: 1, invitation: '#join=tabs.abcdefgh.abcdefghijklmnopqrstuv' },
  { type: 'part' },
])('an order is read as it is: %j', message => {
  expect(readTeacherMessage(message)).toEqual(message);
});

test.for([
  undefined,
  null,
  'start',
  { type: 'dance' },
  [],
  ['asleep', 1, 9, true, 0.3, 7, null],
  ['running', -1, 9, true, 0.3, 7, null],
  ['running', 1.5, 9, true, 0.3, 7, null],
  ['running', 1, 9, 1, 0.3, 7, null],
  ['running', 1, 9, true, Number.NaN, 7, null],
  ['running', 1, 9, true, '0.3', 7, null],
  ['running', 1, 9, true, 0.3, -1, null],
  ['running', 1, 9, true, 0.3, 7, 10_000],
  ['running', 1, 9, true, 0.3, 7],
  ['running', 1, 9, true, 0.3, 7, null, 'more'],
  { ...prediction, choice: 100 },
  { ...prediction, lesson: -1 },
  { type: 'tested', pair: 3, link: { roundTripMs: -1, megabytesPerSecond: 35 } },
  { type: 'tested', pair: 3, link: { roundTripMs: Number.POSITIVE_INFINITY, megabytesPerSecond: 35 } },
  { type: 'tested', pair: 3, link: { fault: 'x'.repeat(1001) } },
  { type: 'tested', pair: 1.5, link: { fault: '' } },
  { type: 'room', group: 2, invitation: 'x'.repeat(4001) },
  { type: 'apart', group: -1, fault: '' },
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
  { type: 'lead', group: 1, mesh: '2x2', members: [] },
  { type: 'lead', group: 1, mesh: '2x2', members: Array(17).fill('0123456789abcdefghij') },
  { type: 'lead', group: 1, mesh: '2x2', members: ['<b>'] },
  { type: 'lead', group: 1, mesh: '100x2', members: ['0123456789abcdefghij'] },
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
  /** Of trystero: the name of the room in every frame, then the action, a number, a tag and the progress. */
  const head = 3 + 64 + 36;
  const text = JSON.stringify({ type: 'data', body: packReport(longest) });
  expect(head + new TextEncoder().encode(text).length).toBeLessThanOrEqual(200);
});

test('figures that are none are left out of a report', () => {
  const { loss, rate, ...rest } = report;
  const read = (change: Partial<Report>) => readPupilMessage(packReport({ ...rest, ...change }));
  expect(read({ loss: Number.NaN, rate: Number.POSITIVE_INFINITY })).toEqual(rest);
  expect(read({ loss: 0.123_456, rate: 58.349 })).toEqual({ ...rest, loss: 0.1235, rate: 58.3 });
});

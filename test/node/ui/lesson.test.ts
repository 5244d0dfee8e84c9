/** Lessons: what their format refuses and in which words, that those of the page pass, and where their numbers come from. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseMesh } from '../../../src/mesh/mesh.ts';
import type { RunInfo } from '../../../src/session/api/api.ts';
import { cutsOf, wholeOf } from '../../../src/session/api/cuts.ts';
import { memoryOf } from '../../../src/session/api/memory.ts';
import { settingsIn, unusable, withSettings } from '../../../src/ui/address.ts';
import type { BoardView } from '../../../src/ui/board/watch-cuts.ts';
import { checkLesson } from '../../../src/ui/lesson/check.ts';
import { askedIn, numberOf, readMeasured } from '../../../src/ui/lesson/expression.ts';
import { type Question, rightChoice } from '../../../src/ui/lesson/format.ts';
import { emptyNotebook, noted } from '../../../src/ui/lesson/notebook.ts';
import { readLesson } from '../../../src/ui/lesson/parse.ts';
import { changed, keepProgress, readProgress } from '../../../src/ui/lesson/progress.ts';
import { askedText } from '../../../src/ui/lesson/words.ts';
import { emptyPage, type PageEvent, type PageState, reduce } from '../../../src/ui/page-state.ts';

const head = '---\nnumber: 9\ntitle: Nine\nminutes: 3\nneeds: nothing\n---\n';
const ask = [
  ':::ask How much?',
  'answer: memory@1x2 / memory@1x1 as percent',
  '- half | below 0.55',
  '- more',
  'why: Because.',
  ':::',
];

const faultsOf = (text: string) => {
  const result = readLesson(text);
  return 'faults' in result ? result.faults.map(({ line, message }) => `${line}: ${message}`) : [];
};
const onPage = (...lines: string[]) => faultsOf(`${head}## Page\n${lines.join('\n')}\n`);
/** A question with one of its lines replaced. */
const asking = (at: number, ...lines: string[]) =>
  onPage(...ask.slice(0, at), ...lines, ...ask.slice(at + 1));

const folder = new URL('../../../src/ui/lesson/texts/', import.meta.url);
const files = readdirSync(folder).sort();

test.for(files)('the lesson %s passes the check', name => {
  const { lines, isRight } = checkLesson(name, readFileSync(new URL(name, folder), 'utf8'));
  expect(lines.join('\n')).toContain('all right');
  expect(isRight).toBe(true);
  expect(name).toMatch(new RegExp(`^${/lesson (\d+)/.exec(lines[0])?.[1]}-`));
});

test('the template in the documentation passes the check', () => {
  const docs = readFileSync(new URL('../../../docs/lessons.md', import.meta.url), 'utf8');
  const template = /```lesson\n(.*?)```/s.exec(docs)?.[1] ?? '';
  expect(checkLesson('template', template)).toMatchObject({ isRight: true });
});

test('a lesson is read into pages of prose, words, numbers, buttons and questions', () => {
  const result = readLesson(
    `${head}## First\n\nSee [the table](w:blocks.0.token1.weight), **{memory@1x1}**.\n\n- one\n- two\n\n## Second\n:::do Cut | ?mesh=1x2\n:::do Look | #/board\n:::run steps=3 | Go on\n${ask.join('\n')}\n`,
  );
  expect(result).toMatchObject({
    lesson: {
      number: 9,
      title: 'Nine',
      minutes: 3,
      needs: 'nothing',
      pages: [
        {
          title: 'First',
          blocks: [
            {
              kind: 'paragraph',
              parts: [
                { kind: 'text', text: 'See ' },
                { kind: 'thing', id: 'w:blocks.0.token1.weight' },
                { kind: 'text', text: ', ' },
                { kind: 'strong', parts: [{ kind: 'measured', value: { unit: 'bytes' } }] },
                { kind: 'text', text: '.' },
              ],
            },
            { kind: 'list', items: [[{ text: 'one' }], [{ text: 'two' }]] },
          ],
        },
        {
          title: 'Second',
          blocks: [
            { kind: 'set', label: 'Cut', search: '?mesh=1x2' },
            { kind: 'go', label: 'Look', hash: '#/board' },
            { kind: 'run', label: 'Go on', steps: 3 },
            { kind: 'ask', number: 0, choices: [{ below: 0.55 }, { below: undefined }] },
          ],
        },
      ],
    },
  });
});

test.for<[string, readonly string[], string]>([
  ['no head', faultsOf('## Page\nText\n'), '1: a lesson begins with "---"'],
  [
    'an unknown line of the head',
    faultsOf(head.replace('needs', 'need')),
    '5: "need: nothing" is not in the head',
  ],
  [
    'a line of the head twice',
    faultsOf(head.replace('needs: nothing', 'title: B')),
    '5: "title" stands there twice',
  ],
  [
    'a head without a title',
    faultsOf(head.replace('title: Nine\n', '')),
    '5: the head does not say "title: ..."',
  ],
  ['a number that is none', faultsOf(head.replace('9', 'x')), '6: "number: x" is no whole number'],
  ['no page', faultsOf(head), 'there is no page: begin one with "## "'],
  ['text before a page', faultsOf(`${head}Hello\n## Page\nText\n`), '7: this stands before the first page'],
  ['an empty page', onPage(), '7: the page "Page" is empty'],
  ['a page that is too long', onPage('word '.repeat(230)), '7: the page "Page" has 2'],
  ['HTML', onPage('A', '', '<b>bold</b> text'), '10: HTML cannot stand in a lesson: "<b>"'],
  ['a block of HTML', onPage('A', '', '<script>alert(1)</script>'), '10: HTML cannot stand in a lesson'],
  ['an image', onPage('![A](b.png)'), '8: an image cannot stand in a lesson'],
  ['another heading', onPage('### Deep'), '8: a heading other than ##, which begins a page, cannot'],
  ['a script as a link', onPage('[A](javascript:alert)'), '8: "javascript:alert" names nothing'],
  ['a link to no view', onPage('[A](#/nowhere)'), '8: "#/nowhere" names nothing'],
  ['an unknown measure', onPage('{weight@1x1}'), '8: in {weight@1x1}: there is no measure "weight"'],
  ['an unknown unit', onPage('{memory@1x1 as miles}'), 'there is no unit "miles"; there are bytes'],
  ['a link that is none', onPage('{memory@2x2-radio}'), '"2x2-radio" is no mesh: write rows x columns'],
  ['a mesh that is none', onPage('{memory@two}'), '"two" is no mesh: write rows x columns'],
  ['a measure without its argument', onPage('{loss@1x1}'), '"loss" needs a step in square brackets'],
  ['a measure with one too many', onPage('{memory[3]@1x1}'), '"memory" takes nothing in square brackets'],
  ['step 0', onPage('{loss[0]@1x1}'), '"0" is no step: the first is 1'],
  ['a sum with a hole', onPage('{memory@1x1 / }'), 'a number or a measure should stand where nothing is'],
  ['a sum that goes on', onPage('{memory@1x1 memory@1x2}'), 'goes on with "memory" where it should end'],
  ['a bracket that stays open', onPage('{(memory@1x1}'), '")" should stand where nothing is'],
  ['a sign that is none', onPage('{memory@1x1 % 2}'), 'is no number, measure or sign'],
  [
    'an unknown directive',
    onPage(':::show x'),
    '8: there is no ":::show"; there are :::do, :::run and :::ask',
  ],
  ['an end of nothing', onPage(':::'), '8: ":::" ends nothing here'],
  ['a button without an address', onPage(':::do Press'), '8: write ":::do LABEL | ADDRESS"'],
  ['a button to no view', onPage(':::do Press | #/nowhere'), '8: "#/nowhere" is no view of the page'],
  ['a button to elsewhere', onPage(':::do Press | https://a.b'), 'is no address: settings begin with "?"'],
  ['a setting that there is not', onPage(':::do Press | ?room=1'), '8: "room=1" in "?room=1" is no setting'],
  ['a setting with a wrong value', onPage(':::do Press | ?mesh=1x2&overlap=no'), '"overlap=no" in'],
  ['steps that are none', onPage(':::run steps=0'), '8: write ":::run steps=10"'],
  [
    'a question without an end',
    onPage(...ask.slice(0, -1)),
    '8: the question has no end: close it with ":::"',
  ],
  ['a question that asks nothing', asking(0, ':::ask'), '8: the question asks nothing'],
  ['a question without an answer', asking(1), '8: the question has no "answer:"'],
  ['an answer that is none', asking(1, 'answer: x y'), '9: there is no measure "x"'],
  ['one choice', asking(2), '8: the question has fewer than two choices'],
  [
    'choices that leave numbers out',
    asking(3, '- more | below 2'),
    '8: the last choice must have no "below"',
  ],
  ['choices in a wrong order', asking(3, '- less | below 0.5', '- more'), '11: 0.5 is not more than 0.55'],
  ['a choice behind the last', asking(3, '- more', '- most | below 3'), '12: "more" takes all that is left'],
  ['a choice that is none', asking(2, '- half | under 3'), '10: write "- CHOICE | below NUMBER"'],
  ['a question without a reason', asking(4), '8: the question has no "why:"'],
  ['HTML in a reason', asking(4, 'why: <i>so</i>'), '12: HTML cannot stand in a lesson'],
  ['another line in a question', asking(4, 'so: x', 'why: y'), '12: "so: x" does not belong in a question'],
])('%s is refused with its line', ([, faults, message]) => {
  expect(faults.join('\n')).toContain(message);
});

test('all faults are said at once, in the order of the lines', () => {
  expect(onPage('<b>', '', ':::run', ':::show').map(fault => fault.split(':')[0])).toEqual(['8', '10', '11']);
});

test('a setting of a lesson is that of an address, and what it does not say stays', () => {
  expect(withSettings('?preset=tiny&seed=3', '?mesh=1x2&overlap=off')).toBe(
    '?preset=tiny&seed=3&mesh=1x2&overlap=off',
  );
  expect(withSettings('?preset=tiny&mesh=1x2&overlap=off', '?overlap=on')).toBe('?preset=tiny&mesh=1x2');
  expect(settingsIn('?mesh=1x2&overlap=on').mesh).toEqual(settingsIn('?mesh=1x2').mesh);
  expect(unusable('?mesh=1x2&overlap=on&wire=f32&recompute=off')).toEqual([]);
  expect(unusable('?preset=none&mesh=2')).toEqual(['preset=none', 'mesh=2']);
});

const whole = wholeOf({ preset: 'tiny', overrides: { accumulate: 1 } });
const viewOf = (mesh: string): BoardView => {
  const shape = parseMesh(mesh);
  return {
    mesh: shape,
    answer: cutsOf(whole, shape),
    prediction: {
      mesh: shape,
      memory: memoryOf({}, 0),
      steps: [{ name: 'wifi', seconds: 0.2, waitingSeconds: 0, aloneSeconds: 0.05 }],
    },
    offered: [],
    ways: [],
  };
};

/** As far as a notebook looks at it. */
const infoOf = (mesh: string, total: number): RunInfo =>
  ({
    config: { preset: 'tiny', overrides: { accumulate: 1 }, mesh: parseMesh(mesh) },
    memory: { ...memoryOf({ exchange: 7 }, 0), total },
    source: 'atmosphere',
    step: 0,
  }) as unknown as RunInfo;

const metrics = (step: number, losses: readonly number[]): PageEvent => ({
  type: 'metrics',
  step,
  losses,
  learningRates: losses,
  gradientNorms: losses,
  seconds: 0.5,
  samplesPerSecond: 40 / step,
  dataMs: 0,
  secondsLeft: 1,
  gpuBusySeconds: 0,
});
const report = (rank: number, bytesSent: number): PageEvent & { type: 'ranks' } => ({
  type: 'ranks',
  step: 2,
  ranks: [
    { rank, bytesSent, messagesSent: 1, stepMs: 9, dataMs: 0, exchangeMs: 6, exposedExchangeMs: 2 },
    { rank: 1, bytesSent: 200, messagesSent: 1, stepMs: 9, dataMs: 0, exchangeMs: 2, exposedExchangeMs: 4 },
  ],
});
const scored: PageEvent = {
  type: 'scores',
  step: 2,
  part: 'validation',
  scores: [
    { metric: 'bias', label: 'B', units: '1', better: 'lower', main: false, value: 9, baselines: [] },
    {
      metric: 'rmse',
      label: 'R',
      units: '1',
      better: 'lower',
      main: true,
      value: 3,
      baselines: [
        { name: 'climatology', value: 5 },
        { name: 'persistence', value: 4 },
      ],
    },
  ],
};

const seen = (state: PageState, events: readonly PageEvent[]) => events.reduce(reduce, state);
const measured = (text: string, notebook: typeof emptyNotebook) => numberOf(readMeasured(text), notebook);

test('numbers are those of the runs and plans of each mesh, and stay when another is run', () => {
  const one = seen(emptyPage(), [
    { type: 'prepared', info: infoOf('1x1', 1000) },
    metrics(2, [0.9, 0.8]),
    scored,
  ]);
  let notebook = noted(emptyNotebook, {
    state: one,
    view: viewOf('1x1'),
    wanted: settingsIn('?preset=tiny'),
  });
  const two = seen(one, [
    { type: 'prepared', info: infoOf('1x2', 600) },
    metrics(4, [0.7, 0.6, 0.5, 0.4]),
    report(0, 100),
  ]);
  const wanted = settingsIn('?preset=tiny&mesh=1x2');
  expect(measured('memory@1x2', notebook)).toBeUndefined();
  // The same for every mesh: one that was seen tells it of all.
  expect(measured('parameters@2x2', notebook)).toBe(measured('parameters@1x1', notebook));
  expect(measured('parameters@2x2', notebook)).toBeGreaterThan(0);
  notebook = noted(notebook, { state: two, view: viewOf('1x2'), wanted });

  const { answer } = viewOf('1x2');
  if (!answer || !('cuts' in answer)) throw new Error('1x2 is possible');
  const { ranks, undivided, parameters, batch } = answer.cuts;
  expect(
    Object.fromEntries(
      [
        'memory@1x2 / memory@1x1',
        'memory',
        'memory.borrowed@1x2',
        'undivided@1x2',
        'parameters@1x2',
        'batch@1x2',
        'rows[blocks.0.token1.weight]@1x1',
        'columns[blocks.0.token1.weight]@1x1',
        'weights[blocks.0.channel]@1x1',
        'sends@1x2',
        'sends.activations@1x2',
        'exchanges@1x2',
        'exchanges.weights@1x2',
        'sent@1x2',
        'travelling@1x2',
        'waiting@1x2',
        'speed@1x1',
        'step@1x2',
        'loss[2]@1x1',
        'loss[4]@1x2',
        'apart(loss[2]@1x2, loss[2]@1x1)',
        'score@1x1',
        'baseline[persistence]@1x1',
        'predicted.wifi@1x2 / alone.wifi@1x2',
        '2 * (3 + 4) - 1',
      ].map(text => [text, measured(text, notebook)]),
    ),
  ).toEqual({
    'memory@1x2 / memory@1x1': 0.6,
    memory: 600,
    'memory.borrowed@1x2': 7,
    'undivided@1x2': undivided.total,
    'parameters@1x2': parameters,
    'batch@1x2': batch,
    'rows[blocks.0.token1.weight]@1x1': 32,
    'columns[blocks.0.token1.weight]@1x1': 64,
    'weights[blocks.0.channel]@1x1': 2 * 32 * 32,
    'sends@1x2': ranks[0].traffic.totalBytes,
    'sends.activations@1x2': ranks[0].traffic.bytes.activations,
    'exchanges@1x2': ranks[0].traffic.totalExchanges,
    'exchanges.weights@1x2': ranks[0].traffic.exchanges.weights,
    'sent@1x2': 150,
    'travelling@1x2': 4,
    'waiting@1x2': 3,
    'speed@1x1': 20,
    'step@1x2': 125,
    'loss[2]@1x1': 0.8,
    'loss[4]@1x2': 0.4,
    'apart(loss[2]@1x2, loss[2]@1x1)': (0.8 - 0.6) / 0.8,
    'score@1x1': 3,
    'baseline[persistence]@1x1': 4,
    'predicted.wifi@1x2 / alone.wifi@1x2': 4,
    '2 * (3 + 4) - 1': 13,
  });
  expect(measured('loss[3]@1x1', notebook), 'a step that was not taken').toBeUndefined();
  expect(measured('memory@1x2-waits', notebook), 'overlap off is another run').toBeUndefined();

  // Over another link, or with activations computed again, it is another run, of the same plan or of another.
  const slow = noted(notebook, {
    state: seen(two, [{ type: 'prepared', info: infoOf('1x2', 600) }, metrics(1, [0.3])]),
    view: viewOf('1x2'),
    wanted: { ...wanted, link: 'wifi' },
  });
  expect(measured('speed@1x2-wifi', slow)).toBe(40);
  expect(measured('speed', slow)).toBe(40);
  expect(measured('speed@1x2', slow)).toBe(10);
  expect(measured('sends@1x2-wifi / sends@1x2', slow)).toBe(1);
  expect(measured('speed@1x2-far', slow)).toBeUndefined();
  const info = infoOf('1x1', 500);
  const recomputing = { ...info, config: { ...info.config, recompute: true } };
  const lean = noted(slow, {
    state: seen(emptyPage(), [{ type: 'prepared', info: recomputing }]),
    view: undefined,
    wanted: settingsIn('?preset=tiny&recompute=on'),
  });
  expect(measured('memory@1x1-recompute / memory@1x1', lean)).toBe(0.5);
  expect(measured('memory', lean)).toBe(500);

  // The first mesh again: a run that has taken no step yet takes nothing of the one before away.
  const again = seen(two, [{ type: 'prepared', info: infoOf('1x1', 1000) }]);
  const back = noted(notebook, { state: again, view: viewOf('1x1'), wanted: settingsIn('?preset=tiny') });
  expect(measured('loss[2]@1x1', back)).toBe(0.8);
  expect(measured('speed@1x1', back)).toBe(20);

  // Another model: nothing of before is comparable, and a run of the old one is not taken for one of it.
  const other = noted(notebook, { state: two, view: undefined, wanted: settingsIn('?preset=demo') });
  expect(measured('memory@1x1', other)).toBeUndefined();
  expect(measured('memory@1x2', other)).toBeUndefined();
});

test('words of a number say what it is of, and of which mesh', () => {
  const text = (sum: string) => askedIn(readMeasured(sum)).map(askedText);
  expect(text('memory@1x1 / memory@1x1')).toEqual(['memory of a rank on one rank']);
  expect(text('loss[10]@2x2-waits')).toEqual(['loss of step 10 with 2x2, overlap off']);
  expect(text('step@2x2-waits-wifi')).toEqual(['time of a step with 2x2, overlap off, over Wi-Fi']);
  expect(text('memory@1x1x2')).toEqual(['memory of a rank with 2 copies']);
  expect(text('memory@1x1-recompute')).toEqual(['memory of a rank on one rank, activations computed again']);
  expect(text('undivided@2x2')).toEqual(['memory of the undivided model']);
});

test('the right choice is the first that a number is below, and else the last', () => {
  const choices = [
    { label: 'a', below: 1 },
    { label: 'b', below: 2 },
    { label: 'c', below: undefined },
  ];
  const question = { choices } as unknown as Question;
  expect([0, 1, 1.5, 2, 9].map(value => rightChoice(question, value))).toEqual([0, 1, 1, 2, 2]);
});

test('progress is kept and forgotten, and what cannot be read is none', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
  const progress = changed(changed({}, 3, { page: 2 }), 3, { predictions: { 0: 1 } });
  keepProgress(storage, progress);
  expect(readProgress(storage)).toEqual({ 3: { page: 2, isDone: false, predictions: { 0: 1 } } });
  keepProgress(storage, {});
  expect(kept.size).toBe(0);
  for (const text of [
    '{',
    '[]',
    '7',
    '{"3":null}',
    '{"3":{"page":-1,"isDone":true,"predictions":{}}}',
    '{"3":{"page":1,"isDone":1,"predictions":{}}}',
    '{"3":{"page":1,"isDone":true,"predictions":{"0":"x"}}}',
  ]) {
    expect(readProgress({ getItem: () => text })).toEqual({});
  }
  expect(readProgress(undefined)).toEqual({});
  const full = () => {
    throw new Error('QuotaExceededError');
  };
  expect(() => keepProgress({ setItem: full, removeItem: full }, progress)).not.toThrow();
});

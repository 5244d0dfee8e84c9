/** What a host tells its guests: all that their views need, no more than that, and nothing that could break them. */
import { describe, expect, test, vi } from 'vitest';
import type { RunInfo, Score } from '../../../src/session/api/api.ts';
import { type Chapter, emptyChapter, readChapter, writeChapter } from '../../../src/ui/guest/chapter.ts';
import { type Allowed, type News, newsAfter, nothingTold, type Sight } from '../../../src/ui/guest/tell.ts';
import { createTeller } from '../../../src/ui/guest/teller.ts';
import { createToldRun } from '../../../src/ui/guest/told-run.ts';
import { emptyPage, type PageEvent, type PageState, reduce } from '../../../src/ui/page-state.ts';
import { handClock } from './hand-clock.ts';
import { info, metrics, planSteps, points, rollout, trace, value } from './recorded-run.ts';

const all: Allowed = { steps: true, fields: true };
const score: Score = {
  ...{ metric: 'rmse', label: 'RMSE', units: 'K', better: 'lower', main: true, value: 2 },
  baselines: [{ name: 'persistence', value: 3 }],
};
const holders = [{ rank: 0, name: 'the host', card: 'a', cardName: 'card of the host', certain: false }];
const plans = new Map([
  ['hash', planSteps],
  ['other', planSteps],
]);
const sightOf = (state: PageState, more: Partial<Sight> = {}): Sight => ({
  ...{ state, plans, holders, board: undefined, answers: [] },
  ...more,
});
const following = (state: PageState, ...events: readonly PageEvent[]) => events.reduce(reduce, state);
const chaptersOf = ({ short, steps, fields }: News) => [...(short ? [short] : []), ...steps, ...fields];
const answer = (bias: number) => ({ at: 0, name: 'forecast', view: rollout(bias) });
/** A run that has begun. */
const begun = (...events: readonly PageEvent[]) =>
  following(emptyPage(), { type: 'prepared', info }, { type: 'status', status: 'running' }, ...events);
const tellTo = async (run: ReturnType<typeof createToldRun>, chapters: readonly Chapter[]) => {
  for (const chapter of chapters) await run.hear(await writeChapter(chapter));
};
const curve = ({ losses }: PageState) => losses.series.points().map(({ x, y }) => [x, y]);

/** Lets so much time pass, and what is told in it be packed, until there is some more of it. */
async function passing(clock: ReturnType<typeof handClock>, milliseconds: number, heard: readonly unknown[]) {
  const before = heard.length;
  clock.turn(milliseconds);
  await vi.waitFor(
    () => {
      clock.turn(0);
      expect(heard.length).toBeGreaterThan(before);
    },
    { interval: 1 },
  );
}
const thrown = (cause: unknown) => {
  throw cause;
};

describe('a guest', () => {
  test('that comes late sees the run as its host does, and goes on with it', async () => {
    const guest = createToldRun(() => {});
    const answers = [answer(7)];
    const losses = Array.from({ length: 900 }, (_, i) => metrics(i + 1, 1 / (i + 1)));
    let state = begun(...losses, { type: 'scores', step: 900, part: 'validation', scores: [score] });
    state = following(state, { type: 'trace', origin: 5, traces: [trace(900)] });
    const first = newsAfter(nothingTold, sightOf(state, { answers }), all);
    await tellTo(guest, chaptersOf(first));
    const seen = guest.store.state();
    expect(seen).toMatchObject({ status: 'running', step: 900, sampled: state.sampled });
    expect(seen.validation).toEqual(state.validation);
    expect(curve(seen).length).toBeLessThanOrEqual(400);
    expect(curve(seen).at(-1)![0]).toBe(900);
    expect([...guest.plans().keys()]).toEqual(['hash']);
    expect(guest.cards()).toEqual([{ rank: 0, card: 'a', name: 'card of the host', certain: false }]);

    state = following(state, metrics(902, 0.5, 0.25), { type: 'status', status: 'paused' });
    const next = newsAfter(first.told, sightOf(state, { answers }), all);
    expect(next.short?.anew).toBe(false);
    expect(next.steps).toEqual([]);
    await tellTo(guest, chaptersOf(next));
    expect(guest.store.state()).toMatchObject({ status: 'paused', step: 902 });
    // It is a recording as well, which can be taken away.
    const recording = guest.recording()!;
    expect(Object.keys(recording.plans)).toEqual(['hash']);
    expect(recording.answers).toHaveLength(1);
    expect(curve(guest.store.state()).slice(-2)).toEqual([
      [901, 0.5],
      [902, 0.25],
    ]);
  });

  test('is told a forecast of one field, and draws no other', async () => {
    const guest = createToldRun(() => {});
    const asked = guest.ask('forecast', { sample: 0, channel: 0 });
    const news = newsAfter(nothingTold, sightOf(begun(), { answers: [answer(7)] }), all);
    await tellTo(guest, chaptersOf(news));
    const [spec] = guest.store.state().info!.views;
    if (spec.kind !== 'rollout') throw new Error(spec.kind);
    expect(spec.channels.map(({ name }) => name)).toEqual(['geopotential2']);
    expect(spec.starts).toBe(1);
    const view = await asked;
    if (view.kind !== 'rollout') throw new Error(view.kind);
    expect(view.channels).toEqual([0]);
    expect(view.truth[points + 5]).toBeCloseTo(value(2, 2, 5), 1);
  });

  test('sees the atmosphere as it is computed, as often as fields are allowed', async () => {
    const guest = createToldRun(() => {});
    const [spec] = info.views;
    if (spec.kind !== 'rollout') throw new Error(spec.kind);
    const [channel] = spec.channels;
    const field = (day: number) => ({
      ...{ channel, day, latitude: Float64Array.of(45, -45), longitude: Float64Array.of(0, 120, 240) },
      values: Float32Array.from([1, 2, 3, 4, 5, 6], value => value + day),
    });
    const computing = (before: PageState, day: number) =>
      following(before, { type: 'progress', stage: 'spin-up', fraction: day / 10, field: field(day) });
    let state = computing(following(emptyPage(), { type: 'status', status: 'preparing' }), 1);
    const first = newsAfter(nothingTold, sightOf(state), all);
    await tellTo(guest, chaptersOf(first));
    expect(guest.store.state().progress?.field?.day).toBe(1);
    expect(guest.store.state().progress?.field?.values[5]).toBeCloseTo(7, 2);
    state = computing(state, 2);
    const second = newsAfter(first.told, sightOf(state), { steps: true, fields: false });
    await tellTo(guest, chaptersOf(second));
    expect(second.more).toBe(true);
    expect(guest.store.state().progress).toMatchObject({ fraction: 0.2, field: { day: 1 } });
    const third = newsAfter(second.told, sightOf(state), all);
    await tellTo(guest, chaptersOf(third));
    expect(guest.store.state().progress?.field?.day).toBe(2);
    expect(newsAfter(third.told, sightOf(state), all)).toMatchObject({ fields: [], more: false });
  });

  test('hears nothing of files, and of rates and norms the last', async () => {
    const [{ events }] = chaptersOf(newsAfter(nothingTold, sightOf(begun(metrics(3, 3, 2, 1))), all));
    expect(JSON.stringify(events)).not.toContain('own.nc');
    expect(events.find(({ type }) => type === 'metrics')).toMatchObject({ learningRates: [1] });
  });

  test('begins anew where ranks were seated anew or another run is prepared', async () => {
    const guest = createToldRun(() => {});
    let state = begun(metrics(4, 4, 3, 2, 1), { type: 'trace', origin: 5, traces: [trace(4)] });
    const first = newsAfter(nothingTold, sightOf(state), all);
    await tellTo(guest, chaptersOf(first));
    state = following(state, { type: 'prepared', info: { ...info, step: 2 }, goesOn: true });
    const second = newsAfter(first.told, sightOf(state), all);
    await tellTo(guest, chaptersOf(second));
    expect(curve(guest.store.state())).toEqual([
      [1, 4],
      [2, 3],
    ]);
    expect(guest.store.state().sampled).toBeUndefined();
    state = following(state, { type: 'gone' }, { type: 'status', status: 'preparing' });
    await tellTo(guest, chaptersOf(newsAfter(second.told, sightOf(state), all)));
    expect(guest.store.state()).toMatchObject({ info: undefined, status: 'preparing' });
  });
});

describe('what is long', () => {
  test('waits until it is allowed, and a step until its plans are known', () => {
    const state = begun({ type: 'trace', origin: 5, traces: [trace(1)] });
    const sight = sightOf(state, { answers: [answer(1)] });
    const none = newsAfter(nothingTold, sight, { steps: false, fields: false });
    expect(chaptersOf(none)).toHaveLength(1);
    expect(none.more).toBe(true);
    const unknown = newsAfter(nothingTold, { ...sight, plans: new Map() }, all);
    expect(unknown.steps).toEqual([]);
    const later = newsAfter(unknown.told, sight, all);
    // Its plan, which is not told again, and the lanes.
    expect(later.steps).toHaveLength(2);
    expect(later.more).toBe(false);
    const again = sightOf(following(state, { type: 'trace', origin: 6, traces: [trace(2)] }));
    expect(newsAfter(later.told, again, all).steps).toHaveLength(1);
    expect(newsAfter(later.told, sight, all)).toMatchObject({ short: undefined, steps: [], fields: [] });
  });

  test('is told so seldom that a guest gets a bounded number of characters a second', async () => {
    const clock = handClock();
    let state = begun();
    const heard: number[] = [];
    const spans = Array.from({ length: 800 }, (_, i) => ({
      ...{ lane: 'device' as const, from: i, to: i + 1 },
      ...{ begun: i + Math.sin(i * i), ended: i + 2 + Math.cos(i * i * i) },
    }));
    const teller = createTeller({
      ...{ guests: () => ['ann'], state: () => state, clock, onError: thrown },
      sight: () => sightOf(state),
      tell: (_, { length }) => heard.push(length),
    });
    const seconds = 40;
    for (let second = 0; second < seconds; second++) {
      const step = second + 1;
      const traces = [0, 1, 2, 3].map(rank => ({ ...trace(step), rank, spans }));
      state = following(state, metrics(step, 1 / step), { type: 'trace', origin: step, traces });
      teller.look();
      await passing(clock, 1000, heard);
    }
    const rate = heard.reduce((sum, length) => sum + length, 0) / seconds;
    expect(heard.length).toBeGreaterThan(30);
    expect(rate).toBeGreaterThan(1000);
    expect(rate).toBeLessThan(10_000);
  });

  test('nobody is forgotten for another: who came later gets every step too', async () => {
    const clock = handClock();
    let state = begun();
    let guests = ['ann'];
    const heard: { readonly id: string; readonly text: string }[] = [];
    const teller = createTeller({
      ...{ guests: () => guests, state: () => state, clock, onError: thrown },
      sight: () => sightOf(state),
      tell: (id, text) => heard.push({ id, text }),
    });
    for (let step = 1; step <= 20; step++) {
      if (step === 3) guests = ['ann', 'bob'];
      state = following(state, metrics(step, 1), { type: 'trace', origin: step, traces: [trace(step)] });
      teller.look();
      await passing(clock, 1000, heard);
    }
    const stepsOf = async (id: string) => {
      const chapters = await Promise.all(
        heard.filter(each => each.id === id).map(each => readChapter(each.text)),
      );
      return chapters.filter(({ events }) => events.some(({ type }) => type === 'trace')).length;
    };
    expect(await stepsOf('ann')).toBeGreaterThanOrEqual(4);
    expect(await stepsOf('bob')).toBeGreaterThanOrEqual(4);
    // By then they are told the same words.
    expect(heard.at(-1)!.text).toBe(heard.at(-2)!.text);
  });

  test('a change of the state is told at once, and to who was just let in', async () => {
    const clock = handClock();
    let state = begun();
    let guests = ['ann'];
    const heard: string[] = [];
    const teller = createTeller({
      ...{ guests: () => guests, state: () => state, clock, onError: thrown },
      sight: () => sightOf(state, { plans: new Map() }),
      tell: id => heard.push(id),
    });
    const turn = (milliseconds: number) => {
      teller.look();
      return passing(clock, milliseconds, heard);
    };
    await turn(1);
    state = following(state, { type: 'status', status: 'paused' });
    await turn(150);
    guests = ['ann', 'bob'];
    await turn(150);
    expect(heard).toEqual(['ann', 'ann', 'bob']);
    // Who was away hears all of it again.
    guests = ['bob'];
    teller.look();
    guests = ['ann', 'bob'];
    await turn(150);
    expect(heard.slice(3)).toEqual(['ann']);
  });
});

describe('a host that tells what it should not', () => {
  const refused = async (chapter: unknown) => {
    const text = await writeChapter(chapter as Chapter);
    return readChapter(text).then(
      () => 'shown',
      (cause: Error) => cause.message,
    );
  };
  const prepared = (change: object): Chapter => ({
    ...emptyChapter,
    events: [{ type: 'prepared', info: { ...newInfo, ...change } as unknown as RunInfo }],
  });
  const newInfo = { ...info, config: { ...info.config, data: undefined }, views: [] };

  test.each([
    [
      'an event of another kind',
      { ...emptyChapter, events: [{ type: 'error' }] },
      /at events\.0 \(no event\)/,
    ],
    [
      'a mesh that nobody could draw',
      prepared({ config: { ...newInfo.config, mesh: { rows: 256, columns: 256, replicas: 256 } } }),
      /at events\.0 \(no event\)/,
    ],
    [
      'a name that is no text',
      { ...emptyChapter, holders: [{ ...holders[0], name: {} }] },
      /at holders\.0\.name/,
    ],
    [
      'more events than a second has',
      { ...emptyChapter, events: new Array(101).fill({ type: 'status', status: 'paused' }) },
      /at events/,
    ],
    ['a plan that is none', { ...emptyChapter, plans: { hash: [{ kind: 'jump' }] } }, /at plans\.hash\.0/],
  ])('%s is refused', async (_, chapter, message) => {
    expect(await refused(chapter)).toMatch(message);
  });

  test('what is no chapter, what unpacks to too much, and an answer of another size change nothing', async () => {
    const guest = createToldRun(() => {});
    const bomb = await writeChapter({ ...emptyChapter, plans: { a: 'x'.repeat(9e6) as unknown as [] } });
    expect(bomb.length).toBeLessThan(100_000);
    await expect(guest.hear(bomb)).rejects.toThrow(/unpacks to more than/);
    await expect(guest.hear('%%%')).rejects.toThrow(/cannot be unpacked/);
    const news = newsAfter(nothingTold, sightOf(begun(), { answers: [answer(7)] }), all);
    const [short, fields] = chaptersOf(news);
    await tellTo(guest, [short]);
    const [{ name, view }] = fields.answers;
    const small = { ...view, leadHours: [24] } as typeof view;
    await tellTo(guest, [{ ...emptyChapter, answers: [{ name, view: small }] }]);
    let isAnswered = false;
    void guest.ask('forecast', {}).then(() => {
      isAnswered = true;
    });
    await tellTo(guest, [emptyChapter]);
    expect(isAnswered).toBe(false);
    await tellTo(guest, [fields, emptyChapter]);
    expect(isAnswered).toBe(true);
    expect(guest.store.state().status).toBe('running');
  });
});

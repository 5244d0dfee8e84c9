/** A recording: what is kept of a run, its file, and its playing by a clock that the test turns. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { emptyPage, type PageEvent, type PageState, reduce } from '../../../src/ui/page-state.ts';
import { packFields, unpackFields } from '../../../src/ui/recording/fields.ts';
import { packRecording, unpackRecording } from '../../../src/ui/recording/file.ts';
import { createPlayer } from '../../../src/ui/recording/player.ts';
import { createRecorder } from '../../../src/ui/recording/recorder.ts';
import { infoOf, type Recording } from '../../../src/ui/recording/recording.ts';
import { handClock } from './hand-clock.ts';
import { info, metrics, points, recordedRun, value } from './recorded-run.ts';

/** A state without what is equal only by being the same. */
const plain = ({ losses, ...rest }: PageState) => ({
  ...rest,
  of: losses.of,
  points: losses.series.points(),
});

describe('what is kept', () => {
  test('of a long run as much as of a short one, with its beginning and its end', () => {
    const { events, answers } = recordedRun(1500);
    const of = (type: string) => events.filter(({ event }) => event.type === type);
    expect(of('metrics').length).toBe(150);
    expect(of('metrics')[0].event).toMatchObject({ step: 1 });
    expect(of('progress').length).toBe(10);
    expect(of('trace').map(({ event }) => event.type === 'trace' && event.traces[0].step)).toEqual([
      1498, 1499, 1500,
    ]);
    const losses = of('metrics').flatMap(({ event }) => (event.type === 'metrics' ? event.losses : []));
    expect(losses.length).toBeGreaterThan(400);
    expect(losses.length).toBeLessThanOrEqual(1000);
    expect(losses.at(-1)?.[0]).toBe(1500);
    // The first and the last forecast, and one between.
    const forecasts = answers.map(({ view }) => view.kind === 'rollout' && view.errors.forecast[0]);
    expect(answers.length).toBe(3);
    expect(forecasts[2] as number).toBe((forecasts[0] as number) + 1500);
  });

  test('of a roll-out the 500 hPa height and a channel of other kinds, and the run offers these', () => {
    const recording = recordedRun(3);
    const [offered] = infoOf(recording).views;
    if (offered.kind !== 'rollout') throw new Error(offered.kind);
    expect(offered.channels.map(({ name }) => name)).toEqual(['u0', 'geopotential2', 't3']);
    expect(offered.starts).toBe(1);
    const [{ view }] = recording.answers;
    if (view.kind !== 'rollout') throw new Error(view.kind);
    expect(view.channels).toEqual([0, 1, 2]);
    // [lead, channel, point]: the geopotential of the second lead.
    expect(view.truth[(3 + 1) * points + 5]).toBeCloseTo(value(2, 2, 5), 2);
    expect(view.errors.forecast[4]).toBe(5 + 2);
  });

  test('no files, no names of people, no plan that no trace counts, no hour in which nothing happens', () => {
    const recording = recordedRun(3);
    expect(JSON.stringify(recording)).not.toMatch(/own\.nc|Ada/);
    expect(Object.keys(recording.plans)).toEqual(['hash']);
    expect(recording.cards.map(({ card }) => card)).toEqual(['card 1', 'card 2']);
    expect(recording.events.at(-1)!.at).toBeLessThan(60_000);
    expect(recording.events[0].at).toBe(0);
  });

  test('nothing of a run before, nor of what was lost when ranks were seated anew', () => {
    const recorder = createRecorder(() => 0);
    for (const event of [
      { type: 'prepared', info },
      metrics(9, 9),
      { type: 'prepared', info },
      metrics(1, 5),
      metrics(2, 4),
      metrics(3, 3),
      { type: 'prepared', info: { ...info, step: 2 }, goesOn: true },
      metrics(3, 7),
    ] as PageEvent[])
      recorder.event(event);
    const { events } = recorder.recording({ now: 0, plans: new Map(), cards: [], board: undefined })!;
    expect(events.map(({ event }) => (event.type === 'metrics' ? event.losses : event.type))).toEqual([
      'prepared',
      [[1, 5]],
      [[2, 4]],
      'prepared',
      [[3, 7]],
    ]);
  });
});

describe('playing', () => {
  test('sends events at their times and answers what was answered by then', async () => {
    const clock = handClock();
    const player = createPlayer(recordedRun(4), clock);
    player.setFactor(3);
    player.play();
    const { at } = player.recording.events.find(({ event }) => event.type === 'metrics')!;
    clock.turn(at / 3 - 1);
    expect(player.store.state().step).toBe(0);
    expect(player.store.state().status).toBe('running');
    clock.turn(2);
    expect(player.store.state().step).toBe(1);
    const biasAt = async () => {
      const view = await player.ask('forecast', { sample: 0, channel: 1 });
      return view.kind === 'rollout' && view.errors.forecast[0];
    };
    expect(await biasAt()).toBe(0);
    clock.turn(player.length);
    expect(player.isPlaying()).toBe(false);
    expect(player.store.state().status).toBe('done');
    expect(await biasAt()).toBe(4);
    await expect(player.ask('table', {})).rejects.toThrow('This recording has no table');
  });

  test('at another speed, with pauses, forth and back: the same moment is the same state', () => {
    const recording = recordedRun(40);
    const middle = recording.events.at(-30)!.at;
    const straight = createPlayer(recording, handClock());
    straight.seek(middle);
    const clock = handClock();
    const winding = createPlayer(recording, clock);
    winding.setFactor(4);
    winding.play();
    clock.turn(middle / 8);
    winding.pause();
    clock.turn(1e6);
    expect(winding.at()).toBeCloseTo(middle / 2, 6);
    winding.play();
    clock.turn(1e6);
    expect(winding.at()).toBe(recording.events.at(-1)!.at);
    winding.seek(middle);
    expect(plain(winding.store.state())).toEqual(plain(straight.store.state()));
    expect(straight.store.state().step).toBeGreaterThan(10);
    // At the end, to play is to play again.
    winding.seek(winding.length);
    winding.play();
    expect(winding.at()).toBe(0);
    expect(winding.store.state().info).toBeUndefined();
  });

  test('ends as the run itself did', () => {
    const events: PageEvent[] = [
      { type: 'prepared', info },
      metrics(2, 1, 1 / 2),
      metrics(5, 1 / 3, 1 / 4, 1 / 5),
      { type: 'status', status: 'done' },
    ];
    const recorder = createRecorder(() => 0);
    for (const event of events) recorder.event(event);
    const recording = recorder.recording({ now: 0, plans: new Map(), cards: [], board: undefined })!;
    const player = createPlayer(recording, handClock());
    const live = events.reduce(reduce, emptyPage());
    const { points: played, step, status } = plain(player.store.state());
    expect(played).toEqual(plain(live).points);
    expect({ step, status }).toEqual({ step: live.step, status: live.status });
  });
});

describe('the file', () => {
  test('gives back what was recorded: fields to half a level, all else to the bit; saved twice it is the same', async () => {
    const recording = recordedRun(20);
    const packed = await packRecording(recording);
    const back = await unpackRecording(packed);
    const bare = ({ answers, ...rest }: Recording) => ({
      ...rest,
      answers: answers.map(({ view, ...answer }) =>
        view.kind === 'rollout' ? { ...answer, errors: view.errors, leadHours: view.leadHours } : answer,
      ),
      events: rest.events.filter(({ event }) => event.type !== 'progress'),
    });
    expect(bare(back)).toEqual(bare(recording));
    back.answers.forEach(({ view }, i) => {
      const own = recording.answers[i].view;
      if (view.kind !== 'rollout' || own.kind !== 'rollout') throw new Error(view.kind);
      const worst = Math.max(...view.forecast.map((forecast, p) => Math.abs(forecast - own.forecast[p])));
      // Half a level of a range of 1000, and rounding to 24 bits of values up to 60 000.
      expect(worst).toBeLessThan(1000 / 32_764 + 60_000 * 2 ** -23);
    });
    const states = await Promise.all(
      [packed, await packRecording(recordedRun(20))].map(async bytes => {
        const player = createPlayer(await unpackRecording(bytes), handClock());
        player.seek(player.length);
        return plain(player.store.state());
      }),
    );
    expect(states[0]).toEqual(states[1]);
  });

  test('fields keep gaps and flat ones, each by its own range', () => {
    const values = Float32Array.of(1, Number.NaN, 3, 7, 7, 7, 1e6, 1e6 + 500, 1e6 + 1000);
    const back = unpackFields(packFields(values, 3));
    expect([...back.subarray(0, 6)]).toEqual([1, Number.NaN, 3, 7, 7, 7]);
    expect(Math.abs(back[7] - values[7])).toBeLessThan(0.1);
  });

  test('a server may have unpacked it on its way', async () => {
    const packed = await packRecording(recordedRun(2));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const text = new Uint8Array(await new Response(stream).arrayBuffer());
    expect(infoOf(await unpackRecording(text)).config.preset).toBe('tiny');
  });

  test('what is wrong with a file is said', async () => {
    const packed = await packRecording(recordedRun(20));
    const file = (value: unknown) => new Uint8Array(gzipSync(JSON.stringify(value)));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const whole = await new Response(stream).json();
    const refused = async (bytes: Uint8Array<ArrayBuffer>) =>
      unpackRecording(bytes).then(
        () => 'played',
        (cause: Error) => cause.message,
      );
    expect(await refused(new TextEncoder().encode('CDF\u0001'))).toMatch(
      /^This file is no recording\. .*Details/,
    );
    expect(await refused(file({ some: 'thing' }))).toMatch(/^This file is no recording/);
    expect(await refused(file({ ...whole, version: 2 }))).toBe(
      'This recording is of version 2, and this page plays version 1: open it with an Isobar that is newer.',
    );
    expect(await refused(packed.slice(0, packed.length / 2))).toMatch(
      /is cut off or damaged: [\d.]+.KiB of it are here/,
    );
    expect(await refused(file(whole))).toBe('played');
    expect(await refused(file({ ...whole, events: [] }))).toMatch(/damaged \(no run in it\)/);
    expect(await refused(file({ ...whole, plans: { hash: [{ kind: 'jump' }] } }))).toMatch(
      /damaged at plans\.hash\.0 \(no step of a plan\)/,
    );
    const { view, ...first } = whole.answers[0];
    const more = { ...view, errors: { ...view.errors, other: null } };
    expect(await refused(file({ ...whole, answers: [{ ...first, view: more }] }))).toBe('played');
    expect(
      await refused(file({ ...whole, answers: [{ ...first, view: { ...view, leadHours: [24] } }] })),
    ).toMatch(/damaged \(an answer of another run\)/);
  });
});

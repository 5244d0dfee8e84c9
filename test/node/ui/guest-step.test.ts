/** A guest's step mode, from both ends of a link: what the host answers, what it refuses, and what the guest believes. */
import { describe, expect, test, vi } from 'vitest';
import { readCrewMessage } from '../../../src/crew/messages.ts';
import { createListener, partsOf } from '../../../src/crew/tales.ts';
import { longestMessage } from '../../../src/net/room-messages.ts';
import { poolsOf } from '../../../src/plan/look.ts';
import type { HashedPlan, RankLook, RunInfo, RunStatus } from '../../../src/session/api/api.ts';
import { type AnswererOptions, createAnswerer } from '../../../src/ui/guest/answer-guests.ts';
import { createHostStep } from '../../../src/ui/guest/host-step.ts';
import { mostFloats, readAnswer, type StepAnswer, writeAnswer } from '../../../src/ui/guest/step-answer.ts';
import { lookWords } from '../../../src/ui/guest/words.ts';
import { handClock } from './hand-clock.ts';
import { info, planSteps } from './recorded-run.ts';

const random = { space: 'inputs', block: 2, offset: 0, bytes: 8 };
const plan: HashedPlan = {
  ...{ hash: 'p0', steps: planSteps, exchanges: 1, spaces: {} },
  ...{ inputs: new Map([['random', random]]), outputs: new Map() },
};
const onMesh = { ...info, ranks: [{}, {}] } as unknown as RunInfo;
const looks: readonly RankLook[] = [
  { rank: 0, step: 3, operand: 1, from: 0, rows: 2, columns: 3 },
  { rank: 1, step: 4, operand: 0, from: 8, rows: 300, columns: 200 },
];
const valuesOf = ({ rows, columns, rank }: RankLook) =>
  Float32Array.from({ length: rows * columns }, (_, i) => 100 * rank + i / 7);
const seenOf = (look: RankLook) => {
  const pools = poolsOf(look);
  return { ...pools, values: valuesOf({ ...look, ...pools }) };
};

/** A host and a guest whose messages are read as those of a room are. */
function ends(more: Partial<AnswererOptions> = {}) {
  const clock = handClock();
  const pauses: number[] = [];
  const host = {
    mayLook: true,
    status: 'paused' as RunStatus,
    info: onMesh as RunInfo | undefined,
    asked: [] as (readonly RankLook[])[],
    answers: [] as { id: number; characters: number }[],
  };
  const listen = createListener();
  const hear = createAnswerer({
    plan: async () => [{ ...plan, hash: 'last' }, plan],
    look: async all => {
      host.asked.push(all);
      return all.map(seenOf);
    },
    state: () => host,
    mayLook: () => host.mayLook,
    answer(member, question, text) {
      expect(member).toBe('ann');
      host.answers.push({ id: question, characters: text.length });
      for (const part of partsOf(text, question)) {
        expect(JSON.stringify(part).length).toBeLessThan(longestMessage);
        const read = readCrewMessage(part);
        if (read?.type !== 'tale') throw new Error('it is no part of an answer');
        const whole = listen(read);
        if (whole !== undefined) guest.answered(read.answers!, whole);
      }
    },
    clock: {
      now: clock.now,
      wait(milliseconds, done) {
        pauses.push(milliseconds);
        return clock.wait(milliseconds, done);
      },
    },
    ...more,
  });
  const say = (message: unknown) => {
    expect(JSON.stringify(message).length).toBeLessThan(longestMessage);
    const read = readCrewMessage(JSON.parse(JSON.stringify(message)));
    if (read?.type !== 'ask') throw new Error('it is no question');
    hear({ type: 'asked', member: 'ann', id: read.id, question: read.question });
  };
  const guest = createHostStep(
    (id, question) => say({ type: 'ask', id, question }),
    () => undefined,
  );
  /** Lets time pass until it is answered. */
  const passing = async <T>(answer: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = answer.finally(() => {
      isOver = true;
    });
    over.catch(() => {});
    await vi.waitFor(
      () => {
        clock.turn(1000);
        expect(isOver).toBe(true);
      },
      { interval: 1, timeout: 20_000 },
    );
    return over;
  };
  return { pauses, host, guest, passing, say };
}

const opened = async (more?: Partial<AnswererOptions>) => {
  const both = ends(more);
  await both.passing(both.guest.plans(onMesh));
  return both;
};

describe('a guest that its host lets look', () => {
  test('has the plan of every rank, and values as the ranks have them', async () => {
    const { guest, passing, host } = ends();
    const plans = await passing(guest.plans(onMesh));
    expect(plans).toEqual(
      [0, 1].map(() => ({ hash: 'p0', steps: planSteps, inputs: new Map([['random', random]]) })),
    );
    expect(await passing(guest.look(looks))).toEqual(looks.map(seenOf));
    expect(host.asked).toEqual([looks]);
  });

  test('asks for much in several questions, each of which fits', async () => {
    const { guest, passing, host } = await opened();
    const many = Array.from({ length: 1000 }, (_, step) => ({ ...looks[0], step }));
    const large = Array.from({ length: 20 }, (_, step) => ({ ...looks[0], step, rows: 128, columns: 128 }));
    const all = [...many, ...large];
    const seen = await passing(guest.look(all));
    const isSame = all.map(seenOf).every(({ rows, columns, values }, i) => {
      const own = seen[i];
      return (
        own.rows === rows && own.columns === columns && values.every((each, at) => each === own.values[at])
      );
    });
    expect([seen.length, isSame]).toEqual([all.length, true]);
    expect(host.asked.flat()).toEqual(all);
    expect(host.asked.map(asked => asked.length)).toEqual([900, 115, 5]);
  });

  test('is answered in turn, and no faster than a room carries it', async () => {
    const { guest, passing, host, pauses } = await opened();
    host.answers.length = pauses.length = 0;
    const large = Array.from({ length: 16 }, (_, step) => ({ ...looks[0], step, rows: 128, columns: 128 }));
    await passing(Promise.all([guest.look(large), guest.look(looks)]));
    const [first, second] = host.answers;
    expect(first.characters).toBeGreaterThan(mostFloats);
    expect(pauses[0]).toBe((1000 * first.characters) / 400_000);
    expect(second.characters).toBeLessThan(20_000);
    expect(pauses.slice(1)).toEqual([100]);
  });
});

describe('a host refuses, with words,', () => {
  test.each<[string, Partial<ReturnType<typeof ends>['host']>, string]>([
    ['who may not look', { mayLook: false }, lookWords.notAllowed],
    ['while it trains', { status: 'running' }, lookWords.running],
    ['while it prepares', { status: 'preparing' }, lookWords.noRun],
    ['values of a run before', { info: { ...onMesh } }, lookWords.otherRun],
    ['where there is no run', { info: undefined }, lookWords.noRun],
  ])('%s', async (_, change, why) => {
    const { guest, passing, host } = await opened();
    Object.assign(host, change);
    await expect(passing(guest.look(looks))).rejects.toThrow(why);
    expect(host.asked).toEqual([]);
  });

  test('when it has thought better of it while the ranks computed', async () => {
    const both = await opened({
      async look(all) {
        both.host.mayLook = false;
        return all.map(seenOf);
      },
    });
    await expect(both.passing(both.guest.look(looks))).rejects.toThrow(lookWords.notAllowed);
  });

  test('what its ranks cannot be asked', async () => {
    const fault = 'step 9 cannot be looked at: the plan has the steps 0 to 3 before its update';
    const both = await opened({ look: () => Promise.reject(new Error(fault)) });
    await expect(both.passing(both.guest.look(looks))).rejects.toThrow(fault);
  });

  test('more at once than it sends', async () => {
    const both = await opened();
    const whole = [0, 0, 0, 0, 128, 128];
    const question = { of: 'values', run: 1, looks: new Array(17).fill(whole) };
    both.host.answers.length = 0;
    both.say({ type: 'ask', id: 99, question });
    await vi.waitFor(() => expect(both.host.answers.map(({ id }) => id)).toEqual([99]));
    expect(both.host.asked).toEqual([]);
  });

  test('who asks again and again without waiting', async () => {
    const never = new Promise<never>(() => {});
    const both = await opened({ look: () => never });
    const { say, host } = both;
    host.answers.length = 0;
    const question = { of: 'values', run: 1, looks: [[0, 0, 0, 0, 1, 1]] };
    for (let id = 10; id < 17; id++) say({ type: 'ask', id, question });
    // One is being answered, four wait.
    await vi.waitFor(() => expect(host.answers.map(({ id }) => id)).toEqual([15, 16]));
  });
});

test.each<[string, unknown]>([
  ['of nothing', undefined],
  ['of something else', { of: 'checkpoint' }],
  ['of a rank that no mesh has', { of: 'plan', rank: 5000 }],
  ['for no values', { of: 'values', run: 1, looks: [] }],
  ['for too many', { of: 'values', run: 1, looks: new Array(901).fill([0, 0, 0, 0, 1, 1]) }],
  ['for a block that is none', { of: 'values', run: 1, looks: [[0, 0, 0, 0, 0, 1]] }],
  ['for half a place', { of: 'values', run: 1, looks: [[0, 0, 0, 0.5, 1, 1]] }],
  ['for a place before the first', { of: 'values', run: 1, looks: [[0, 0, -1, 0, 1, 1]] }],
  ['with a look that is none', { of: 'values', run: 1, looks: [{ rank: 0 }] }],
])('a question %s is none', (_, question) => {
  expect(readCrewMessage({ type: 'ask', id: 1, question })).toBeUndefined();
});

describe('a guest does not believe', () => {
  const told = (answer: unknown) => writeAnswer(answer as StepAnswer);
  const dispatch = {
    ...{ kind: 'dispatch', label: 'p', shader: 'matmul', params: [], constants: {}, operands: [] },
    provenance: { layer: 'a', phase: 'forward', op: 'matmul', shape: [2, 2] },
    work: { flops: 1, read: 1, written: 1 },
  };
  const product = { batch: 1, summed: 2 ** 20, m: 1, n: 1, k: 2 ** 20, stepA: 0, stepB: 0 };
  const planOf = (steps: unknown) => ({ of: 'plan', run: 1, plan: { hash: 'h', steps, inputs: new Map() } });

  test.each<[string, () => Promise<string> | string, RegExp]>([
    ['what is no gzip', () => 'AAAA', /cannot be unpacked/],
    ['another kind', () => told({ of: 'secret' }), /at of \(/],
    [
      'values of another size',
      () => told({ of: 'values', seen: [{ rows: 2, columns: 2, values: new Float32Array(3) }] }),
      /at seen.0 \(another size\)/,
    ],
    ['a long reason', () => told({ of: 'refused', why: 'x'.repeat(501) }), /at why/],
    ['a plan without steps', () => told(planOf([])), /at plan.steps/],
    ['a step that is none', () => told(planOf([{ kind: 'dance' }])), /at plan.steps.0/],
    [
      'a sum without end',
      () => told(planOf([{ ...dispatch, product: { of: product, form: { splits: 1, depth: 1 } } }])),
      /at plan.steps.0 \(no step that computes\)/,
    ],
  ])('%s', async (_, text, why) => {
    await expect(readAnswer(await text())).rejects.toThrow(why);
  });

  test('values that it has not asked for, or an exchange with ranks that are not there', async () => {
    const { guest, passing } = await opened({ look: async all => all.map(seenOf).reverse() });
    await expect(passing(guest.look(looks))).rejects.toThrow(lookWords.strange);
    const steps = [{ ...planSteps[0], receives: [{ peer: 7, at: random }] }];
    const other = ends({ plan: async () => [{ ...plan, steps: steps as HashedPlan['steps'] }] });
    await expect(other.passing(other.guest.plans(onMesh))).rejects.toThrow(lookWords.strange);
  });

  test('that anybody answers when its host is gone', async () => {
    const { guest, passing } = await opened({ look: () => new Promise(() => {}) });
    const waiting = guest.look(looks);
    waiting.catch(() => {});
    await Promise.resolve();
    await vi.waitFor(() => {
      guest.ended(lookWords.noHost);
      return expect(Promise.race([waiting, Promise.resolve('waits')])).rejects.toThrow(lookWords.noHost);
    });
    await expect(passing(waiting)).rejects.toThrow(lookWords.noHost);
  });
});

/**
 * The roll of a class: every pupil who came, where the run stands and what was predicted. It hears what the room hears and
 * keeps a bounded curve of each; time comes from outside, so that what is stuck and who is silent can be tested.
 */
import { type Prediction, type PupilAbout, questionName, type Report } from './messages.ts';

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
  /** Since the start of the race, or since the pupil came. */
  readonly seconds: number;
}

/** `gone`: closed its page, lost its network, or shut its lid. */
export type Presence = 'asking' | 'here' | 'gone';

export interface Pupil extends Omit<PupilAbout, 'token'> {
  /** Of the page that the pupil has now. */
  readonly id: string;
  readonly name: string;
  readonly presence: Presence;
  /** Why it is gone. */
  readonly reason: string;
  /** When that became so. */
  readonly since: number;
  readonly report: Report | undefined;
  /** When its step last changed, or its status. */
  readonly movedAt: number;
  /** The longest time between two steps that it told of, ms. */
  readonly longestPause: number;
  readonly curve: readonly LossPoint[];
  /** The choice by `questionName`. */
  readonly predictions: Readonly<Record<string, number>>;
  /** What it races with, such as `mesh 1x2`. */
  readonly lane: string | undefined;
  /** Its group, and its place there: 0 for the first rank. */
  readonly group: { readonly number: number; readonly place: number } | undefined;
  /** Why it is in no group, where pupils were put into groups. */
  readonly alone: string | undefined;
}

/** Points of a curve: it fills a card and a chart. */
export const mostPoints = 120;
/** Pupils on the roll, those who left among them. */
export const mostOnRoll = 200;
/** Questions that a pupil's predictions are kept of. */
const mostPredictions = 200;

type Entry = Pupil & { readonly token: string };

export interface Roll {
  pupils(): readonly Pupil[];
  /** A page is there, or tells anew of itself. @returns whether this pupil had been let in before */
  met(id: string, name: string, about: PupilAbout): boolean;
  admitted(id: string): void;
  gone(id: string, reason: string): void;
  reported(id: string, report: Report): void;
  predicted(id: string, prediction: Prediction): void;
  /** A race begins: curves and their clocks start anew. @param lanes by id */
  race(lanes: ReadonlyMap<string, string>): void;
  startClocks(): void;
  /** Puts pupils into groups, or into none, in place of those that were. @param alone why, by id */
  group(groups: ReadonlyMap<string, Pupil['group']>, alone: ReadonlyMap<string, string>): void;
  /** It takes no part in its group any more. */
  ungroup(id: string, why: string): void;
  /** Is struck off. */
  forget(id: string): void;
}

/** @param now ms, by any clock that goes forward */
export function createRoll(now: () => number): Roll {
  const entries = new Map<string, Entry>();
  /** Of the curves, by token. */
  const clocks = new Map<string, number>();

  const of = (id: string) => [...entries.values()].find(entry => entry.id === id);
  const change = (id: string, changes: Partial<Entry>): void => {
    const entry = of(id);
    if (entry) entries.set(entry.token, { ...entry, ...changes });
  };
  /** Two pupils of one name are told apart by a number. */
  const distinct = (name: string, token: string): string => {
    const taken = new Set([...entries.values()].filter(e => e.token !== token).map(e => e.name));
    let number = 1;
    let own = name;
    while (taken.has(own)) own = `${name} (${++number})`;
    return own;
  };
  const makeRoom = (): void => {
    for (const [token, { presence }] of entries) {
      if (entries.size < mostOnRoll) return;
      if (presence !== 'gone') continue;
      entries.delete(token);
      clocks.delete(token);
    }
  };

  return {
    pupils: () => [...entries.values()],
    met(id, name, { token, ...about }) {
      const before = entries.get(token);
      const wasIn = before !== undefined && before.presence !== 'asking';
      if (!before) makeRoom();
      if (!clocks.has(token)) clocks.set(token, now());
      entries.set(token, {
        token,
        curve: [],
        predictions: {},
        lane: undefined,
        group: undefined,
        alone: undefined,
        longestPause: 0,
        report: undefined,
        ...before,
        ...about,
        id,
        name: distinct(name, token),
        presence: before?.id === id && before.presence === 'here' ? 'here' : 'asking',
        reason: '',
        since: now(),
        movedAt: now(),
      });
      return wasIn;
    },
    admitted: id => change(id, { presence: 'here', since: now(), movedAt: now() }),
    gone(id, reason) {
      const entry = of(id);
      if (!entry) return;
      // Who only asked, and was not let in, leaves nothing behind.
      if (entry.presence === 'asking' && !entry.report) {
        entries.delete(entry.token);
        clocks.delete(entry.token);
      } else change(id, { presence: 'gone', reason, since: now() });
    },
    reported(id, report) {
      const entry = of(id);
      if (entry?.presence !== 'here') return;
      const { report: before, movedAt } = entry;
      const isAnew = before !== undefined && report.step < before.step;
      const moved = before?.step !== report.step || before.status !== report.status;
      const stepped =
        before?.status === 'running' && report.status === 'running' && report.step > before.step;
      change(id, {
        report,
        movedAt: moved ? now() : movedAt,
        longestPause: stepped ? Math.max(entry.longestPause, now() - movedAt) : entry.longestPause,
        curve: extended(isAnew ? [] : entry.curve, report, (now() - clocks.get(entry.token)!) / 1000),
      });
    },
    predicted(id, prediction) {
      const entry = of(id);
      if (entry?.presence !== 'here') return;
      const name = questionName(prediction);
      const isNew = entry.predictions[name] === undefined;
      if (isNew && Object.keys(entry.predictions).length >= mostPredictions) return;
      change(id, { predictions: { ...entry.predictions, [name]: prediction.choice } });
    },
    race(lanes) {
      for (const { id } of entries.values()) change(id, { lane: lanes.get(id), curve: [] });
    },
    startClocks() {
      for (const [token, entry] of entries) {
        clocks.set(token, now());
        entries.set(token, { ...entry, curve: [] });
      }
    },
    group(groups, alone) {
      for (const { id } of entries.values())
        change(id, { group: groups.get(id), alone: alone.get(id), lane: undefined });
    },
    ungroup: (id, why) => change(id, { group: undefined, alone: why }),
    forget(id) {
      const entry = of(id);
      if (!entry) return;
      entries.delete(entry.token);
      clocks.delete(entry.token);
    },
  };
}

/** A curve with one more point; when it is full, every other one goes. */
function extended(
  curve: readonly LossPoint[],
  { step, loss }: Report,
  seconds: number,
): readonly LossPoint[] {
  const last = curve.at(-1);
  if (loss === undefined || (last && step <= last.step)) return curve;
  const longer = [...curve, { step, loss, seconds }];
  return longer.length <= mostPoints ? longer : longer.filter((_, i) => i % 2 === 0);
}

/** What a card says of its pupil. */
export type PupilState =
  | 'asking'
  | 'gone'
  | 'failed'
  | 'stuck'
  | 'watching'
  | 'waiting'
  | 'ready'
  | 'preparing'
  | 'paused'
  | 'training'
  | 'holding'
  | 'done';

/** No step for so long, and for so many times the longest pause between two: something holds the run up. */
const stuckMs = 15_000;
const stuckTimes = 5;
/** To compute the embedded atmosphere takes ten seconds on a slow machine. */
const stuckPreparingMs = 90_000;

export function stateOf({ presence, report, webgpu, movedAt, longestPause }: Pupil, now: number): PupilState {
  if (presence !== 'here') return presence;
  if (!webgpu || report?.status === 'watching') return 'watching';
  const still = now - movedAt;
  switch (report?.status) {
    case 'running':
      return still > Math.max(stuckMs, stuckTimes * longestPause) ? 'stuck' : 'training';
    case 'preparing':
      return still > stuckPreparingMs ? 'stuck' : 'preparing';
    case 'failed':
    case 'ready':
    case 'holding':
    case 'paused':
    case 'done':
      return report.status;
    default:
      return 'waiting';
  }
}

/** Who needs the teacher comes first. */
const urgency: readonly PupilState[] = [
  'asking',
  'failed',
  'stuck',
  'gone',
  'waiting',
  'preparing',
  'ready',
  'paused',
  'training',
  'holding',
  'done',
  'watching',
];

export function countStates(pupils: readonly Pupil[], now: number): Record<PupilState, number> {
  const counts: Record<PupilState, number> = {
    asking: 0,
    failed: 0,
    stuck: 0,
    gone: 0,
    waiting: 0,
    preparing: 0,
    ready: 0,
    paused: 0,
    training: 0,
    holding: 0,
    done: 0,
    watching: 0,
  };
  for (const pupil of pupils) counts[stateOf(pupil, now)]++;
  return counts;
}

export const pupilOrders = ['stuck', 'name', 'loss'] as const;
export type PupilOrder = (typeof pupilOrders)[number];

export function inOrder(pupils: readonly Pupil[], order: PupilOrder, now: number): Pupil[] {
  const byName = (a: Pupil, b: Pupil) => a.name.localeCompare(b.name, 'en-GB', { numeric: true });
  const lossOf = ({ curve }: Pupil) => curve.at(-1)?.loss ?? Number.POSITIVE_INFINITY;
  const rank = (pupil: Pupil) => urgency.indexOf(stateOf(pupil, now));
  return [...pupils].sort((a, b) => {
    if (order === 'name') return byName(a, b);
    if (order === 'loss') return lossOf(a) === lossOf(b) ? byName(a, b) : lossOf(a) - lossOf(b);
    return rank(a) - rank(b) || byName(a, b);
  });
}

/** Of a group, the first rank first. */
export const membersOf = (number: number, pupils: readonly Pupil[]): Pupil[] =>
  pupils
    .filter(({ group }) => group?.number === number)
    .sort((a, b) => (a.group?.place ?? 0) - (b.group?.place ?? 0));

/** Of those who race, how many stand at the start. */
export function readyToRace(
  pupils: readonly Pupil[],
  race: number,
): { readonly ready: number; readonly racing: number } {
  const racing = pupils.filter(({ lane, presence }) => lane !== undefined && presence === 'here');
  const isReady = ({ report }: Pupil) => report?.race === race && report.status === 'ready';
  return { ready: racing.filter(isReady).length, racing: racing.length };
}

/** How many of the class have chosen each of so many choices, and how many of those here have not yet. */
export function tallyOf(
  pupils: readonly Pupil[],
  question: Pick<Prediction, 'lesson' | 'question'>,
  choices: number,
): { readonly counts: readonly number[]; readonly open: number } {
  const name = questionName(question);
  const counts = Array.from({ length: choices }, () => 0);
  let open = 0;
  for (const { predictions, presence } of pupils) {
    const choice = predictions[name];
    if (choice !== undefined && choice < choices) counts[choice]++;
    else if (presence === 'here') open++;
  }
  return { counts, open };
}

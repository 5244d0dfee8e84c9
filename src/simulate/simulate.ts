/**
 * A step of all ranks on machines that are described by rates. Every rank goes through its plan as the executor does:
 * it sends when everything before is done, works on meanwhile, and waits at a finish for what its peers send in that
 * exchange and for its own blocks to be sent. Ranks that do the same at the same time are one group, of which one is
 * computed: a thousand copies of a model take no longer than one.
 */
import { Clock } from '../plan/clock.ts';
import type { FinishStep, Plan, PlanStep, StartStep } from '../plan/plan.ts';
import type { Span, StepTrace } from '../plan/trace.ts';
import type { RankGroup, SimulatedDevice, SimulatedRank } from './ranks.ts';
import { SharedLines } from './shared-lines.ts';
import { secondsOf } from './step-seconds.ts';

export type { RankGroup, SimulatedDevice, SimulatedLink, SimulatedRank } from './ranks.ts';

interface Message {
  readonly peer: number;
  readonly sent: number;
  readonly arrives: number;
}

/** A message that a group waits for, as its sender finds it. */
interface Awaited {
  readonly receiver: State;
  readonly peer: number;
  readonly bytes: number;
}

interface State {
  readonly rank: number;
  readonly plan: Plan;
  readonly machine: SimulatedRank;
  /** Of the lines that end here, by sender. */
  readonly clock: Clock;
  readonly spans: Span[];
  /** Messages that were sent to it, by exchange. */
  readonly inbox: Map<number, Message[]>;
  /** When the own blocks of an exchange are on the line, and the step that sent them. */
  readonly sent: Map<number, { readonly at: number; readonly step: number }>;
  /** Who waits for what it sends, by exchange. */
  readonly receivers: Map<number, Awaited[]>;
  /** Groups that have ranks on its device, and how many. */
  readonly sharing: { readonly state: State; readonly ranks: number }[];
  /** The step that it is at, since when, and the seconds of work left of it. */
  step: number;
  since: number;
  left: number;
}

/**
 * @param plans of all ranks, by rank
 * @param hashes of these plans
 * @returns the traces of the ranks, all of which begin at 0
 * @throws Error where a rank waits for what nobody sends
 */
export function simulate(
  plans: readonly Plan[],
  machines: readonly SimulatedRank[],
  hashes: readonly string[],
): StepTrace[] {
  const groups = plans.map((plan, rank) => ({ ranks: [rank], plan, hash: hashes[rank] }));
  return simulateGroups(groups, machines);
}

/**
 * @param groups of all ranks, each of which is in one of them
 * @param machines by rank
 * @returns a trace for every group: that of its first rank. All begin at 0.
 * @throws Error where a rank waits for what nobody sends
 */
export function simulateGroups(
  groups: readonly RankGroup[],
  machines: readonly SimulatedRank[],
): StepTrace[] {
  const states = statesOf(groups, machines);
  const lines = new SharedLines(groups, machines);
  const send = sender(machines, states, lines);
  for (const state of states) enter(state, 0);
  for (;;) {
    // What is sent may be what another rank waits for.
    while (states.some(state => advance(state, send)));
    const next = nextTime(states);
    if (next === undefined) break;
    const now = states[0].clock.now;
    for (const state of states) {
      if (isWorking(state)) state.left -= (next - now) / sharers(state);
      state.clock.waitUntil(next);
    }
  }
  const stuck = states.find(({ step, plan }) => step < plan.steps.length);
  if (stuck) throw new Error(`rank ${stuck.rank} waits at step ${stuck.step} for what no peer sends`);
  return states.map(({ rank, spans }, group) => ({
    plan: groups[group].hash,
    rank,
    step: 0,
    resolution: 0,
    spans,
  }));
}

function statesOf(groups: readonly RankGroup[], machines: readonly SimulatedRank[]): State[] {
  const states = groups.map(({ plan, ranks: [rank] }): State => {
    const machine = machines[rank];
    return {
      rank,
      plan,
      machine,
      clock: new Clock(peer => machines[peer].linkTo(rank)),
      spans: [],
      inbox: new Map(),
      sent: new Map(),
      receivers: new Map(),
      sharing: [],
      step: -1,
      since: 0,
      left: 0,
    };
  });
  const owner = new Map(groups.flatMap(({ ranks }, group) => ranks.map(rank => [rank, states[group]])));
  for (const receiver of states) {
    for (const step of receiver.plan.steps) {
      if (step.kind !== 'finish') continue;
      for (const { peer, at } of step.receives) {
        const receivers = owner.get(peer)?.receivers;
        if (!receivers) continue;
        if (!receivers.has(step.exchange)) receivers.set(step.exchange, []);
        receivers.get(step.exchange)?.push({ receiver, peer, bytes: at.bytes });
      }
    }
  }
  const users = new Map<SimulatedDevice, Map<State, number>>();
  for (const [rank, state] of owner) {
    const { device } = machines[rank];
    if (!users.has(device)) users.set(device, new Map());
    users.get(device)?.set(state, (users.get(device)?.get(state) ?? 0) + 1);
  }
  for (const state of states) {
    for (const [other, ranks] of users.get(state.machine.device) ?? [])
      state.sharing.push({ state: other, ranks });
  }
  return states;
}

function enter(state: State, index: number): void {
  const step = state.plan.steps.at(index);
  state.step = index;
  state.since = state.clock.now;
  state.left = workOf(step, state.machine.device);
}

/** Seconds that a step takes of a device that nobody else uses. */
function workOf(step: PlanStep | undefined, device: SimulatedDevice): number {
  if (step?.kind === 'dispatch') return secondsOf(step, device);
  return step?.kind === 'start' ? (device.sharedSecondsPerExchange ?? 0) : 0;
}

/** Goes on to the next step where the present one is over. */
function advance(state: State, send: (state: State, step: StartStep) => void): boolean {
  const step = state.plan.steps.at(state.step);
  if (!step) return false;
  const { now } = state.clock;
  if (isWorking(state) && state.left > tinyShare(now)) return false;
  if (step.kind === 'dispatch') {
    state.spans.push({ lane: 'device', ...stepsAt(state), ...times(state.since, now) });
  } else if (step.kind === 'start') {
    send(state, step);
  } else {
    const over = overAt(state, step);
    if (over === undefined || over > now) return false;
    receive(state, step);
  }
  enter(state, state.step + 1);
  return true;
}

/** Seconds that are lost in the rounding of a time. */
function tinyShare(now: number): number {
  return 1e-12 * (1 + now);
}

/** What a rank sends, all of its group do, and each message goes to the groups whose first rank waits for it. */
function sender(machines: readonly SimulatedRank[], states: readonly State[], lines: SharedLines) {
  return (state: State, { exchange, sends }: StartStep): void => {
    const { rank, machine, clock, sent, step, receivers } = state;
    const { secondsPerExchange } = machine.device;
    // One half of it at either end.
    const ready = clock.now + secondsPerExchange / 2;
    sent.set(exchange, { at: ready, step });
    const through = lines.send(states.indexOf(state), clock.now, sends);
    for (const { receiver, peer, bytes } of receivers.get(exchange) ?? []) {
      const { line, latencySeconds } = machines[peer].linkTo(receiver.rank);
      const shared = line && through.get(line.level);
      if (line && shared === undefined)
        throw new Error(`rank ${peer} sends over its ${line.level}, and rank ${rank} of its group does not`);
      const there = shared === undefined ? receiver.clock.send(peer, bytes) : shared + latencySeconds;
      const message = { peer, sent: ready, arrives: there + secondsPerExchange };
      if (!receiver.inbox.has(exchange)) receiver.inbox.set(exchange, []);
      receiver.inbox.get(exchange)?.push(message);
    }
  };
}

/** When an exchange is over; undefined while a peer has not sent. */
function overAt({ inbox, sent }: State, { exchange, receives }: FinishStep): number | undefined {
  const messages = inbox.get(exchange) ?? [];
  if (messages.length < receives.length) return undefined;
  return messages.reduce((latest, { arrives }) => Math.max(latest, arrives), sent.get(exchange)?.at ?? 0);
}

function receive(state: State, { exchange }: FinishStep): void {
  const { spans, inbox, sent, since, clock } = state;
  const steps = { from: sent.get(exchange)?.step ?? state.step, to: state.step + 1 };
  for (const { peer, sent, arrives } of inbox.get(exchange) ?? [])
    spans.push({ lane: 'link', peer, ...steps, ...times(sent, arrives) });
  // As the executor counts it: until the own blocks have set out, it is not the exchange that is waited for.
  const waits = Math.max(since, sent.get(exchange)?.at ?? since);
  if (clock.now > waits)
    spans.push({ lane: 'link', ...stepsAt(state), ...times(waits, clock.now), exposed: true });
}

/** When something is over next, if nothing else happens before. */
function nextTime(states: readonly State[]): number | undefined {
  const times = states.flatMap((state): number[] => {
    const step = state.plan.steps.at(state.step);
    if (!step) return [];
    if (step.kind === 'finish') return [overAt(state, step) ?? []].flat();
    return [state.clock.now + state.left * sharers(state)];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}

function isWorking({ plan, step, machine }: State): boolean {
  return workOf(plan.steps.at(step), machine.device) > 0;
}

/** Ranks that have work for the device of this one. */
function sharers({ sharing }: State): number {
  return sharing.reduce((sum, { state, ranks }) => sum + (isWorking(state) ? ranks : 0), 0);
}

function stepsAt({ step }: State): Pick<Span, 'from' | 'to'> {
  return { from: step, to: step + 1 };
}

/** Milliseconds, of seconds. */
function times(begun: number, ended: number): Pick<Span, 'begun' | 'ended'> {
  return { begun: 1000 * begun, ended: 1000 * ended };
}

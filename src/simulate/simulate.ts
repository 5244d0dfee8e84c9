/**
 * A step of all ranks on machines that are described by rates. Every rank goes through its plan as the executor does:
 * it sends when everything before is done, works on meanwhile, and waits at a finish for what its peers send in that
 * exchange and for its own blocks to be sent.
 */
import { Clock, type Link } from '../plan/clock.ts';
import type { FinishStep, Plan, PlanStep, StartStep } from '../plan/plan.ts';
import type { Span, StepTrace } from '../plan/trace.ts';
import { type DeviceRates, secondsOf } from './step-seconds.ts';

export interface SimulatedDevice extends DeviceRates {
  /** From when blocks are ready on a device until they are on the line, and back at the other end. */
  readonly secondsPerExchange: number;
  /**
   * Of the device's own time, what the host takes for an exchange where both are the same cores, as with a software
   * adapter; 0 by default. Unlike the above, ranks that share the device wait for each other with it.
   */
  readonly sharedSecondsPerExchange?: number;
}

export interface SimulatedRank {
  /** Ranks that are given the same object share it: those that have work at a time get equal shares of its time. */
  readonly device: SimulatedDevice;
  readonly linkTo: (peer: number) => Link;
}

interface Message {
  readonly sent: number;
  readonly arrives: number;
}

interface State {
  readonly rank: number;
  readonly plan: Plan;
  readonly machine: SimulatedRank;
  readonly clock: Clock;
  readonly spans: Span[];
  /** Messages that were sent to it, by exchange and sender. */
  readonly inbox: Map<string, Message>;
  /** When the own blocks of an exchange are on the line, and the step that sent them. */
  readonly sent: Map<number, { readonly at: number; readonly step: number }>;
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
  const states = plans.map((plan, rank): State => {
    const machine = machines[rank];
    const clock = new Clock(machine.linkTo);
    const state = { rank, plan, machine, clock, spans: [], inbox: new Map(), sent: new Map() };
    return { ...state, step: -1, since: 0, left: 0 };
  });
  for (const state of states) enter(state, 0);
  for (;;) {
    // What is sent may be what another rank waits for.
    while (states.some(state => advance(state, states)));
    const next = nextTime(states);
    if (next === undefined) break;
    const now = states[0].clock.now;
    for (const state of states) {
      if (isWorking(state)) state.left -= (next - now) / sharers(state, states);
      state.clock.waitUntil(next);
    }
  }
  const stuck = states.find(({ step, plan }) => step < plan.steps.length);
  if (stuck) throw new Error(`rank ${stuck.rank} waits at step ${stuck.step} for what no peer sends`);
  return states.map(({ rank, spans }) => ({ plan: hashes[rank], rank, step: 0, resolution: 0, spans }));
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
function advance(state: State, states: readonly State[]): boolean {
  const step = state.plan.steps.at(state.step);
  if (!step) return false;
  const { now } = state.clock;
  if (isWorking(state) && state.left > tinyShare(now)) return false;
  if (step.kind === 'dispatch') {
    state.spans.push({ lane: 'device', ...stepsAt(state), ...times(state.since, now) });
  } else if (step.kind === 'start') {
    send(state, step, states);
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

function send(
  { rank, machine, clock, sent, step }: State,
  { exchange, sends }: StartStep,
  states: readonly State[],
) {
  const ready = clock.now + machine.device.secondsPerExchange;
  sent.set(exchange, { at: ready, step });
  for (const { peer, at } of sends) {
    const arrives = clock.send(peer, at.bytes) + machine.device.secondsPerExchange;
    states[peer].inbox.set(`${exchange} ${rank}`, { sent: ready, arrives });
  }
}

/** When an exchange is over; undefined while a peer has not sent. */
function overAt({ inbox, sent }: State, { exchange, receives }: FinishStep): number | undefined {
  const messages = receives.map(({ peer }) => inbox.get(`${exchange} ${peer}`));
  if (messages.some(message => message === undefined)) return undefined;
  return messages.reduce(
    (latest, message) => Math.max(latest, message!.arrives),
    sent.get(exchange)?.at ?? 0,
  );
}

function receive(state: State, { exchange, receives }: FinishStep): void {
  const { spans, inbox, sent, since, clock } = state;
  const steps = { from: sent.get(exchange)?.step ?? state.step, to: state.step + 1 };
  for (const { peer } of receives) {
    const message = inbox.get(`${exchange} ${peer}`)!;
    spans.push({ lane: 'link', peer, ...steps, ...times(message.sent, message.arrives) });
  }
  if (clock.now > since)
    spans.push({ lane: 'link', ...stepsAt(state), ...times(since, clock.now), exposed: true });
}

/** When something is over next, if nothing else happens before. */
function nextTime(states: readonly State[]): number | undefined {
  const times = states.flatMap((state): number[] => {
    const step = state.plan.steps.at(state.step);
    if (!step) return [];
    if (step.kind === 'finish') return [overAt(state, step) ?? []].flat();
    return [state.clock.now + state.left * sharers(state, states)];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}

function isWorking({ plan, step, machine }: State): boolean {
  return workOf(plan.steps.at(step), machine.device) > 0;
}

/** Ranks that have work for the device of this one. */
function sharers({ machine }: State, states: readonly State[]): number {
  return states.filter(other => other.machine.device === machine.device && isWorking(other)).length;
}

function stepsAt({ step }: State): Pick<Span, 'from' | 'to'> {
  return { from: step, to: step + 1 };
}

/** Milliseconds, of seconds. */
function times(begun: number, ended: number): Pick<Span, 'begun' | 'ended'> {
  return { begun: 1000 * begun, ended: 1000 * ended };
}

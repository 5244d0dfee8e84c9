/** A page without a face, which tests drive as a host or as a guest of a crew. */
import { proxy, type Remote, wrap } from 'comlink';
import type { AssembleOptions, Crew, CrewEvent, Guest, GuestEvent, RoomChoice } from '../../src/crew/api.ts';
import { joinCrew } from '../../src/crew/guest.ts';
import { createCrew } from '../../src/crew/host.ts';
import { parseInvite } from '../../src/crew/invite.ts';
import { gatherRun } from '../../src/crew/takeover.ts';
import { readSafetensors } from '../../src/io/safetensors.ts';
import type { RunError, RunEvent, SessionApi } from '../../src/session/api/api.ts';
import { openSessionWorker } from '../../src/session/api/open-worker.ts';
import type { MeshConfig, RunConfig } from '../../src/session/api/run-config.ts';

/** What a run came to. */
export interface Outcome {
  readonly losses: readonly number[];
  readonly error?: RunError;
  /** Step of the last checkpoint of it; absent where there was none. */
  readonly checkpoint?: number;
}

/** Events so far, and those to come. */
class EventLog<Event extends { readonly type: string }> {
  readonly events: Event[] = [];
  readonly #waiting = new Set<() => void>();

  add(event: Event): void {
    this.events.push(event);
    for (const check of this.#waiting) check();
  }

  until(matches: (event: Event) => boolean): Promise<Event> {
    return new Promise(resolve => {
      const check = () => {
        const found = this.events.find(matches);
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The events so far, which are forgotten. */
  take(): Event[] {
    return this.events.splice(0);
  }
}

let session: Remote<SessionApi>;
let crew: Crew;
let guest: Guest;
const runLog = new EventLog<RunEvent>();
const crewLog = new EventLog<CrewEvent>();
const guestLog = new EventLog<GuestEvent>();

async function outcomeOf(training: Promise<unknown>): Promise<Outcome> {
  await training.catch(() => undefined);
  const events = runLog.take();
  const failure = events.find(event => event.type === 'error');
  return {
    losses: events.flatMap(event => (event.type === 'metrics' ? event.losses : [])),
    error: failure?.error,
    checkpoint: events.findLast(event => event.type === 'checkpoint')?.step,
  };
}

async function becomeHost(name: string): Promise<void> {
  session = wrap<SessionApi>(openSessionWorker());
  await session.subscribe(proxy((event: RunEvent) => runLog.add(event)));
  crew = createCrew({ session, name });
  crew.subscribe(event => crewLog.add(event));
}

const crewPage = {
  /** Becomes a host that admits whoever asks. */
  async host(): Promise<void> {
    await becomeHost('The host');
    crew.admitAll(true);
  },
  /** @returns the invitation */
  open: (choice: RoomChoice) => crew.open(choice),
  /** Becomes a guest; resolves when it is admitted. */
  async join(invitation: string, name: string): Promise<void> {
    const invite = parseInvite(new URL(invitation));
    if (invite === undefined) throw new Error(`${invitation} invites to nothing`);
    guest = await joinCrew(invite, { name });
    guest.subscribe(event => guestLog.add(event));
    await guestLog.until(({ type }) => type === 'admitted');
  },
  leave: () => guest.leave(),
  /** Resolves with the step of the checkpoint of which this page keeps shards, once its host is gone. */
  async orphaned(): Promise<number> {
    const event = await guestLog.until(event => event.type === 'host-gone' && event.kept !== undefined);
    return event.type === 'host-gone' ? event.kept!.step : Number.NaN;
  },
  /** Becomes the host in place of the one that is gone, and resumes its run; resolves with the mesh and the step. */
  async takeOver() {
    const taken = await guest.takeOver();
    await becomeHost(guest.about.name);
    crew.adopt(taken);
    const saved = await gatherRun(crew, session, taken);
    const { mesh } = saved.config;
    await crew.assemble(mesh ?? { rows: 1, columns: 1, replicas: 1 });
    const { step } = await session.resume();
    return { mesh, step };
  },
  /** Trains the run to its end. */
  finish: () => outcomeOf(session.train()),
  members: () => crew.members(),
  assemble: (mesh: MeshConfig, options?: AssembleOptions) => crew.assemble(mesh, options),
  crewEvent: (type: CrewEvent['type']) => crewLog.until(event => event.type === type),
  guestEvent: (type: GuestEvent['type']) => guestLog.until(event => event.type === type),
  forget: () => [...crewLog.take(), ...guestLog.take()],
  /** Prepares a run and trains it to its end. */
  async run(config: RunConfig): Promise<Outcome> {
    return outcomeOf(session.prepare(config).then(() => session.train()));
  },
  /** Starts a run; resolves when it has saved a checkpoint and gone on from there. */
  async start(config: RunConfig): Promise<void> {
    await session.prepare(config);
    crewPage.ended = outcomeOf(session.train());
    const saved = await runLog.until(event => event.type === 'checkpoint');
    await runLog.until(event => event.type === 'metrics' && 'step' in saved && event.step > saved.step);
  },
  /** Trains a run for some steps at least, and pauses it. */
  async trainTo(config: RunConfig, step: number): Promise<Outcome> {
    await session.prepare(config);
    const outcome = outcomeOf(session.train());
    await crewPage.trained(step);
    await session.pause();
    return outcome;
  },
  /** Of the run that was started. */
  ended: undefined as Promise<Outcome> | undefined,
  /** Goes on with the run on another mesh; resolves with the step at which it went on, once one more is done. */
  async goOn(mesh: MeshConfig): Promise<number> {
    const { step } = await session.regroup(mesh);
    crewPage.ended = outcomeOf(session.train());
    await runLog.until(event => event.type === 'metrics' && event.step > step);
    return step;
  },
  /** Resolves when so many steps are done. */
  async trained(step: number): Promise<void> {
    await runLog.until(event => event.type === 'metrics' && event.step >= step);
  },
  pause: () => session.pause(),
  /** By name. */
  async parameters(): Promise<Record<string, number[]>> {
    const { tensors } = readSafetensors((await session.exportCheckpoint()).bytes);
    const parameters = [...tensors].filter(([name]) => name.startsWith('parameters/'));
    return Object.fromEntries(parameters.map(([name, { values }]) => [name, [...values]]));
  },
};

export type CrewPage = typeof crewPage;

declare global {
  interface Window {
    crewPage: CrewPage;
  }
}
window.crewPage = crewPage;

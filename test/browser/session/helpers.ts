/** A session on a real device, with its events collected, and a small data file to train it on. */
import type { Tuning } from '../../../src/parallel/tuning.ts';
import type { MapView, RunEvent, RunInfo, Score } from '../../../src/session/api/api.ts';
import type { RunConfig } from '../../../src/session/api/run-config.ts';
import { SavedRuns } from '../../../src/session/saved-runs.ts';
import { Session } from '../../../src/session/session.ts';
import { sharedGpu } from '../gpu.ts';

export interface TestSession {
  readonly session: Session;
  readonly events: RunEvent[];
  /** Resolves with the first event, past or future, that `matches`. */
  until<Type extends RunEvent['type']>(
    type: Type,
    matches?: (event: Extract<RunEvent, { type: Type }>) => boolean,
  ): Promise<Extract<RunEvent, { type: Type }>>;
}

/** All sessions of tests save in the name of one page, as of one that is loaded again. */
const page = 'test';

/**
 * @param tuning in place of that of users, which leaves software adapters alone
 * @param open a device that can be lost, in place of the one that all sessions share
 */
export async function testSession(tuning?: Tuning, open = sharedGpu): Promise<TestSession> {
  const session = new Session(open, new SavedRuns(page), tuning);
  const events: RunEvent[] = [];
  const waiting = new Set<() => void>();
  await session.subscribe(event => {
    events.push(event);
    for (const check of waiting) check();
  });
  return {
    session,
    events,
    until: (type, matches = () => true) =>
      new Promise(resolve => {
        const check = () => {
          const found = events.find(event => event.type === type && matches(event as never));
          if (!found) return;
          waiting.delete(check);
          resolve(found as never);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** The fields that a run forecasts, by name. */
export function channelsOf({ views }: RunInfo): string[] {
  return views.flatMap(view => (view.kind === 'map' ? view.channels.map(({ name }) => name) : []));
}

/** The forecast from the first test start. */
export async function mapOf(session: Session, channel: number, steps: number): Promise<MapView> {
  const view = await session.view('forecast', { sample: 0, channel, steps });
  if (view.kind !== 'map') throw new Error(`the view of a forecast is of kind ${view.kind}`);
  return view;
}

export function baseline({ baselines }: Score, name: string): number {
  const found = baselines.find(other => other.name === name);
  if (!found) throw new Error(`the score has no baseline ${name}`);
  return found.value;
}

/** Forgets the runs of test sessions and those of pages that are closed. */
export const forgetRuns = () => new SavedRuns(page).forget();

/** Thirty days of the embedded atmosphere and the smallest preset: each step takes a fraction of a second. */
export const smallRun: RunConfig = {
  data: { kind: 'embedded', days: 30, seed: 1 },
  preset: 'tiny',
  steps: 12,
  seed: 3,
  overrides: { width: 8, blocks: 1, batch: 2 },
  checkpointSeconds: 1e9,
};

/** The loss of every step that the session told of, by step. */
export const lossesOf = ({ events }: TestSession) => {
  const losses = new Map<number, number>();
  for (const event of events) {
    if (event.type !== 'metrics') continue;
    event.losses.forEach((loss, i) => {
      losses.set(event.step - event.losses.length + 1 + i, loss);
    });
  }
  return losses;
};

/** The checkpoint with all its values NaN. */
export function spoiled(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const header = Number(new DataView(copy.buffer).getBigUint64(0, true));
  copy.fill(0xff, 8 + header);
  return copy;
}

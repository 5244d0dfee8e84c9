/** A run goes on without its host: what a guest's page does first when it has become the host itself. */
import type { SavedRun } from '../session/api/api.ts';
import { count } from '../show/format.ts';
import { showAlert } from './alerts.ts';
import type { DataSource } from './data-source.ts';
import { needsData, showResumeBanner } from './resume-banner.ts';

export interface TakenRun {
  /** Puts the checkpoint together and saves it as the run of this browser. */
  readonly gather: () => Promise<SavedRun>;
  /** Makes the saved run ready to go on; data that a page may not open unasked must be given. */
  readonly takeUp: (data: DataSource | undefined) => Promise<boolean>;
  /** The user trains something else instead. */
  readonly discard: () => void;
  readonly say: (status: 'preparing' | 'idle', hint: string) => void;
}

/** Takes up the run of the host that is gone, or says what is missing, to look again when other pages have come. */
export async function takeUpRun(taken: TakenRun): Promise<void> {
  const { gather, takeUp, discard, say } = taken;
  const topic = 'takeover';
  say('preparing', 'Asking the pages that are left for their parts of the checkpoint');
  let saved: SavedRun;
  try {
    saved = await gather();
  } catch (cause) {
    say('idle', 'Look again when other pages have come, or train a new run');
    showAlert({
      topic,
      kind: 'error',
      title: 'This page is the host now, but the run cannot go on yet',
      message: (cause as Error).message,
      actions: [{ label: 'Look again', run: () => void takeUpRun(taken) }],
    });
    return;
  }
  showAlert({
    topic,
    kind: 'notice',
    title: 'This page is the host now',
    message: `The run of the host before goes on from step ${count(saved.step)} of ${count(saved.steps)} when you press Resume. Whoever has the link can join as before.`,
  });
  if (!needsData(saved)) {
    void takeUp(undefined);
    return;
  }
  say('idle', 'Give the run its data again above, or train a new one');
  showResumeBanner(saved, { onResume: takeUp, onDiscard: discard });
}

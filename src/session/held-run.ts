/** The newest checkpoint in memory alone: of runs that nobody goes on with, such as those of a study, which are told by their rows. */
import { RunFailure } from './errors.ts';
import { type KeptRun, type RunStore, savedRunOf } from './saved-runs.ts';

/** What other pages or earlier ones have saved is neither offered nor replaced. */
export function heldRun(): RunStore {
  let held: KeptRun | undefined;
  const hold: RunStore['hold'] = (info, config, bytes) => {
    const saved = savedRunOf(info, config);
    held = { saved, bytes };
    return saved;
  };
  return {
    hold,
    save: async (info, config, bytes) => hold(info, config, bytes),
    newest: async () => held?.saved,
    async take() {
      if (held) return held;
      throw new RunFailure('bad-checkpoint', 'There is no saved run in this session.', false);
    },
    async forget() {
      held = undefined;
    },
  };
}

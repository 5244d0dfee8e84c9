/** The data of a forecast on any rank but the first: see `RankPart` and `supply.ts`. */
import { isBoxed, wholeChoice } from '../../data/choice/choice.ts';
import { openBoxed } from '../../data/open-boxed.ts';
import { DataError } from '../../io/data-error.ts';
import type { RankPart } from '../task.ts';
import { createHeldReading } from './held-part.ts';
import { readPart } from './rank-reading.ts';
import type { ForecastTypes } from './types.ts';

export function createRankPart(): RankPart<ForecastTypes> {
  const held = createHeldReading();
  return {
    async measure({ choice: told, options, ...order }, given) {
      const read = async () => {
        const choice = wholeChoice(told, given);
        if (!choice || !isBoxed(choice)) throw new DataError('the files were chosen in another page.');
        const { box, memory } = order;
        return readPart({ choice, source: await openBoxed(choice), options, box, memory });
      };
      try {
        return await held.measure(order, read);
      } catch (error) {
        if (error instanceof DataError) return { unreadable: error.message };
        throw error;
      }
    },
    async shardOf(command) {
      if ('shared' in command) return held.shardOf(command.shared);
      if ('given' in command) {
        held.keep(command.given);
        return command.given.shard;
      }
      held.forget();
      return command.shard;
    },
    forget: held.forget,
  };
}

/** Images on any rank but the first: see `RankPart` and `supply.ts`. */
import { wholeChoice } from '../../data/choice/choice.ts';
import type { ImageSource } from '../../data/images/image-source.ts';
import { DataError } from '../../io/data-error.ts';
import type { RankPart } from '../task.ts';
import { openSource } from './open-source.ts';
import type { ClassifyOptions } from './options.ts';
import type { ClassifyTypes } from './types.ts';

export function createRankPart(): RankPart<ClassifyTypes> {
  let opened: { readonly source: ImageSource; readonly options: ClassifyOptions } | undefined;
  return {
    async measure({ choice: told, options }, given) {
      try {
        const choice = wholeChoice(told, given);
        if (!choice) throw new DataError('the files were chosen in another page');
        const source = await openSource(choice, options);
        opened = { source, options };
        return { images: source.labels.length, classes: source.classes };
      } catch (error) {
        if (error instanceof DataError) return { unreadable: error.message };
        throw error;
      }
    },
    async shardOf(command) {
      if ('shard' in command) {
        opened = undefined;
        return command.shard;
      }
      if (!opened) throw new Error('it has not opened the images');
      const { source, options } = opened;
      const { channels, height, width } = source;
      return {
        ...command,
        source,
        format: { channels, height, width },
        augmentation: options.augmentation,
      };
    },
    forget() {
      opened = undefined;
    },
  };
}

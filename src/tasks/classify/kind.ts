/** Classification as a kind of task: see `tasks/task.ts`. */
import type { TaskKind } from '../task.ts';
import { plannedClassify } from './frame.ts';
import { classifyOutline } from './outline.ts';
import type { ClassifyTypes } from './types.ts';

let loaded: typeof import('./work.ts') | undefined;

function work() {
  if (!loaded) throw new Error('the classification has not been loaded');
  return loaded;
}

export const classifyKind: TaskKind<ClassifyTypes> = {
  ...classifyOutline,
  async load() {
    loaded ??= await import('./work.ts');
  },
  open: (choice, options, context) => work().openClassify(choice, options, context),
  plannedFrame: plannedClassify,
  createPart: async () => (await import('./rank-part.ts')).createRankPart(),
  openShard: shard => work().openShard(shard),
  loss: (apply, inputs, mode, frame, share) => work().loss(apply, inputs, mode, frame, share),
};

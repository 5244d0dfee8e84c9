/** What a job is built with, where that is loaded on demand: see `ModelKind.load`. */
import { modelKind, modelKinds } from '../models/index.ts';
import { taskKind, taskKinds } from '../tasks/index.ts';

/**
 * To be waited for before a plan of such a job is compiled, or its data are opened.
 *
 * @param model names of the kinds, such as `resnet` and `classify`
 * @throws ConfigError where there is no such kind
 */
export async function loadKinds(model: string, task: string): Promise<void> {
  await Promise.all([modelKind(model).load?.(), taskKind(task).load?.()]);
}

/** For whoever cannot say beforehand what is to be compiled, and has all of it at hand. */
export async function loadAllKinds(): Promise<void> {
  await Promise.all([...modelKinds, ...taskKinds].map(kind => kind.load?.()));
}

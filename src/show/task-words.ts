/** What is said of a kind of task in words of its own; of a kind without any, what is true of all. */
import type { ViewSpec } from '../session/api/api.ts';

export interface TaskWords {
  /** What its models are for. */
  readonly purpose: string;
  /** Title of the scores while a run trains. */
  readonly scores: string;
  /** What a score may be of several of. */
  readonly thing: string;
  /** The number that training lowers. */
  readonly loss: string;
  /** What a step does. */
  readonly step: string;
  /** Which data the test part is. */
  readonly testPart: string;
  /** Kinds of views that it has, as far as is known before a run is prepared. */
  readonly views: readonly ViewSpec['kind'][];
}

const known: Readonly<Record<string, TaskWords>> = {
  forecast: {
    purpose: 'weather forecasts',
    scores: 'Skill',
    thing: 'Channel',
    loss: "The weighted mean squared error that training lowers, in units of each field's own variance. The bold line smooths the faint one.",
    step: 'One step shows the model a small batch of past weather and corrects it a little.',
    testPart: 'The test part is the end of the record, which training never sees.',
    views: ['rollout'],
  },
  classify: {
    purpose: 'telling images apart',
    scores: 'Accuracy',
    thing: 'Class',
    loss: 'The cross-entropy that training lowers: how surprised the model is by the right class, 0 where it is certain and right. The bold line smooths the faint one.',
    step: 'One step shows the model a small batch of images with their classes and corrects it a little.',
    testPart: 'The test part is images that training never sees.',
    views: ['images', 'table', 'filters'],
  },
};

const ofAny: TaskWords = {
  purpose: 'other data',
  scores: 'Scores',
  thing: 'Of',
  loss: 'What training lowers: how far the model is from what it should give. The bold line smooths the faint one.',
  step: 'One step shows the model a small batch of samples and corrects it a little.',
  testPart: 'Training never sees the test part.',
  views: [],
};

/** @param kind of the task: see `tasks/index.ts` */
export const taskWords = (kind: string): TaskWords => (Object.hasOwn(known, kind) ? known[kind] : ofAny);

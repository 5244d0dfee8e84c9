/** What page and terminal say of a kind of task in words of its own; of a kind without any, what is true of all. */

export interface TaskWords {
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
}

const known: Readonly<Record<string, TaskWords>> = {
  forecast: {
    scores: 'Skill',
    thing: 'Channel',
    loss: "The weighted mean squared error that training lowers, in units of each field's own variance.",
    step: 'One step shows the model a small batch of past weather and corrects it a little.',
    testPart: 'The test part is the end of the record, which training never sees.',
  },
};

const ofAny: TaskWords = {
  scores: 'Scores',
  thing: 'Of',
  loss: 'What training lowers: how far the model is from what it should give.',
  step: 'One step shows the model a small batch of samples and corrects it a little.',
  testPart: 'Training never sees the test part.',
};

/** @param kind of the task: see `tasks/index.ts` */
export const taskWords = (kind: string): TaskWords => (Object.hasOwn(known, kind) ? known[kind] : ofAny);

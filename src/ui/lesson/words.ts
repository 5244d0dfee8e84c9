/** Words of the lessons' view. What the lessons say is in `texts/`. */
import type { Asked } from './expression.ts';
import type { Lesson } from './format.ts';

export const words = {
  list: 'Lessons',
  intro:
    'Short lessons on the run of your own machine. You predict, you press, and what the run measures is the answer.',
  all: 'All lessons',
  skip: 'Skip, I know this',
  next: 'Next',
  back: 'Back',
  finish: 'Done: to the list',
  nextLesson: 'Done: next lesson',
  done: 'done',
  forget: 'Forget my progress',
  kept: 'What you have read and predicted is kept in this browser only.',
  forgotten: 'Your progress is forgotten.',
  predict: 'Predict first',
  notYet: 'not measured yet',
  yourMachine: 'Measured on your machine',
  fromPlan: 'Read off the plan that your machine would run',
  right: 'As you said.',
  handout: 'Measured:',
} as const;

export const lessonLine = ({ minutes, needs }: Lesson) => `${minutes} minutes. You need ${needs}.`;

export const pageLine = (page: number, pages: number) => `Page ${page + 1} of ${pages}`;

export const progressLine = (page: number, pages: number, isDone: boolean) =>
  isDone ? words.done : `page ${page + 1} of ${pages}`;

export const youSaid = (said: string, right: string) => `You said: ${said}. The run says: ${right}.`;

/** `speed with 1x2`. */
export function askedText({ measure, argument, place }: Asked): string {
  const of = argument ? `${measure.label} ${argument}` : measure.label;
  if (place === undefined || measure.isOfAll) return of;
  const [shape, ...beside] = place.split('-');
  const [, copies] = /^1x1x(\d+)$/.exec(shape) ?? [];
  const where = shape === '1x1' ? 'on one rank' : copies ? `with ${copies} copies` : `with ${shape}`;
  return [`${of} ${where}`, ...beside.map(word => besideWords[word] ?? word)].join(', ');
}

const besideWords: Readonly<Record<string, string>> = {
  waits: 'overlap off',
  recompute: 'activations computed again',
  cable: 'over a cable',
  wifi: 'over Wi-Fi',
  far: 'over a far link',
};

/** What a question still lacks: the reader may read on, or press what gives it. */
export const lacking = (asked: readonly Asked[]) =>
  `Your prediction is kept. The run has not said yet: ${asked.map(askedText).join('; ')}. Press the buttons of this page.`;

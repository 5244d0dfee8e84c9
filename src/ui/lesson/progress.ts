/** How far the reader is in the lessons: pages seen, predictions made. It is kept in this browser and goes nowhere. */

export interface LessonProgress {
  /** The page that was read last, from 0. */
  readonly page: number;
  readonly isDone: boolean;
  /** The choice by the number of the question. */
  readonly predictions: Readonly<Record<string, number>>;
}

/** By the number of the lesson. */
export type Progress = Readonly<Record<string, LessonProgress>>;

export const noProgress: LessonProgress = { page: 0, isDone: false, predictions: {} };

const key = 'isobar-lessons';

/** What is kept; nothing where it cannot be read, or is none. */
export function readProgress(storage: Pick<Storage, 'getItem'> | undefined): Progress {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(key) ?? '{}');
    if (!isRecord(kept)) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, LessonProgress] => isProgress(entry[1])),
    );
  } catch {
    return {};
  }
}

/** A browser that keeps nothing, or has no room, is no reason to stop reading. */
export function keepProgress(
  storage: Pick<Storage, 'setItem' | 'removeItem'> | undefined,
  progress: Progress,
): void {
  try {
    if (Object.keys(progress).length === 0) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(progress));
  } catch {
    // Progress is of this visit only.
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPlace = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

const isProgress = (value: unknown): value is LessonProgress =>
  isRecord(value) &&
  isPlace(value.page) &&
  typeof value.isDone === 'boolean' &&
  isRecord(value.predictions) &&
  Object.values(value.predictions).every(isPlace);

export const changed = (progress: Progress, lesson: number, change: Partial<LessonProgress>): Progress => ({
  ...progress,
  [lesson]: { ...(progress[lesson] ?? noProgress), ...change },
});

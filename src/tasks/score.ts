/**
 * How good a model is at its task, as numbers with words: page, terminal, report and tables show these, whatever the
 * task is. Can be structured-cloned.
 */

/** What a score is of, without its number. */
export interface ScoreHead {
  /** In tables and files: `rmse`. */
  readonly metric: string;
  /** For people: `RMSE`. */
  readonly label: string;
  /** A UDUNITS string, or `%`; `1` for a number without units. */
  readonly units: string;
  readonly better: 'lower' | 'higher' | 'nearer-zero';
  /** The one that a schedule goes by and a page shows first, among those of the same `of` and `at`. */
  readonly main: boolean;
  /** Which of several things that the model gives, such as a channel; absent where there is one. */
  readonly of?: { readonly name: string; readonly label: string };
  /** How far off: the lead time of a forecast. Absent where there is no such thing. */
  readonly at?: { readonly axis: string; readonly units: string; readonly value: number };
  /** What is easily reached without a model, by name: `persistence`. */
  readonly baselines: readonly string[];
}

export interface Score extends Omit<ScoreHead, 'baselines'> {
  readonly value: number;
  readonly baselines: readonly { readonly name: string; readonly value: number }[];
}

/** The scores of one thing at one distance. */
export interface ScoreGroup {
  readonly of: Score['of'];
  readonly at: Score['at'];
  readonly main: Score;
  readonly others: readonly Score[];
}

/** In the order in which they come. */
export function scoreGroups(scores: readonly Score[]): ScoreGroup[] {
  const groups = new Map<string, Score[]>();
  for (const score of scores) {
    const key = JSON.stringify([score.of?.name, score.at?.value]);
    groups.set(key, [...(groups.get(key) ?? []), score]);
  }
  return [...groups.values()].flatMap(all => {
    const main = all.find(score => score.main);
    return main ? [{ of: main.of, at: main.at, main, others: all.filter(score => score !== main) }] : [];
  });
}

/**
 * One number of all main scores together, lower for a better model: the mean of each over its first baseline, or of its
 * negative where higher is better. Undefined where there is none.
 */
export function demeritOf(scores: readonly Score[]): number | undefined {
  const main = scores.filter(score => score.main);
  if (main.length === 0) return undefined;
  const sum = main.reduce((total, { value, better, baselines }) => {
    if (better === 'higher') return total - value;
    return total + (baselines.length > 0 ? value / baselines[0].value : value);
  }, 0);
  return sum / main.length;
}

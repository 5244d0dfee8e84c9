/** Scores of any task as a table: for the terminal and for the report. */
import { type Score, scoreGroups } from '../session/api/api.ts';
import { capital } from './score-words.ts';
import { againstBaseline, atText, scoreText, signedPercent } from './scores.ts';
import { taskWords } from './task-words.ts';

export interface ScoreTable {
  readonly head: readonly string[];
  /** One for what is scored, at every distance. */
  readonly rows: readonly (readonly string[])[];
}

type Group = ReturnType<typeof scoreGroups>[number];

interface Column {
  readonly title: string;
  readonly cell: (group: Group) => string | undefined;
}

/**
 * A main score stands beside what it is held against; columns that no row has are left out.
 *
 * @param task kind of the task
 */
export function scoreTable(scores: readonly Score[], task: string): ScoreTable {
  const groups = scoreGroups(scores);
  const mains = groups.map(({ main }) => main);
  const columns = [
    { title: taskWords(task).thing, cell: ({ of }: Group) => of?.name },
    { title: capital(groups.find(({ at }) => at)?.at?.axis ?? ''), cell: ({ at }: Group) => atText(at) },
    ...metricColumns(mains),
    ...unique(mains.flatMap(({ baselines }) => baselines.map(({ name }) => name))).map(baselineColumn),
    ...unique(mains.flatMap(({ baselines: [first] }) => first?.name ?? [])).map(againstColumn),
    ...metricColumns(groups.flatMap(({ others }) => others)),
  ].filter(({ cell }) => groups.some(group => cell(group)));
  return {
    head: columns.map(({ title }) => title),
    rows: groups.map(group => columns.map(({ cell }) => cell(group) ?? '')),
  };
}

function metricColumns(scores: readonly Score[]): Column[] {
  return unique(scores.map(({ metric }) => metric)).map(metric => ({
    title: scores.find(score => score.metric === metric)!.label,
    cell: ({ main, others }) => {
      const score = [main, ...others].find(score => score.metric === metric);
      return score && scoreText(score);
    },
  }));
}

const baselineColumn = (baseline: string): Column => ({
  title: capital(baseline),
  cell: ({ main: { baselines, units } }) => {
    const found = baselines.find(({ name }) => name === baseline);
    return found && scoreText({ value: found.value, units });
  },
});

const againstColumn = (baseline: string): Column => ({
  title: `Against ${baseline}`,
  cell: ({ main }) => {
    const change = main.baselines[0]?.name === baseline ? againstBaseline(main) : undefined;
    return change === undefined ? undefined : signedPercent(change);
  },
});

const unique = (names: readonly string[]) => [...new Set(names)];

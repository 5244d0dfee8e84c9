import type { Page } from 'playwright-core';
import type { RunInfo, RunResult, Score } from '../session/api/api.ts';
import { reportHtml } from '../show/report.ts';
import { shownViews } from '../show/report-views.ts';
import { type ScoredStep, scoresCsv } from '../show/scores-csv.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import { type RunPaths, readEvents, readTable, replaceFile } from './output-folder.ts';
import { reportPens } from './report-pens.ts';
import type { RunEnergy } from './run-energy.ts';

/**
 * Asks the page for what the task has to show of the test part and writes `report.html`; and `scores.csv`, with the scores
 * of the validation part that were taken on the way.
 */
export async function writeReport(
  run: RunPaths,
  settings: TrainSettings,
  info: RunInfo,
  result: RunResult,
  energy: RunEnergy,
  page: Page,
): Promise<void> {
  const views = await shownViews(info, (name, choice) =>
    answerOf(page.evaluate(([name, what]) => window.isobar.view(name, what), [name, choice] as const)),
  );
  const { rows = [] } = (await readTable(run)) ?? {};
  const took = { energy: energy.summary(settings.steps), power: energy.points };
  await replaceFile(run.scores, scoresCsv(await scoredSteps(run)));
  await replaceFile(run.report, reportHtml({ settings, info, result, rows, views, ...took }, reportPens));
}

/** The scores among the events, of a part once a step. */
async function scoredSteps(run: RunPaths): Promise<ScoredStep[]> {
  const events = await readEvents(run.events);
  const found = events.flatMap(event =>
    event.type === 'scores' ? [{ ...event, scores: event.scores.map(known) }] : [],
  );
  // Of a run that went on, the last that was told of a step.
  return [...new Map(found.map(event => [`${event.part} ${event.step}`, event])).values()];
}

/** JSON has no word for what is no number. */
function known(score: Score): Score {
  const number = (value: number | null) => value ?? Number.NaN;
  const baselines = score.baselines.map(({ name, value }) => ({ name, value: number(value) }));
  return { ...score, value: number(score.value), baselines };
}

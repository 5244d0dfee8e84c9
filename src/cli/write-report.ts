import type { Page } from 'playwright-core';
import type { RunInfo, RunResult } from '../session/api/api.ts';
import { reportHtml } from '../show/report.ts';
import { shownViews } from '../show/report-views.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import { type RunPaths, readTable, replaceFile } from './output-folder.ts';
import { reportPens } from './report-pens.ts';
import type { RunEnergy } from './run-energy.ts';

/** Asks the page for what the task has to show of the test part and writes `report.html`. */
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
  await replaceFile(run.report, reportHtml({ settings, info, result, rows, views, ...took }, reportPens));
}

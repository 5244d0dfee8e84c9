import type { Page } from 'playwright-core';
import type { RunInfo, RunResult } from '../session/api/api.ts';
import { reportHtml } from '../show/report.ts';
import type { PngText } from '../show/report-map.ts';
import { reportChoices, type ShownView } from '../show/report-views.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import { type RunPaths, readTable, replaceFile } from './output-folder.ts';
import { encodePng } from './png.ts';

const pngText: PngText = (pixels, width, height) => encodePng(pixels, width, height).toString('base64');

/** Asks the page for what the task has to show of the test part and writes `report.html`. */
export async function writeReport(
  run: RunPaths,
  settings: TrainSettings,
  info: RunInfo,
  result: RunResult,
  page: Page,
): Promise<void> {
  const views: ShownView[] = [];
  for (const spec of info.samples.test > 0 ? info.views : []) {
    for (const choice of reportChoices(spec)) {
      const asked = page.evaluate(([name, what]) => window.isobar.view(name, what), [
        spec.name,
        choice,
      ] as const);
      views.push({ spec, view: await answerOf(asked) });
    }
  }
  const { rows = [] } = (await readTable(run)) ?? {};
  await replaceFile(run.report, reportHtml({ settings, info, result, rows, views }, pngText));
}

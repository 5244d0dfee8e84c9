import type { Page } from 'playwright-core';
import type { ForecastMap, RunInfo, RunResult } from '../session/api/api.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import { type RunPaths, readTable, replaceFile } from './output-folder.ts';
import { reportHtml } from './report.ts';

/** Channels shown as maps: a report of dozens would be too long to read. */
const maxMaps = 6;

/** Asks the page for forecasts from the middle of the test part and writes `report.html`. */
export async function writeReport(
  run: RunPaths,
  settings: TrainSettings,
  info: RunInfo,
  result: RunResult,
  page: Page,
): Promise<void> {
  const sample = Math.floor(info.samples.test / 2);
  const channels = info.samples.test === 0 ? 0 : Math.min(maxMaps, info.channels.length);
  const maps: ForecastMap[] = [];
  for (let channel = 0; channel < channels; channel++) {
    maps.push(await answerOf(page.evaluate(([s, c]) => window.isobar.forecast(s, c, 1), [sample, channel])));
  }
  const { rows = [] } = (await readTable(run)) ?? {};
  await replaceFile(run.report, reportHtml({ settings, info, result, rows, maps }));
}

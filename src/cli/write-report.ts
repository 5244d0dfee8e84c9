import type { Page } from 'playwright-core';
import type { RunInfo, RunResult, ViewChoice, ViewSpec } from '../session/api/api.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import { type RunPaths, readTable, replaceFile } from './output-folder.ts';
import { reportHtml } from './report.ts';
import type { ShownView } from './report-views.ts';
import type { RunEnergy } from './run-energy.ts';

/** More maps or images would make a report too long to read. */
const maxMaps = 6;
const maxImages = 24;

/** Asks the page for what the task has to show of the test part and writes `report.html`. */
export async function writeReport(
  run: RunPaths,
  settings: TrainSettings,
  info: RunInfo,
  result: RunResult,
  energy: RunEnergy,
  page: Page,
): Promise<void> {
  const views: ShownView[] = [];
  for (const spec of info.samples.test > 0 ? info.views : []) {
    for (const choice of choicesOf(spec)) {
      const asked = page.evaluate(([name, what]) => window.isobar.view(name, what), [
        spec.name,
        choice,
      ] as const);
      views.push({ spec, view: await answerOf(asked) });
    }
  }
  const { rows = [] } = (await readTable(run)) ?? {};
  await replaceFile(
    run.report,
    reportHtml({
      settings,
      info,
      result,
      rows,
      views,
      energy: energy.summary(settings.steps),
      power: energy.points,
    }),
  );
}

/** Maps from the middle of the test part, images from its beginning. */
function choicesOf(spec: ViewSpec): ViewChoice[] {
  switch (spec.kind) {
    case 'map': {
      const sample = Math.floor(spec.starts / 2);
      return spec.channels.slice(0, maxMaps).map((_, channel) => ({ sample, channel, steps: 1 }));
    }
    case 'images':
      return [{ from: 0, count: Math.min(maxImages, spec.images) }];
    case 'table':
    case 'filters':
      return [{}];
    case 'rollout':
      // To run through; what a report shows of it are the maps.
      return [];
  }
}

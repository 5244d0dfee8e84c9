/** The words of what can be taken away of a run. */
import type { RunInfo } from '../../session/api/api.ts';
import { count } from '../../show/format.ts';
import type { KeptTable } from './run-table.ts';

export const words = {
  open: 'Take results away',
  title: 'Results to take away',
  close: 'Close',
  report: 'Report',
  reportWords: 'Curves, scores and forecasts in one file, as npm run train writes it; any browser opens it.',
  testFirst: 'The test part is scored for it first.',
  metrics: 'Every step',
  metricsWords:
    'A row a step: loss, learning rate, gradient norm, speed; scores on the validation part beside them.',
  scores: 'Scores',
  scoresWords: 'A row a score, beside what it is held against.',
  forecasts: 'Forecasts',
  forecastsWords:
    'Fields from the starts that the test scores are of, by initial time and lead, in the units of the data: for xarray and the like.',
  settings: 'Settings',
  settingsWords: 'What decides this run: preset, seed, mesh, data.',
  maps: 'Maps',
  mapsWords: 'Forecast, truth and difference as they are shown now.',
  nothing: 'none yet',
  failed: 'The file could not be made',
  noRoom: (size: string) =>
    `the browser has no room for ${size}. Make room on the disk, or write it there with npm run forecast.`,
};

/** What the files are of. */
export function aboutWords({ info, table, every, from }: KeptTable, isRecorded: boolean): string {
  const last = table.rows.at(-1)?.step ?? info.step;
  const where = `Of the ${isRecorded ? 'recorded ' : ''}run ${runWords(info)}, after ${count(last)} of ${count(info.config.steps)} steps.`;
  return [where, ...limits({ every, from }, isRecorded)].join(' ');
}

const runWords = ({ model, config }: RunInfo) => `${model} (${config.preset}, seed ${config.seed})`;

function limits({ every, from }: Pick<KeptTable, 'every' | 'from'>, isRecorded: boolean): string[] {
  return [
    ...(from > 0
      ? [`The steps up to ${count(from)} were trained before this page was opened, and are not in the files.`]
      : []),
    ...(every > 1
      ? [
          isRecorded
            ? `A recording keeps fewer losses: a row is the mean of about ${count(every)} steps.`
            : `The run is so long that one step in ${count(every)} has its row.`,
        ]
      : []),
  ];
}

export const makingWords = (name: string) => `Making ${name} …`;
export const savedWords = (name: string, size: string) => `${name}, ${size}`;

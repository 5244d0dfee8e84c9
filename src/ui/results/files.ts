/** What can be taken away of a run, as files: which there are, and how each is made when it is asked for. */
import { bareChoice } from '../../data/choice/choice.ts';
import { meshName } from '../../mesh/mesh.ts';
import type { RunInfo, RunResult } from '../../session/api/api.ts';
import { chartFigure } from '../../show/chart-figure.ts';
import { type FieldsPicture, fieldsFigure } from '../../show/fields-figure.ts';
import type { Figure } from '../../show/figure.ts';
import { tableText } from '../../show/metrics-table.ts';
import { lossChart, reportHtml } from '../../show/report.ts';
import type { ReportPens } from '../../show/report-map.ts';
import type { ShownView } from '../../show/report-views.ts';
import { distanceCharts, validationCharts } from '../../show/score-charts.ts';
import { scoresCsv } from '../../show/scores-csv.ts';
import type { KeptTable } from './run-table.ts';

/** A run that something can be taken away of: that of the page, or one that is recorded. */
export interface ResultSource extends KeptTable {
  readonly isRecorded: boolean;
  /** What it came to; where the test part is not scored yet, it is scored now. */
  result(): Promise<RunResult>;
  /** What the report shows of the test part. */
  views(): Promise<readonly ShownView[]>;
  /** Forecasts from the starts that the test scores are of, as NetCDF; absent where nothing is forecast, or it is recorded. */
  forecasts?(): Promise<Blob>;
  /** The maps as they are shown now, if there are any. */
  maps(): FieldsPicture | undefined;
}

export interface TextFile {
  readonly type: string;
  readonly text: string;
}

/** `isobar-tiny-2x2-seed-3`: what the names of its files begin with. */
export const runName = ({ config: { preset, mesh, seed } }: Pick<RunInfo, 'config'>) =>
  `isobar-${preset}-${mesh ? meshName(mesh) : '1x1'}-seed-${seed}`;

/** The same file as the terminal's, from the same numbers. */
export async function reportFile(source: ResultSource, pens: ReportPens): Promise<TextFile> {
  const { info, table } = source;
  const result = await source.result();
  const views = await source.views();
  return {
    type: 'text/html',
    text: reportHtml({ settings: info.config, info, result, rows: table.rows, views }, pens),
  };
}

export const metricsFile = ({ table }: KeptTable): TextFile => ({ type: 'text/csv', text: tableText(table) });

export const scoresFile = ({ scored }: KeptTable): TextFile => ({
  type: 'text/csv',
  text: scoresCsv(scored),
});

/** What decides the run, without files and folders, which are the user's. */
export function configFile({ info: { config } }: Pick<KeptTable, 'info'>): TextFile {
  const { trace, data, ...rest } = config;
  return {
    type: 'application/json',
    text: `${JSON.stringify({ ...rest, data: bareChoice(data) }, null, 2)}\n`,
  };
}

/** The curves that there are: the loss, the scores by step, and by how far off they are. */
export function curveFigures({ info, table, scored }: KeptTable): Figure[] {
  const test = scored.filter(({ part }) => part === 'test').at(-1)?.scores ?? [];
  return [lossChart(table.rows), ...validationCharts(table.rows, info), ...distanceCharts(test)].flatMap(
    chart => chartFigure(chart) ?? [],
  );
}

/** The maps that are shown, with isobars. */
export function mapsFigure(source: ResultSource, coast: ReportPens['coast']): Figure | undefined {
  const maps = source.maps();
  return maps && fieldsFigure(maps, coast);
}

/** As the name of a file: letters, digits and hyphens. */
export const nameOfTitle = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

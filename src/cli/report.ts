/** The report of a run: one HTML file without scripts, with curves, scores and maps. */
import { schemeTableau10 } from 'd3-scale-chromatic';
import { meshName } from '../mesh/mesh.ts';
import type { ForecastMap, RunInfo, RunResult, SkillRow } from '../session/api/api.ts';
import { bytes, count, fieldNumber, leadTime, metric, prettyUnits, unitSpace } from '../show/format.ts';
import { type Chart, escapeHtml, lineChart, type Series } from '../show/svg-chart.ts';
import type { TrainSettings } from './arguments.ts';
import { type Row, scoreColumns } from './metrics-table.ts';
import { rankHead, rankRows } from './rank-table.ts';
import { forecastFigure } from './report-map.ts';

export interface ReportContent {
  readonly settings: TrainSettings;
  readonly info: RunInfo;
  readonly result: RunResult;
  /** Of the run's table. */
  readonly rows: readonly Row[];
  readonly maps: readonly ForecastMap[];
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1320px; margin: 2rem auto; padding: 0 1rem; color: #1c2530; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; }
svg { max-width: 640px; width: 100%; display: block; } svg text { font-size: 11px; fill: #445; }
svg .title { font-size: 12px; font-weight: 600; } svg .grid { stroke: #e3e7ec; } svg .level { stroke: #888; stroke-dasharray: 4 3; }
svg .coast { fill: none; stroke: #000; stroke-width: 0.8; opacity: 0.7; }
.charts > div { flex: 1 1 480px; max-width: 640px; } .charts, figure { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; } figcaption { width: 100%; font-weight: 600; }
svg.map { width: 310px; } .legend { font-size: 12px; margin: 0; }
.notice { background: #fff4d6; padding: 0.5rem 0.8rem; border-radius: 6px; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid #e3e7ec; text-align: right; }
th:first-child, td:first-child { text-align: left; }
`;

/** The whole file. */
export function reportHtml(content: ReportContent): string {
  const { settings, info, result } = content;
  const title = `Isobar: ${settings.preset}, seed ${settings.seed}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(info.source)}</p>
${info.synthetic ? '<p class="notice">The data are of a model atmosphere, not observations.</p>' : ''}
${table(['Run', ''], facts(content))}
<h2>Training</h2>
<div class="charts">${trainingCharts(content)
    .map(chart => `<div>${lineChart(chart)}</div>`)
    .join('\n')}</div>
<h2>Scores on the test part</h2>
${skillTable(result.skill)}
<div class="charts">${leadCharts(result.skill)
    .map(chart => `<div>${lineChart(chart)}</div>`)
    .join('\n')}</div>
${rankSection(content)}
${content.maps.length === 0 ? '' : '<h2>Forecasts</h2>'}
${content.maps.map(map => forecastFigure(map, info.latitude, info.longitude)).join('\n')}
</body>
</html>
`;
}

function facts({ settings, info, result }: ReportContent): string[][] {
  const { train, validation, test } = info.samples;
  const { vendor, architecture, description, software } = info.adapter;
  return [
    [
      'Model',
      `${result.model}, ${[`${count(result.parameters)} parameters`, ...info.facts.map(({ label, value }) => `${label.toLowerCase()} ${value}`)].join(', ')}`,
    ],
    [
      'Work',
      `${metric(info.forwardFlops)}FLOP forward a sample, ${count(info.dispatches)} dispatches a step`,
    ],
    ['Training', `${count(result.steps)} steps of ${count(info.batch)} samples, seed ${settings.seed}`],
    ['Samples', `${count(train)} to train, ${count(validation)} to validate, ${count(test)} to test`],
    [
      'Loss',
      `${fieldNumber(result.lossFirst, 4)} at the first step, ${fieldNumber(result.lossLast, 4)} at the last`,
    ],
    [
      'Speed',
      `${fieldNumber(result.samplesPerSecond)} samples/s, GPU busy for ${fieldNumber(result.gpuBusySeconds)} s`,
    ],
    ...(info.synthetic ? [] : [['Data read', bytes(result.bytesReadFromData)]]),
    ['Memory', bytes(result.peakBytes)],
    ['Adapter', `${description || `${vendor} ${architecture}`}${software ? ' (on the CPU)' : ''}`],
  ];
}

function trainingCharts({ info, rows }: ReportContent): Chart[] {
  const loss = rows.map(({ step, loss }): [number, number] => [step ?? Number.NaN, loss ?? Number.NaN]);
  const columns = scoreColumns(info);
  const column = (channel: string, score: string) =>
    columns.find(other => other.channel === channel && other.score === score)?.name ?? '';
  const scores = info.channels.flatMap(({ name: channel }) => {
    const [rmse, persistence] = [column(channel, 'rmse'), column(channel, 'persistence')];
    return rows.map(row => ({ channel, step: row.step, rmse: row[rmse], persistence: row[persistence] }));
  });
  return [
    {
      title: 'Training loss',
      xLabel: 'step',
      yLabel: 'loss',
      logarithmic: true,
      series: [{ name: 'loss of each step', colour: schemeTableau10[0], points: loss }],
    },
    {
      title: 'Validation error against persistence',
      xLabel: 'step',
      yLabel: 'RMSE / RMSE of persistence',
      level: 1,
      series: byChannel(scores, ({ step = Number.NaN, rmse = Number.NaN, persistence = Number.NaN }) => [
        step,
        rmse / persistence,
      ]),
    },
  ];
}

/** Error growth with lead time; nothing where only one lead was scored. */
function leadCharts(rows: readonly SkillRow[]): Chart[] {
  if (new Set(rows.map(row => row.leadHours)).size < 2) return [];
  const shared = { xLabel: 'lead time, hours' };
  return [
    {
      ...shared,
      title: 'Error against persistence, by lead time',
      yLabel: 'RMSE / RMSE of persistence',
      level: 1,
      series: byChannel(rows, row => [row.leadHours, row.rmse / row.persistence]),
    },
    {
      ...shared,
      title: 'Anomaly correlation, by lead time',
      yLabel: 'ACC',
      series: byChannel(rows, row => [row.leadHours, row.acc]),
    },
  ];
}

function byChannel<Score extends { readonly channel: string }>(
  rows: readonly Score[],
  point: (row: Score) => [number, number],
): Series[] {
  return [...new Set(rows.map(row => row.channel))].map((name, i) => ({
    name,
    colour: schemeTableau10[i % schemeTableau10.length],
    points: rows.filter(row => row.channel === name).map(point),
  }));
}

function skillTable(rows: readonly SkillRow[]): string {
  if (rows.length === 0) return '<p>The test part has no sample.</p>';
  const head = [
    'Channel',
    'Lead',
    'RMSE',
    'Persistence',
    'Climatology',
    'Below persistence',
    'ACC',
    'Bias',
    'Units',
  ];
  return table(
    head,
    rows.map(row => [
      row.channel,
      leadTime(row.leadHours),
      fieldNumber(row.rmse, 4),
      fieldNumber(row.persistence, 4),
      fieldNumber(row.climatology, 4),
      `${(100 * (1 - row.rmse / row.persistence)).toFixed(1)}${unitSpace}%`,
      row.acc.toFixed(3),
      fieldNumber(row.bias, 2),
      prettyUnits(row.units),
    ]),
  );
}

function rankSection({ settings: { mesh }, info, result: { ranks } }: ReportContent): string {
  if (!mesh) return '';
  return `<h2>Ranks of the mesh ${meshName(mesh)}</h2>
<p>Bytes of every rank's buffers and of its part of the data; means over the steps trained last.</p>
${table(rankHead, rankRows(ranks))}
${info.dataNotes.map(note => `<p>${escapeHtml(note)}</p>`).join('\n')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map(c => `<${tag}>${escapeHtml(c)}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', head)}${rows.map(row => cells('td', row)).join('\n')}</table>`;
}

/** The report of a run: one HTML file without scripts, with curves, scores and what the task has to show. */
import { schemeTableau10 } from 'd3-scale-chromatic';
import type { PowerPoint } from '../energy/meter.ts';
import { type MeshShape, meshName } from '../mesh/mesh.ts';
import type { RunInfo, RunResult } from '../session/api/api.ts';
import { type EnergySummary, elsewhereHead, elsewhereRows, energyRows } from './energy-summary.ts';
import { bytes, count, fieldNumber, metric, sentence } from './format.ts';
import type { Row } from './metrics-table.ts';
import { powerChart } from './power-chart.ts';
import { rankHead, rankRows } from './rank-table.ts';
import type { ReportPens } from './report-map.ts';
import { type ShownView, viewSections, viewStyle } from './report-views.ts';
import { distanceCharts, validationCharts } from './score-charts.ts';
import { scoreTable } from './score-table.ts';
import { type Chart, escapeHtml, lineChart } from './svg-chart.ts';

export interface ReportContent {
  readonly settings: {
    readonly preset: string;
    readonly seed: number;
    /** Absent: one rank. */
    readonly mesh?: MeshShape;
  };
  readonly info: RunInfo;
  readonly result: RunResult;
  /** Of the run's table. */
  readonly rows: readonly Row[];
  readonly views: readonly ShownView[];
  /** What the steps trained last took, and over time. */
  readonly energy?: EnergySummary;
  readonly power?: readonly PowerPoint[];
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1320px; margin: 2rem auto; padding: 0 1rem; color: #1c2530; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.2rem; }
svg { max-width: 640px; width: 100%; display: block; } svg text { font-size: 11px; fill: #445; }
svg .title { font-size: 12px; font-weight: 600; } svg .grid { stroke: #e3e7ec; } svg .level { stroke: #888; stroke-dasharray: 4 3; }
.charts > div { flex: 1 1 480px; max-width: 640px; } .charts, figure { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; } figcaption { width: 100%; font-weight: 600; }
.legend { font-size: 12px; margin: 0; }
.notice { background: #fff4d6; padding: 0.5rem 0.8rem; border-radius: 6px; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid #e3e7ec; text-align: right; }
th:first-child, td:first-child { text-align: left; }
${viewStyle}`;

/** The whole file. */
export function reportHtml(content: ReportContent, pens: ReportPens): string {
  const { settings, info } = content;
  const title = `Isobar: ${settings.preset}, seed ${settings.seed}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(sentence(info.source))} ${escapeHtml(info.summary)}</p>
${info.notice === undefined ? '' : `<p class="notice">${escapeHtml(info.notice)}</p>`}
${info.dataNotes.map(note => `<p>${escapeHtml(note)}</p>`).join('\n')}
${table(['Run', ''], facts(content))}
<h2>Training</h2>
${chartRow([lossChart(content.rows), ...validationCharts(content.rows, info)])}
<h2>Scores on the test part</h2>
${scores(content)}
${rankSection(content)}
${energySection(content)}
${viewSections(content.views, pens)}
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
    ...(result.reads
      ? [
          [
            'Read a step',
            `${bytes(result.reads.bytes)}; if each chunk were read once a pass, ${bytes(result.reads.ideal)}`,
          ],
        ]
      : []),
    ['Memory', bytes(result.peakBytes)],
    ['Adapter', `${description || `${vendor} ${architecture}`}${software ? ' (on the CPU)' : ''}`],
  ];
}

const chartRow = (charts: readonly Chart[]) =>
  `<div class="charts">${charts.map(chart => `<div>${lineChart(chart)}</div>`).join('\n')}</div>`;

/** @param rows of the run's table */
export const lossChart = (rows: readonly Row[]): Chart => ({
  title: 'Training loss',
  xLabel: 'step',
  yLabel: 'loss',
  logarithmic: true,
  series: [
    {
      name: 'loss of each step',
      colour: schemeTableau10[0],
      points: rows.map(({ step, loss }): [number, number] => [step ?? Number.NaN, loss ?? Number.NaN]),
    },
  ],
});

function scores({ info, result }: ReportContent): string {
  if (result.scores.length === 0) return '<p>The test part has no sample.</p>';
  const { head, rows } = scoreTable(result.scores, info.task);
  return `${table(head, rows)}\n${chartRow(distanceCharts(result.scores))}`;
}

function rankSection({ settings: { mesh }, result: { ranks } }: ReportContent): string {
  if (!mesh) return '';
  return `<h2>Ranks of the mesh ${meshName(mesh)}</h2>
<p>Bytes of every rank's buffers and of its part of the data; means over the steps trained last.</p>
${table(rankHead, rankRows(ranks))}`;
}

function energySection({ energy, power = [] }: ReportContent): string {
  if (!energy) return '';
  const read = energy.readShare > 0 ? 'Where power was read, the reading counts; the rest is' : 'This is';
  return `<h2>Energy</h2>
<p>${read} an estimate, as central value and between what it lies, from the table of GPUs and the work of the plans.
It is of the steps trained last.</p>
${table(['', ''], energyRows(energy))}
${chartRow([powerChart(power)])}
${table(elsewhereHead, elsewhereRows(energy))}
${energy.notes.map(note => `<p>${escapeHtml(note)}</p>`).join('\n')}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map(c => `<${tag}>${escapeHtml(c)}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', head)}${rows.map(row => cells('td', row)).join('\n')}</table>`;
}

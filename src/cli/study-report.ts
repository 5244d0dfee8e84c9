/** What a study says when its runs are done, as text and as a page that needs no script. */
import { fieldNumber } from '../show/format.ts';
import { scatterChart } from '../show/scatter-chart.ts';
import { escapeHtml } from '../show/svg-chart.ts';
import { analyse, type ModelAnalysis, type RunGroup, type Spread } from '../study/analysis.ts';
import type { Coefficient } from '../study/least-squares.ts';
import { plotsOf } from '../study/plots.ts';
import type { StudyRow } from '../study/study-row.ts';
import { textTable } from './rank-table.ts';

const within = ({ value, halfWidth }: Coefficient) =>
  `${fieldNumber(value)}${Number.isNaN(halfWidth) ? '' : ` ± ${fieldNumber(halfWidth)}`}`;

/** The fits of a model on a card, a sentence each; 95 % intervals. */
export function fitSentences({ energyByHours, powerByRates, runs }: ModelAnalysis): readonly string[] {
  const none = `Not determined by ${runs} runs.`;
  const [base, slope] = energyByHours?.coefficients ?? [];
  const [idle, sample, update] = powerByRates?.coefficients ?? [];
  return [
    `Energy against rank-hours: ${
      energyByHours
        ? `${within(slope)} J a rank-hour, from ${within(base)} J; R2 ${energyByHours.r2.toFixed(3)}.`
        : none
    }`,
    `Mean power against rates: ${
      powerByRates
        ? `${within(idle)} W, ${within(sample)} J a sample, ${within(update)} J an update; R2 ${powerByRates.r2.toFixed(3)}.`
        : none
    }`,
  ];
}

const head = [
  'Replicas',
  'Batch',
  'Data',
  'Runs',
  'Seconds',
  'Score',
  'Energy, J',
  'Strong',
  'Weak',
  'Energy, strong',
];

const spreadText = ({ mean, deviation, count }: Spread) =>
  `${fieldNumber(mean)}${count > 1 ? ` ± ${fieldNumber(deviation)}` : ''}`;
const share = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2));

const groupRow = ({
  replicas,
  localBatch,
  globalBatch,
  fraction,
  seconds,
  score,
  energy,
  strong,
  weak,
}: RunGroup) => [
  `${replicas}`,
  `${globalBatch} (${localBatch} each)`,
  `${Math.round(1000 * fraction) / 10} %`,
  `${seconds.count}`,
  spreadText(seconds),
  spreadText(score),
  energy ? spreadText(energy) : '',
  share(strong?.time),
  share(weak?.time),
  share(strong?.energy),
];

/** For the terminal. */
export function studyText(rows: readonly StudyRow[]): string {
  return analyse(rows)
    .map(analysis =>
      [
        `${analysis.model} on ${analysis.card}: ${analysis.runs} runs. Score: ${analysis.scoreName}, ${analysis.scoreBetter} is better.`,
        textTable(head, analysis.groups.map(groupRow)),
        ...fitSentences(analysis),
      ].join('\n'),
    )
    .join('\n\n');
}

const table = (rows: readonly (readonly string[])[]) =>
  `<table><thead><tr>${head.map(cell => `<th>${escapeHtml(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map(row => `<tr>${row.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

export function studyHtml(name: string, rows: readonly StudyRow[]): string {
  const analyses = analyse(rows);
  const sections = analyses.map(
    analysis => `<section><h2>${escapeHtml(`${analysis.model} on ${analysis.card}`)}</h2>
<p>${analysis.runs} runs. Score: ${escapeHtml(analysis.scoreName)}, ${analysis.scoreBetter} is better. After ± stands the standard deviation of repetitions; of fits, the 95 % interval.</p>
${table(analysis.groups.map(groupRow))}
${fitSentences(analysis)
  .map(sentence => `<p>${escapeHtml(sentence)}</p>`)
  .join('\n')}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(name)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}svg{width:100%;max-width:40rem;font-size:12px}table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem .7rem;border-bottom:1px solid #ddd;text-align:right}.title{font-weight:600}.legend{font-size:13px}</style></head>
<body><h1>${escapeHtml(name)}</h1>
${sections.join('\n')}
<section><h2>Plots</h2>
${plotsOf(analyses, rows).map(scatterChart).join('\n')}
</section></body></html>
`;
}

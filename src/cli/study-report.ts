/** What a study says when its runs are done, as text and as a page that needs no script. */

import { textTable } from '../show/rank-table.ts';
import { scatterChart } from '../show/scatter-chart.ts';
import { fitSentences, groupCells, studyHead } from '../show/study-words.ts';
import { escapeHtml } from '../show/svg-chart.ts';
import { plotsOf, sourcesOf } from '../study/plots.ts';
import type { StudyRow } from '../study/study-row.ts';

/** For the terminal. */
export function studyText(rows: readonly StudyRow[]): string {
  return sourcesOf([{ name: '', rows }])
    .map(({ analysis }) =>
      [
        `${analysis.model} on ${analysis.card}: ${analysis.runs} runs. Score: ${analysis.scoreName}, ${analysis.scoreBetter} is better.`,
        textTable(studyHead, analysis.groups.map(groupCells)),
        ...fitSentences(analysis),
      ].join('\n'),
    )
    .join('\n\n');
}

const table = (rows: readonly (readonly string[])[]) =>
  `<table><thead><tr>${studyHead.map(cell => `<th>${escapeHtml(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map(row => `<tr>${row.map(cell => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

export function studyHtml(name: string, rows: readonly StudyRow[]): string {
  const sources = sourcesOf([{ name, rows }]);
  const sections = sources.map(
    ({ analysis }) => `<section><h2>${escapeHtml(`${analysis.model} on ${analysis.card}`)}</h2>
<p>${analysis.runs} runs. Score: ${escapeHtml(analysis.scoreName)}, ${analysis.scoreBetter} is better. After ± stands the standard deviation of repetitions; of fits, the 95 % interval.</p>
${table(analysis.groups.map(groupCells))}
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
${plotsOf(sources).map(scatterChart).join('\n')}
</section></body></html>
`;
}

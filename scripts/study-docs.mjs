// npm run study -- --docs: trains the example anew, and remakes all that the project ships of it: the rows that the page opens,
// and the tables and plots in docs/study.md. With --shipped, the same from the rows that are shipped, without training.
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { scatterChart } from '../src/show/scatter-chart.ts';
import { fitSentences, groupCells, studyHead } from '../src/show/study-words.ts';
import { plotsOf, sourcesOf } from '../src/study/plots.ts';
import { readRows } from '../src/study/study-row.ts';
import { ensureChromium } from './install-browser.mjs';
import { root } from './setup.mjs';
import { madeIn, writeInDocs } from './write-in-docs.mjs';

const study = 'examples/studies/five-minutes.json';
/** Away when the docs are made: the next time it is trained anew, and what was interrupted goes on. */
const folder = 'studies/docs';
export const shippedRows = 'public/studies/five-minutes.jsonl';
export const docsPage = 'docs/study.md';
export const docsCommand = 'npm run study -- --docs';
/** Of all plots those that the docs show, and their files. */
const shownPlots = /** @type {const} */ ([
  ['energy-rank-hours', 'study-energy', 'Energy against rank-hours, a point a run, with the fitted lines'],
  ['power-sample-rate', 'study-power', 'Mean power against samples a second'],
  ['score-global-batch', 'study-score', 'Score of the first model against the global batch'],
  ['score-global-batch-2', 'study-score-2', 'Score of the second model against the global batch'],
  ['strong-efficiency', 'study-efficiency', 'Efficiency of strong scaling against one replica'],
]);

/**
 * @param {(argv: readonly string[]) => Promise<number>} main of `npm run study`
 * @param {boolean} isShipped no training: the rows are those that are shipped
 * @returns {Promise<number>} the exit code
 */
export async function remakeStudyDocs(main, isShipped) {
  const page = await readFile(join(root, docsPage), 'utf8');
  let about = aboutIn(page);
  if (!isShipped) {
    const begun = new Date();
    const load = loadavg()[0];
    const code = await main([join(root, study), '--out', join(root, folder)]);
    if (code !== 0) return code;
    about = machineLine(begun, load);
    await writeFile(join(root, shippedRows), await readFile(join(root, folder, 'runs.jsonl'), 'utf8'));
  }
  const rows = readRows(await readFile(join(root, shippedRows), 'utf8'));
  for (const [name, svg] of docsPlots(rows)) {
    await writeFile(join(root, 'docs', `${name}.svg`), svg);
    console.log(`Written: docs/${name}.svg`);
  }
  await writeInDocs(docsPage, docsCommand, [about, docsOf(rows)].join('\n\n'));
  if (!isShipped) await rm(join(root, folder), { recursive: true });
  return 0;
}

/**
 * What was measured, when and where: the first paragraph of what was made.
 *
 * @param {string} page
 */
export const aboutIn = page => madeIn(page, docsCommand).split('\n\n')[0].trim();

/**
 * @param {Date} begun
 * @param {number} load before the first run
 */
function machineLine(begun, load) {
  const minutes = (Date.now() - begun.getTime()) / 60_000;
  const browser = execFileSync(ensureChromium(), ['--version'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  return (
    `\`${study}\` on ${begun.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpu.model.trim()}), ` +
    `${browser}, load ${load.toFixed(1)} before it began; ${minutes.toFixed(0)} minutes in all, starts of runs among them.`
  );
}

/**
 * Tables and fits of every model, and where the plots are.
 *
 * @param {readonly import('../src/study/study-row.ts').StudyRow[]} rows
 */
export function docsOf(rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  const parts = sourcesOf([{ name: '', rows }]).flatMap(({ analysis }) => [
    `**${analysis.model}** on ${analysis.card}, ${analysis.runs} runs. Score: ${analysis.scoreName}, ${analysis.scoreBetter} is better.`,
    [studyHead, studyHead.map(() => '---'), ...analysis.groups.map(groupCells)].map(line).join('\n'),
    fitSentences(analysis)
      .map(sentence => `- ${sentence}`)
      .join('\n'),
  ]);
  const drawn = docsPlots(rows);
  const pictures = shownPlots
    .filter(([, name]) => drawn.has(name))
    .map(([, name, says]) => `![${says}](${name}.svg)`);
  return [...parts, ...pictures].join('\n\n');
}

/**
 * @param {readonly import('../src/study/study-row.ts').StudyRow[]} rows
 * @returns {ReadonlyMap<string, string>} SVG by the name of its file
 */
export function docsPlots(rows) {
  const plots = plotsOf(sourcesOf([{ name: '', rows }]));
  return new Map(
    shownPlots.flatMap(([id, name]) => {
      const plot = plots.find(each => each.id === id);
      return plot ? [[name, `${scatterChart(plot)}\n`]] : [];
    }),
  );
}

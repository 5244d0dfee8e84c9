/** The test scores as a table: a row for every thing and distance that is scored. */

import { type Score, type ScoreGroup, type ScoreHead, scoreGroups } from '../session/api/api.ts';
import { fieldNumber, prettyUnits, withMinus } from '../show/format.ts';
import { capital, glossary } from '../show/score-words.ts';
import { againstBaseline, atText, scoreText } from '../show/scores.ts';
import { taskWords } from '../show/task-words.ts';
import { element, make, setText } from './dom.ts';

interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  readonly cell: (group: ScoreGroup) => HTMLTableCellElement;
}

/**
 * Fills the table; no scores hide it.
 *
 * @param task its kind
 */
export function showScoreTable(scores: readonly Score[], task: string): void {
  const table = element('skill-table', HTMLTableElement);
  const empty = element('skill-table-empty', HTMLParagraphElement);
  const groups = scoreGroups(scores);
  table.hidden = groups.length === 0;
  empty.hidden = groups.length > 0;
  setText(empty, `${taskWords(task).testPart} Its scores appear here when a run is done.`);
  if (groups.length > 0) showScoreWords([groups[0].main, ...shownOthers(groups[0])]);
  const columns = columnsOf(groups, taskWords(task).thing);
  table.tHead?.rows[0].replaceChildren(
    ...columns.map(({ title, isNumber }) => {
      const head = make('th', title, isNumber ? 'num' : '');
      head.scope = 'col';
      return head;
    }),
  );
  table.tBodies[0].replaceChildren(
    ...groups.map(group => {
      const row = make('tr');
      row.append(...columns.map(({ cell }) => cell(group)));
      return row;
    }),
  );
}

/** Explains the terms of these scores, below the table. */
export function showScoreWords(scores: readonly (Score | ScoreHead)[]): void {
  const terms = glossary(scores);
  element('score-words', HTMLDetailsElement).hidden = terms.length === 0;
  element('score-words-list', HTMLDListElement).replaceChildren(
    ...terms.flatMap(({ term, meaning }) => [make('dt', term), make('dd', meaning)]),
  );
}

/** Beside the main score there is room for those that stand for themselves; the others are in files and reports. */
export const isShown = ({
  main,
  better,
  baselines,
}: Pick<Score | ScoreHead, 'main' | 'better' | 'baselines'>) =>
  main || (better !== 'nearer-zero' && baselines.length === 0);

const shownOthers = ({ others }: ScoreGroup) => others.filter(isShown);

/** Of the groups of one run, which are scored alike. */
function columnsOf(groups: readonly ScoreGroup[], thing: string): Column[] {
  const [first] = groups;
  if (!first) return [];
  const { of, at, main } = first;
  const number = (title: string, text: (group: ScoreGroup) => string): Column => ({
    title,
    isNumber: true,
    cell: group => make('td', text(group), 'num'),
  });
  const word = (title: string, text: (group: ScoreGroup) => string): Column => ({
    title,
    isNumber: false,
    cell: group => make('td', text(group)),
  });
  const baselineText = ({ main }: ScoreGroup, name: string) =>
    valueText({ ...main, value: main.baselines.find(other => other.name === name)?.value ?? Number.NaN });
  return [
    ...(of ? [{ title: thing, isNumber: false, cell: thingCell }] : []),
    ...(at ? [word(capital(at.axis), group => atText(group.at))] : []),
    ...(groups.some(({ main }) => prettyUnits(main.units) && main.units !== '%')
      ? [word('Units', ({ main }) => prettyUnits(main.units))]
      : []),
    number(`${main.label} model`, group => valueText(group.main)),
    ...main.baselines.map(({ name }) => number(name, group => baselineText(group, name))),
    ...main.baselines
      .slice(0, 1)
      .map(({ name }) => ({ title: `against ${name}`, isNumber: true, cell: againstCell })),
    ...shownOthers(first).map(({ metric, label }) =>
      number(label, ({ others }) => {
        const score = others.find(other => other.metric === metric);
        return score ? valueText(score) : '';
      }),
    ),
  ];
}

function thingCell({ of }: ScoreGroup): HTMLTableCellElement {
  const cell = make('th');
  if (!of) return cell;
  // One or the other, as the screen has room; see panels.css.
  cell.append(make('span', of.label, 'long'), make('abbr', of.name, 'short'));
  cell.title = of.label;
  cell.scope = 'row';
  return cell;
}

/** By how much it is off its first baseline; better in colour too. */
function againstCell({ main }: ScoreGroup): HTMLTableCellElement {
  const change = changeOf(main);
  if (change === undefined) return make('td', '', 'num worse');
  const { text, better } = change;
  return make('td', text, better ? 'num better' : 'num worse');
}

function changeOf(score: Score): { readonly text: string; readonly better: boolean } | undefined {
  const [first] = score.baselines;
  if (score.better === 'higher' && first) {
    const difference = score.value - first.value;
    const points = Math.round(difference);
    const text =
      score.units === '%'
        ? `${signed(points)} ${Math.abs(points) === 1 ? 'point' : 'points'}`
        : `${difference > 0 ? '+' : ''}${fieldNumber(difference)} ${prettyUnits(score.units)}`.trim();
    return { text, better: difference > 0 };
  }
  const against = againstBaseline(score);
  if (against === undefined) return undefined;
  const percent = Math.round(against);
  return { text: `${signed(percent)} %`, better: percent < 0 };
}

const signed = (whole: number) => `${whole > 0 ? '+' : whole < 0 ? '−' : ''}${Math.abs(whole)}`;

/** The units of fields stand in a column of their own. */
function valueText({ value, units, better }: Pick<Score, 'value' | 'units' | 'better'>): string {
  if (units === '%') return scoreText({ value, units });
  if (better === 'higher' && units === '1') return withMinus(value.toFixed(3));
  return fieldNumber(value);
}

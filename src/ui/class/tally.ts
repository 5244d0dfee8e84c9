/** The teacher's question to the class: what can be asked, and how many have chosen what. */
import { html, nothing, type TemplateResult } from 'lit';
import { tallyOf } from '../../crew/class/roll.ts';
import type { AskedQuestion, ClassState } from '../../crew/class/teacher.ts';
import type { Lesson } from '../lesson/format.ts';
import { predictedLine, words } from './words.ts';

export interface ClassQuestion {
  readonly asked: AskedQuestion;
  readonly title: string;
  readonly choices: readonly string[];
}

/** All questions of all lessons, with the pages that they stand on. */
export const questionsAsked = (lessons: readonly Lesson[]): ClassQuestion[] =>
  lessons.flatMap(({ number, pages }) =>
    pages.flatMap(({ blocks }, page) =>
      blocks.flatMap(block =>
        block.kind === 'ask'
          ? [
              {
                asked: { lesson: number, question: block.number, address: `#/lesson/${number}/${page + 1}` },
                title: `${number}: ${block.text}`,
                choices: block.choices.map(({ label }) => label),
              },
            ]
          : [],
      ),
    ),
  );

/** What was asked: how many have answered, and what, once the teacher shows it. */
export function askedCard(
  { asked, pupils }: ClassState,
  questions: readonly ClassQuestion[],
  isShown: boolean,
  toggle: () => void,
): TemplateResult {
  const found = questions.find(
    ({ asked: each }) => each.lesson === asked?.lesson && each.question === asked.question,
  );
  if (!found) return html`${nothing}`;
  const { counts, open } = tallyOf(pupils, found.asked, found.choices.length);
  const said = counts.reduce((sum, n) => sum + n, 0);
  const most = Math.max(1, ...counts);
  return html`<div class="tally" data-testid="tally">
    <p><b>${found.title}</b></p>
    <p role="status" data-testid="predicted">${predictedLine(said, open)}</p>
    <button type="button" class="secondary small" data-testid="show-tally" aria-pressed=${isShown} @click=${toggle}>
      ${isShown ? words.hideTally : words.showTally}
    </button>
    ${
      isShown
        ? html`<ul>
            ${found.choices.map(
              (label, i) => html`<li>
                <span>${label}</span> <b data-testid="tally-count">${counts[i]}</b>
                <meter min="0" max=${most} value=${counts[i]} aria-label=${label}></meter>
              </li>`,
            )}
          </ul>`
        : nothing
    }
  </div>`;
}

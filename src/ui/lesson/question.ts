/** A question of a lesson: first the prediction, then what the run measured, and why. */
import { html, nothing, type TemplateResult } from 'lit';
import { askedIn, numberOf, valueOfAsked } from './expression.ts';
import { type Question, rightChoice } from './format.ts';
import { inWords, type Showing } from './inline.ts';
import { units } from './measures.ts';
import { askedText, lacking, words, youSaid } from './words.ts';

export interface QuestionCard {
  readonly question: Question;
  /** Of its choices, one of a kind in the page. */
  readonly name: string;
  /** The reader's choice. */
  readonly predicted: number | undefined;
  readonly showing: Showing;
  readonly predict: (choice: number) => void;
}

export function questionCard(card: QuestionCard): TemplateResult {
  const { question, name, predicted, showing, predict } = card;
  // A prediction that was kept from an earlier text of the lesson may name no choice of this one.
  const said = predicted === undefined ? undefined : question.choices[predicted];
  const value = numberOf(question.answer, showing.notebook);
  const isAnswered = said !== undefined && value !== undefined;
  return html`<fieldset class="question" data-testid="question">
    <legend><span class="question-mark">${words.predict}</span> ${question.text}</legend>
    <div class="question-choices">
      ${question.choices.map(
        ({ label }, i) => html`<label>
          <input
            type="radio"
            name=${name}
            .checked=${i === predicted}
            ?disabled=${isAnswered && i !== predicted}
            @change=${() => predict(i)}
          />
          ${label}
        </label>`,
      )}
    </div>
    <div class="question-answer" role="status" data-testid="answer">
      ${said ? answer(card, said.label, value) : nothing}
    </div>
    <p class="question-line" aria-hidden="true">${words.handout}</p>
  </fieldset>`;
}

function answer(
  { question, predicted, showing }: QuestionCard,
  said: string,
  value: number | undefined,
): TemplateResult {
  const asked = askedIn(question.answer);
  const numbers = asked.map(each => ({ each, value: valueOfAsked(each, showing.notebook) }));
  if (value === undefined) {
    return html`<p>${lacking(numbers.filter(number => number.value === undefined).map(({ each }) => each))}</p>`;
  }
  const right = rightChoice(question, value);
  const isMeasured = asked.some(({ measure }) => measure.from === 'run');
  return html`<p>
      ${isMeasured ? words.yourMachine : words.fromPlan}:
      <b data-testid="answer-value">${units[question.answer.unit](value)}</b>.
      ${right === predicted ? words.right : youSaid(said, question.choices[right].label)}
    </p>
    ${
      asked.length > 1
        ? html`<ul class="caption">
            ${numbers.map(number => html`<li>${askedText(number.each)}: ${number.value === undefined ? nothing : units[number.each.measure.unit](number.value)}</li>`)}
          </ul>`
        : nothing
    }
    <p>${inWords(question.why, showing)}</p>`;
}

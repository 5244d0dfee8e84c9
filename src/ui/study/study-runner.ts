/**
 * The studies that this page trains: what of each is done, what is under way, and what can be done with it.
 *
 * It sends `isobar-study-act`, a CustomEvent<StudyAct>, for what the user wants.
 */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { duration, sentence } from '../../show/format.ts';
import { runsOf } from '../../study/study-file.ts';
import { LightElement } from '../light-element.ts';
import type { DeskView, KeptStudy, TrainedStudy } from './study-desk.ts';
import { words } from './words.ts';

export type StudyAct =
  | { readonly kind: 'example' }
  | { readonly kind: 'files'; readonly files: readonly File[] }
  | { readonly kind: 'stop' }
  | { readonly kind: 'start' | 'remove' | 'lines' | 'table'; readonly study: KeptStudy };

export class StudyRunner extends LightElement {
  static override readonly properties = { desk: { attribute: false } };

  declare desk: DeskView | undefined;

  protected override render() {
    const { studies = [], trained, notice } = this.desk ?? {};
    return html`<section aria-labelledby="study-here">
      <h3 id="study-here">${words.here}</h3>
      <p>${words.hereAbout}</p>
      <p class="study-acts">
        <button type="button" class="secondary" data-testid="study-take-example" @click=${() => this.#act({ kind: 'example' })}>${words.takeExample}</button>
        <button type="button" class="secondary" @click=${() => this.querySelector('input')?.click()}>${words.takeFile}</button>
        <input type="file" hidden multiple accept=".json" data-testid="study-take-file" @change=${this.#chosen} />
      </p>
      ${notice === undefined ? nothing : html`<p role="alert" data-testid="study-notice">${notice}</p>`}
      <ul class="study-kept">${repeat(
        studies,
        ({ key }) => key,
        study => this.#study(study, trained),
      )}</ul>
    </section>`;
  }

  #study(study: KeptStudy, trained: TrainedStudy | undefined) {
    const { key, rows } = study;
    const { name } = study.study;
    const runs = runsOf(study.study).length;
    const own = trained?.key === key ? trained : undefined;
    const faults = this.desk?.faults.get(key) ?? new Map<string, string>();
    const isDone = rows.length >= runs;
    return html`<li data-testid="study-kept">
      <p><strong>${name}</strong> <span data-testid="study-done">${isDone ? words.allDone(runs) : words.ofRuns(rows.length, runs)}</span></p>
      ${own ? underWay(own, rows.length, runs) : nothing}
      ${[...faults].map(([run, why]) => html`<p class="study-fault">${words.failed(run, sentence(why))}</p>`)}
      <p class="study-acts">
        ${
          own
            ? html`<button type="button" class="secondary" data-testid="study-stop" ?disabled=${own.isStopping} @click=${() => this.#act({ kind: 'stop' })}>${own.isStopping ? words.stopping : words.stop}</button>`
            : isDone
              ? nothing
              : html`<button type="button" class="primary" data-testid="study-start" ?disabled=${trained !== undefined} @click=${() => this.#act({ kind: 'start', study })}>${rows.length > 0 ? words.goOn : words.start}</button>`
        }
        ${
          rows.length === 0
            ? nothing
            : html`<button type="button" class="secondary" data-testid="study-lines" @click=${() => this.#act({ kind: 'lines', study })}>${words.lines}</button>
                <button type="button" class="secondary" @click=${() => this.#act({ kind: 'table', study })}>${words.table}</button>`
        }
        <button type="button" class="secondary" data-testid="study-forget" aria-label=${words.forget(name)} ?disabled=${own !== undefined} @click=${() => this.#act({ kind: 'remove', study })}>×</button>
      </p>
    </li>`;
  }

  #act(detail: StudyAct): void {
    this.dispatchEvent(new CustomEvent<StudyAct>('isobar-study-act', { bubbles: true, detail }));
  }

  readonly #chosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    this.#act({ kind: 'files', files: [...(input.files ?? [])] });
    input.value = '';
  };
}

/** @param done runs of all */
function underWay({ progress: { run }, step, secondsLeft }: TrainedStudy, done: number, runs: number) {
  const share = (done + step / run.steps) / runs;
  const left = secondsLeft === undefined ? '' : `; ${words.left(duration(secondsLeft))}`;
  const text = `${words.underWay(run.id, step, run.steps)}${left}`;
  return html`<progress max="1" .value=${share} aria-label=${text}></progress>
    <p class="caption" data-testid="study-under-way">${text}.</p>`;
}

customElements.define('isobar-study-runner', StudyRunner);

/**
 * `<isobar-lesson>`: the text of a lesson, or the list of all, for `#/lesson`, `#/lesson/N` and `#/lesson/N/PAGE`. The machine
 * beside it is that of the page.
 *
 * Properties: `lessons`, `path` of the address behind the view's name, `notebook` of what was measured, `search` of the
 * address (the settings that are wanted), `cursor`, `acts`, `storage` for the reader's progress. Sends `isobar-predicted`, a
 * CustomEvent of the numbers of the lesson, of its question and of the choice.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { withSettings } from '../address.ts';
import { followPointer } from '../board/pointing.ts';
import { type Cursor, CursorController } from '../cursor.ts';
import { LightElement } from '../light-element.ts';
import type { Block, Lesson, LessonPage } from './format.ts';
import { inWords, type Showing } from './inline.ts';
import { emptyNotebook, type Notebook } from './notebook.ts';
import { changed, keepProgress, noProgress, type Progress, readProgress } from './progress.ts';
import { questionCard } from './question.ts';
import { lessonLine, pageLine, progressLine, words } from './words.ts';

/** What a lesson's buttons do. */
export interface LessonActs {
  /** @param search such as `?mesh=1x2`: what it does not say stays */
  readonly set: (search: string) => void;
  readonly train: (steps: number) => void;
}

export class LessonElement extends LightElement {
  static override properties = {
    lessons: { attribute: false },
    path: { attribute: false },
    notebook: { attribute: false },
    search: { attribute: false },
    cursor: { attribute: false },
    acts: { attribute: false },
    storage: { attribute: false },
    progress: { state: true },
    said: { state: true },
  };
  declare lessons: readonly Lesson[];
  declare path: readonly string[];
  declare notebook: Notebook;
  declare search: string;
  declare cursor: Cursor | undefined;
  declare acts: LessonActs | undefined;
  declare storage: Storage | undefined;
  declare progress: Progress;
  declare said: string;
  #end: (() => void) | undefined;

  constructor() {
    super();
    this.lessons = [];
    this.path = [];
    this.notebook = emptyNotebook;
    this.search = '';
    this.progress = {};
    this.said = '';
    new CursorController(
      this,
      () => this.cursor,
      () => {},
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.progress = readProgress(this.storage);
    this.#end = followPointer(this, () => this.cursor);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
  }

  protected override willUpdate(changes: Map<PropertyKey, unknown>): void {
    const { lesson, page } = this.#place();
    if (lesson && changes.has('path') && this.progress[lesson.number]?.page !== page)
      this.#keep(lesson, { page });
  }

  protected override updated(changes: Map<PropertyKey, unknown>): void {
    const before = changes.get('path');
    // Who turns a page reads on at its beginning, with whatever they read by.
    if (Array.isArray(before) && before.join('/') !== this.path.join('/')) {
      this.querySelector<HTMLElement>('.is-current h3, .lesson-list h2')?.focus();
    }
  }

  protected override render(): TemplateResult {
    const { lesson, page } = this.#place();
    return lesson ? this.#lesson(lesson, page) : this.#list();
  }

  /** An address of no lesson is that of the list; one of no page, that of the first. */
  #place(): { readonly lesson: Lesson | undefined; readonly page: number } {
    const [number, page] = this.path.map(Number);
    const lesson = this.lessons.find(each => each.number === number);
    const last = (lesson?.pages.length ?? 1) - 1;
    return { lesson, page: page >= 1 && page <= last + 1 ? Math.floor(page) - 1 : 0 };
  }

  #of({ number }: Lesson) {
    return this.progress[number] ?? noProgress;
  }

  #keep({ number }: Lesson, change: Parameters<typeof changed>[2]): void {
    this.progress = changed(this.progress, number, change);
    keepProgress(this.storage, this.progress);
  }

  #forget(): void {
    this.progress = {};
    keepProgress(this.storage, this.progress);
    this.said = words.forgotten;
  }

  #list(): TemplateResult {
    const item = (lesson: Lesson) => {
      const { page, isDone } = this.#of(lesson);
      const isBegun = this.progress[lesson.number] !== undefined;
      return html`<li>
        <a class="lesson-list-link" href="#/lesson/${lesson.number}/${isDone ? 1 : page + 1}">${lesson.number}. ${lesson.title}</a>
        <span class="caption">
          ${lessonLine(lesson)} ${isBegun ? html`<b>${progressLine(page, lesson.pages.length, isDone)}</b>` : nothing}
        </span>
      </li>`;
    };
    return html`<section class="lesson lesson-list" aria-labelledby="lesson-title">
      <h2 id="lesson-title" tabindex="-1">${words.list}</h2>
      <p>${words.intro}</p>
      <ol>${this.lessons.map(item)}</ol>
      <p class="caption">${words.kept}</p>
      <p>
        <button type="button" class="secondary" @click=${this.#forget}>${words.forget}</button>
        <span role="status">${this.said}</span>
      </p>
    </section>`;
  }

  #lesson(lesson: Lesson, current: number): TemplateResult {
    const { number, title, pages } = lesson;
    const address = (page: number) => `#/lesson/${number}/${page + 1}`;
    const following = this.lessons.find(each => each.number > number);
    const after = following ? `#/lesson/${following.number}/1` : '#/lesson';
    const finish = () => this.#keep(lesson, { isDone: true });
    const isLast = current === pages.length - 1;
    return html`<article class="lesson" aria-labelledby="lesson-title">
      <header>
        <a class="lesson-all" href="#/lesson">${words.all}</a>
        <h2 id="lesson-title">${number}. ${title}</h2>
        <p class="caption">${lessonLine(lesson)}</p>
        <ol class="lesson-pages" aria-label=${pageLine(current, pages.length)}>
          ${pages.map(
            (page, i) => html`<li>
              <a href=${address(i)} aria-label="${i + 1}: ${page.title}" aria-current=${i === current ? 'step' : nothing}>${i + 1}</a>
            </li>`,
          )}
        </ol>
      </header>
      ${pages.map((page, i) => this.#page(lesson, page, i === current))}
      <footer class="lesson-turn">
        ${current > 0 ? html`<a class="button secondary" href=${address(current - 1)}>${words.back}</a>` : nothing}
        ${
          isLast
            ? html`<a class="button primary" data-testid="lesson-next" href=${after} @click=${finish}>
                ${following ? words.nextLesson : words.finish}
              </a>`
            : html`<a class="button primary" data-testid="lesson-next" href=${address(current + 1)}>${words.next}</a>`
        }
        <a class="lesson-skip" data-testid="lesson-skip" href=${after} @click=${finish}>${words.skip}</a>
      </footer>
    </article>`;
  }

  /** All pages are there, for paper; on the screen one of them is. */
  #page(lesson: Lesson, { title, blocks }: LessonPage, isCurrent: boolean): TemplateResult {
    return html`<section class="lesson-page ${isCurrent ? 'is-current' : ''}">
      <h3 tabindex="-1">${title}</h3>
      ${blocks.map(block => this.#block(lesson, block))}
    </section>`;
  }

  #block(lesson: Lesson, block: Block): TemplateResult {
    const showing: Showing = { notebook: this.notebook, hovered: this.cursor?.state().hovered ?? [] };
    switch (block.kind) {
      case 'paragraph':
        return html`<p>${inWords(block.parts, showing)}</p>`;
      case 'list':
        return html`<ul>${block.items.map(parts => html`<li>${inWords(parts, showing)}</li>`)}</ul>`;
      case 'go':
        return html`<a class="button secondary lesson-button" data-button href=${block.hash}>${block.label}</a>`;
      case 'run':
        return html`<button type="button" class="primary lesson-button" data-button @click=${() => this.acts?.train(block.steps)}>
          ${block.label}
        </button>`;
      case 'set': {
        const isSet = withSettings(this.search, block.search) === withSettings(this.search, '');
        return html`<button
          type="button"
          class="secondary lesson-button"
          data-button
          aria-pressed=${isSet}
          @click=${() => this.acts?.set(block.search)}
        >
          ${block.label}${isSet ? html` <span aria-hidden="true">✓</span>` : nothing}
        </button>`;
      }
      case 'ask':
        return questionCard({
          question: block,
          name: `lesson-${lesson.number}-${block.number}`,
          predicted: this.#of(lesson).predictions[block.number],
          showing,
          predict: choice => {
            this.#keep(lesson, { predictions: { ...this.#of(lesson).predictions, [block.number]: choice } });
            const detail = { lesson: lesson.number, question: block.number, choice };
            this.dispatchEvent(new CustomEvent('isobar-predicted', { detail, bubbles: true }));
          },
        });
    }
  }
}

customElements.define('isobar-lesson', LessonElement);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-lesson': LessonElement;
  }
}

/** Prose as the page shows it: words that name things light them up, numbers are those of the run. */
import { html, type TemplateResult } from 'lit';
import type { ThingId } from '../cursor.ts';
import { askedIn, numberOf } from './expression.ts';
import type { Inline } from './format.ts';
import { units } from './measures.ts';
import type { Notebook } from './notebook.ts';
import { askedText, words } from './words.ts';

/** What the words stand beside. */
export interface Showing {
  readonly notebook: Notebook;
  readonly hovered: readonly ThingId[];
}

export const inWords = (parts: readonly Inline[], showing: Showing): TemplateResult[] =>
  parts.map(part => inline(part, showing));

function inline(part: Inline, showing: Showing): TemplateResult {
  switch (part.kind) {
    case 'text':
      return html`${part.text}`;
    case 'code':
      return html`<code>${part.text}</code>`;
    case 'strong':
      return html`<strong>${inWords(part.parts, showing)}</strong>`;
    case 'em':
      return html`<em>${inWords(part.parts, showing)}</em>`;
    case 'link':
      return html`<a href=${part.address}>${inWords(part.parts, showing)}</a>`;
    case 'thing': {
      const isLit = showing.hovered.includes(part.id);
      return html`<button type="button" class="thing ${isLit ? 'is-lit' : ''}" data-id=${part.id}>${inWords(part.parts, showing)}</button>`;
    }
    case 'measured': {
      const value = numberOf(part.value, showing.notebook);
      const of = askedIn(part.value).map(askedText).join('; ');
      if (value === undefined) return html`<span class="measured muted" title=${of}>(${words.notYet})</span>`;
      return html`<b class="measured" title=${of}>${units[part.value.unit](value)}</b>`;
    }
  }
}

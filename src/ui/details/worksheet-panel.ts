/** Makes worksheets; what makes them is loaded when it is opened. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';
import { words } from '../worksheet/words.ts';

const load = ({ target }: Event) => {
  if (!(target instanceof HTMLDetailsElement) || !target.open) return;
  void import('../worksheet/worksheet-maker.ts');
};

definePanel(
  'isobar-worksheet-panel',
  html`
    <h2 id="worksheet-title">Worksheet</h2>
    <details class="explain" data-testid="worksheet" @toggle=${load}>
      <summary>${words.title}</summary>
      <isobar-worksheet></isobar-worksheet>
    </details>
  `,
);

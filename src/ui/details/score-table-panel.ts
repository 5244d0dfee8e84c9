/** Scores on the test part. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-score-table',
  html`
      <header class="panel-head">
        <h2 id="skill-table-title">Scores on the test part</h2>
        <button type="button" class="secondary small" id="score" data-testid="score" disabled>Score now</button>
      </header>
      <p class="caption" id="skill-table-empty">
        The test part is the end of the record, which training never sees. Its scores appear here when a run is done.
      </p>
      <div class="table-scroll" tabindex="0" role="group" aria-label="The table of scores">
        <table id="skill-table" data-testid="skill-table" hidden>
          <caption class="sr-only">Scores on the test part</caption>
          <thead>
            <tr></tr>
          </thead>
          <tbody></tbody>
        </table>
      </div>
      <details class="explain" id="score-words" hidden>
        <summary>What these words mean</summary>
        <dl id="score-words-list"></dl>
      </details>
  `,
);

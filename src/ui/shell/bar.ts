/** What is in sight in every view: what is trained and on what, the buttons that steer the run, and where it stands. */
import { html } from 'lit';
import { definePanel } from './panel.ts';

/** Fills the bar: for the page that trains, and no other that loads the same file. */
export const fillBar = () =>
  definePanel(
    'isobar-bar',
    html`
    <header class="masthead">
      <a class="brand" href="#/">
        <img src="./favicon.svg" alt="" width="28" height="28" />
        <h1>Isobar</h1>
      </a>
      <div class="steer">
        <button type="button" class="primary" id="train" data-testid="train">Train</button>
        <button type="button" class="primary" id="pause" data-testid="pause" hidden>Pause</button>
        <button type="button" class="primary" id="resume" data-testid="resume" hidden>Resume</button>
        <button type="button" class="secondary" id="one-step" data-testid="one-step">One step</button>
        <button type="button" class="secondary" id="reset" data-testid="reset" disabled>Reset</button>
      </div>
      <label class="chosen">
        <span>Model</span>
        <select id="preset" data-testid="preset"></select>
      </label>
      <a class="chosen" href="#/data"><span>Data</span> <b id="data-chosen"></b></a>
      <nav class="views" aria-label="Views" id="views"></nav>
    </header>
    <section class="strip" aria-label="Where the run stands">
      <progress id="progress" max="1" value="0" aria-label="Progress of the run"></progress>
      <p class="status" id="status" data-testid="status" data-status="idle" role="status" aria-live="polite">Starting</p>
      <p class="worksheet-note" id="worksheet-note" data-testid="worksheet-note" hidden>
        <span id="worksheet-words"></span>
        <button type="button" class="secondary small" id="show-all" data-testid="show-all">Show all</button>
      </p>
      <p class="strip-facts">
        <span id="step" data-testid="step" data-step="0"></span>
        <span id="time-left" data-testid="time-left"></span>
        <span id="samples-per-second" data-testid="samples-per-second"></span>
        <span id="saved-at"></span>
      </p>
    </section>
  `,
  );

/** How the run gets on: the loss, the main score beside what it has to beat, and what a step's time goes to. */
import { html } from 'lit';
import '../kept-runs/kept-runs-element.ts';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-learning',
  html`
    <header class="panel-head">
      <h2 id="learning-title">The learning</h2>
      <button type="button" class="secondary small" id="open-results" data-testid="open-results" hidden>Take results away</button>
    </header>
    <section aria-labelledby="loss-title">
      <header class="panel-head">
        <h3 id="loss-title">Loss <output class="figure" id="loss-now" data-testid="loss" aria-live="off"></output></h3>
        <label class="check"><input type="checkbox" id="loss-log" data-testid="loss-log" checked /> Log scale</label>
      </header>
      <div class="chart" id="loss-chart" data-testid="loss-chart" role="img" aria-label="Training loss by step"></div>
    </section>
    <section aria-labelledby="skill-title">
      <header class="panel-head">
        <h3 id="skill-title">Skill</h3>
        <div class="head-controls">
          <select id="skill-channel" data-testid="skill-channel" aria-label="Channel of the skill curves"></select>
          <select id="skill-axis" data-testid="skill-axis" aria-label="What the skill is drawn against">
            <option value="step">by step</option>
            <option value="at">by lead time</option>
          </select>
        </div>
      </header>
      <div class="chart" id="skill-chart" data-testid="skill-chart" role="img" aria-label="Forecast error of the model beside persistence and climatology"></div>
    </section>
    <isobar-kept-runs id="kept-runs"></isobar-kept-runs>
    <details class="explain">
      <summary>What these curves are</summary>
      <p class="caption" id="loss-words"></p>
      <p class="caption" id="skill-caption"></p>
    </details>
    <dl class="facts">
      <div><dt>Waits for others</dt><dd id="exchange-wait" data-testid="exchange-wait"></dd></div>
      <div><dt>Waits for data</dt><dd id="data-wait" data-testid="data-wait"></dd></div>
    </dl>
    <p class="caption" id="adapter" data-testid="adapter"></p>
  `,
);

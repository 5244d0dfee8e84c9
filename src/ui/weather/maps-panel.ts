/** Truth, forecast and error as maps. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-maps',
  html`
      <header class="panel-head">
        <h2 id="maps-title">Forecast</h2>
        <p class="muted" id="maps-when" data-testid="maps-when"></p>
      </header>
      <div class="map-controls">
        <label class="field">
          <span>Channel</span>
          <select id="channel" data-testid="channel"></select>
        </label>
        <label class="field">
          <span>Lead time</span>
          <select id="lead" data-testid="lead"></select>
        </label>
        <label class="field grow" for="sample">
          <span>Start <output id="sample-date" for="sample" aria-live="off"></output></span>
          <input id="sample" data-testid="sample" type="range" min="0" max="0" value="0" step="1" />
        </label>
      </div>
      <div class="maps" id="maps">
        <figure>
          <figcaption>Truth</figcaption>
          <div class="map">
            <canvas id="map-truth" data-testid="map-truth" role="img" aria-label="Map of the truth"></canvas>
            <canvas class="coast" aria-hidden="true"></canvas>
          </div>
        </figure>
        <figure>
          <figcaption>Forecast</figcaption>
          <div class="map">
            <canvas id="map-forecast" data-testid="map-forecast" role="img" aria-label="Map of the forecast"></canvas>
            <canvas class="coast" aria-hidden="true"></canvas>
          </div>
        </figure>
        <figure>
          <figcaption>Error <span class="muted">forecast minus truth</span></figcaption>
          <div class="map">
            <canvas id="map-error" data-testid="map-error" role="img" aria-label="Map of the error"></canvas>
            <canvas class="coast" aria-hidden="true"></canvas>
          </div>
        </figure>
        <div class="bar shared" id="bar-field" data-testid="bar-field"></div>
        <div class="bar" id="bar-error" data-testid="bar-error"></div>
      </div>
      <p class="caption" id="maps-caption" data-testid="maps-caption"></p>
  `,
);

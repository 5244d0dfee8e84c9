/** A run as a recording: to save it, and to open one that was saved. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';
import { words } from './words.ts';

definePanel(
  'isobar-recording',
  html`
    <h2 id="recording-title">Recording</h2>
    <p class="caption">
      What this run showed, as one file: its course, its last steps, a few forecasts, how it was cut. Any browser plays it,
      without a graphics card. It has the names of the data files, and nothing of what is in them but those forecasts.
    </p>
    <div class="buttons">
      <button type="button" class="secondary" id="save-recording" data-testid="save-recording">Save a recording</button>
      <button type="button" class="secondary" id="open-recording" data-testid="open-recording">${words.open}</button>
    </div>
    <p class="caption" id="recording-saved" data-testid="recording-saved" role="status"></p>
    <input type="file" id="recording-input" data-testid="recording-input" accept=".gz" aria-label=${words.open} hidden />
  `,
);

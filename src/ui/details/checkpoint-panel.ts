/** The checkpoint file. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-checkpoint',
  html`
      <h2 id="checkpoint-title">Checkpoint</h2>
      <p class="caption">The trained numbers as a safetensors file, to keep or to load again into the same model.</p>
      <div class="buttons">
        <button type="button" class="secondary" id="export" data-testid="export" disabled>Export</button>
        <button type="button" class="secondary" id="import" data-testid="import" disabled>Import</button>
      </div>
      <input type="file" id="checkpoint-input" data-testid="checkpoint-input" accept=".safetensors" hidden />
  `,
);

/** The form of a run: model, steps, seed, and what may be changed of them. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-settings',
  html`
      <h2 id="run-title">The run</h2>

      <form id="settings">
        <p class="caption wide" id="preset-description"></p>
        <label class="field">
          <span>Steps</span>
          <input id="steps" data-testid="steps" aria-describedby="settings-problem" type="number" inputmode="numeric" step="1" required />
        </label>
        <label class="field">
          <span>Seed</span>
          <input id="seed" data-testid="seed" aria-describedby="settings-problem" type="number" inputmode="numeric" step="1" required />
        </label>
        <p class="problem wide" id="settings-problem" data-testid="settings-problem" role="status"></p>
        <details class="explain wide" id="model-details" data-testid="model-details">
          <summary>Change the model</summary>
          <div class="model-fields" id="model-fields"></div>
          <p class="caption">Another model has other numbers: a changed one begins untrained.</p>
        </details>
        <details class="explain wide" id="advanced">
          <summary>Advanced</summary>
          <label class="field">
            <span>Passes a step</span>
            <select id="accumulate" data-testid="accumulate"></select>
          </label>
          <p class="caption">
            A batch in several passes, one after the other, takes less memory and more time, and trains the same.
          </p>
          <label class="check"><input type="checkbox" id="recompute" data-testid="recompute" /> Compute activations again</label>
          <p class="caption">
            Instead of keeping what a layer computed until its gradient needs it: less memory, more time, the same numbers.
          </p>
          <label class="field">
            <span>Memory for data, MiB</span>
            <input type="number" id="data-memory" data-testid="data-memory" required />
          </label>
          <p class="caption">
            Main memory that a rank takes for data. What takes more is read while the model trains: slower, the same numbers.
          </p>
        </details>
        <p class="caption wide">
          <span id="step-words">One step shows the model a small batch of past weather and corrects it a little.</span>
          The same seed on the same machine gives the same run, to the last bit.
        </p>
      </form>
  `,
);

/** What the page has to say or to ask, above whatever view is shown: it moves nothing that stands there. */
import { html } from 'lit';
import { definePanel } from './panel.ts';

definePanel(
  'isobar-notices',
  html`
    <section class="banner" id="resume-banner" data-testid="resume-banner" aria-label="Saved run" hidden>
      <div>
        <p id="resume-text"></p>
        <p class="caption" id="resume-note"></p>
      </div>
      <div class="buttons">
        <button type="button" class="primary" id="resume-saved" data-testid="resume-saved">Resume</button>
        <button type="button" class="primary" id="resume-by-folder" data-testid="resume-by-folder" hidden></button>
        <button type="button" class="secondary" id="discard-saved" data-testid="discard-saved">Discard</button>
      </div>
      <input type="file" id="resume-files" data-testid="resume-files" multiple hidden />
      <input type="file" id="resume-folder" data-testid="resume-folder" hidden />
    </section>
    <section class="asking" id="asking" data-testid="asking" role="status" hidden>
      <h2>Asking to join</h2>
      <ul id="asking-list"></ul>
    </section>
    <div id="alerts"></div>
  `,
);

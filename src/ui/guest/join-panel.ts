/** What a page shows that is invited, until it takes part, and when it does no more. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';
import { powerWords } from './tells-power.ts';

definePanel(
  'isobar-join',
  html`
      <section class="panel" aria-labelledby="join-title">
        <h2 id="join-title">Join a run</h2>
        <p id="join-words"></p>
        <form id="join-form">
          <div class="mesh-fields">
            <label class="field grow">
              <span>Your name, for the host</span>
              <input type="text" id="join-name" data-testid="join-name" maxlength="40" required autocomplete="nickname" />
            </label>
            <button type="submit" class="primary" id="ask" data-testid="ask">Ask to join</button>
          </div>
          <div id="join-power-field" hidden>
            <label class="check"><input type="checkbox" id="join-power" data-testid="join-power" aria-describedby="join-power-about" /> ${powerWords.tell}</label>
            <p class="caption" id="join-power-about">${powerWords.about}</p>
          </div>
          <details class="explain">
            <summary>STUN and TURN servers</summary>
            <label class="field">
              <span>One a line: stun:host:port, turn:user:password@host:port; or JSON. None: those of this server, where it has them.</span>
              <textarea id="join-ice-servers" rows="3" spellcheck="false"></textarea>
            </label>
          </details>
        </form>
        <div class="buttons">
          <button type="button" class="secondary" id="join-again" data-testid="join-again" hidden>Ask again</button>
        </div>
        <p id="own-run" hidden><a href="./">Train a model of your own</a></p>
      </section>
  `,
);

/** The page of a guest. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

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
          <details class="explain">
            <summary>STUN and TURN servers</summary>
            <label class="field">
              <span>One a line: stun:host:port, turn:user:password@host:port; or JSON. None: those of this server, where it has them.</span>
              <textarea id="join-ice-servers" rows="3" spellcheck="false"></textarea>
            </label>
          </details>
        </form>
        <p class="status" id="join-status" data-testid="join-status" data-state="invited" role="status" aria-live="polite"></p>
        <p id="take-over-words" data-testid="take-over-words" hidden></p>
        <div class="buttons">
          <button type="button" class="primary" id="take-over" data-testid="take-over" hidden>Take over this run</button>
          <button type="button" class="secondary" id="leave" data-testid="leave" hidden>Leave</button>
          <button type="button" class="secondary" id="join-again" data-testid="join-again" hidden>Ask again</button>
        </div>
        <p id="own-run" hidden><a href="./">Train a model of your own</a></p>
      </section>
      <section class="panel" id="piece" data-testid="piece" aria-labelledby="piece-title" hidden>
        <h2 id="piece-title">Your piece</h2>
        <p id="piece-words" data-testid="piece-words"></p>
        <div class="mesh-drawing" id="piece-drawing"></div>
        <dl class="facts">
          <div><dt>Host of the run</dt><dd id="piece-host" data-testid="piece-host"></dd></div>
          <div><dt>Model</dt><dd id="piece-preset" data-testid="piece-preset"></dd></div>
          <div><dt>Memory on this device</dt><dd id="piece-bytes" data-testid="piece-bytes"></dd></div>
          <div><dt>The run</dt><dd id="piece-status" data-testid="piece-status"></dd></div>
          <div><dt>Step</dt><dd id="piece-step" data-testid="piece-step"></dd></div>
        </dl>
        <progress id="piece-progress" max="1" value="0" aria-label="Progress of the run"></progress>
        <p class="caption">
          Keep this tab open, in the background if you like. Closing it, or the lid, leaves the run: everybody stops, until the host goes on without it from the last checkpoint.
        </p>
      </section>
  `,
);

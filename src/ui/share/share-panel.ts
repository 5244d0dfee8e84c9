/** Sharing the model: the mesh, the invitation, who computes. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

/** Each pupil trains a run of their own, and the teacher sees all of them. */
const openClass = ({ target }: Event) =>
  target?.dispatchEvent(new CustomEvent('isobar-open-class', { bubbles: true }));

const markup = html`
      <h2 id="mesh-title">Share the model</h2>
      <div class="mesh">
        <form id="mesh-form">
          <div class="mesh-fields">
            <label class="field grow">
              <span>Mesh, rows x columns</span>
              <select id="mesh" data-testid="mesh"></select>
            </label>
            <label class="field">
              <span>Replicas</span>
              <select id="replicas" data-testid="replicas"></select>
            </label>
          </div>
          <details class="explain" id="mesh-reasons" data-testid="mesh-reasons" hidden>
            <summary></summary>
            <ul id="mesh-reasons-list"></ul>
          </details>
          <p class="caption" id="mesh-words" data-testid="mesh-words"></p>
          <details class="explain">
            <summary>Advanced</summary>
            <div class="mesh-fields">
              <label class="field">
                <span>Micro-batches</span>
                <select id="micro-batches" data-testid="micro-batches"></select>
              </label>
              <label class="field">
                <span>Sent as</span>
                <select id="wire" data-testid="wire">
                  <option value="f32">32 bits</option>
                  <option value="f16">16 bits</option>
                </select>
              </label>
              <label class="field grow">
                <span>Links between ranks of this page</span>
                <select id="link" data-testid="link"></select>
              </label>
              <label class="check"><input type="checkbox" id="overlap" data-testid="overlap" /> Compute while exchanges are in flight</label>
            </div>
            <p class="caption">
              With two micro-batches a rank computes one while the sums of the other travel. 16 bits halve what is
              sent, and round it.
            </p>
            <label class="check"><input type="checkbox" id="go-on-by-itself" data-testid="go-on-by-itself" /> Go on by itself when a rank is lost</label>
          </details>
        </form>
        <div class="mesh-drawing" id="mesh-drawing" data-testid="mesh-drawing"></div>
      </div>

      <div class="buttons">
        <button type="button" class="secondary" id="open-tab" data-testid="open-tab">Open a tab</button>
        <button type="button" class="secondary" id="invite" data-testid="invite" aria-expanded="false" aria-controls="invite-section">Invite</button>
        <button type="button" class="secondary" data-testid="share-class" @click=${openClass}>Open a class</button>
      </div>
      <p class="caption">Another tab of this browser, or whoever follows your invitation, takes ranks from this page.</p>
      <p class="caption" id="local-network" data-testid="local-network"></p>
      <div class="invite" id="invite-section" hidden>
        <div class="mesh-fields">
          <label class="field grow">
            <span>Who can come</span>
            <select id="room-kind" data-testid="room-kind">
              <option value="tabs">Tabs of this browser</option>
              <option value="relay" id="room-relay" disabled>This server's relay (it has none)</option>
              <option value="internet">Anyone with the link, over the internet</option>
            </select>
          </label>
          <button type="button" class="primary" id="open-room" data-testid="open-room">Open the room</button>
        </div>
        <p class="caption" id="room-about"></p>
        <details class="explain" id="relays-setting" hidden>
          <summary>Nostr relays</summary>
          <label class="field">
            <span>One a line: wss://host. None: public ones. They count for the next room, and travel with its link.</span>
            <textarea id="relay-urls" data-testid="relay-urls" rows="3" spellcheck="false"></textarea>
          </label>
        </details>
        <details class="explain">
          <summary>STUN and TURN servers</summary>
          <label class="field">
            <span>One a line: stun:host:port, turn:user:password@host:port; or JSON. None: those of this server, where it has them. They count for the next room.</span>
            <textarea id="ice-servers" data-testid="ice-servers" rows="3" spellcheck="false"></textarea>
          </label>
        </details>
        <div class="invitation" id="invitation" hidden>
          <label class="field grow">
            <span>Link to join, with the secret of the room: send it only to those who may join</span>
            <input type="text" id="invite-link" data-testid="invite-link" readonly />
          </label>
          <button type="button" class="secondary" id="copy-link" data-testid="copy-link">Copy</button>
          <details class="explain" id="qr" data-testid="qr">
            <summary>QR code</summary>
            <div id="qr-code"></div>
          </details>
        </div>
      </div>

      <label class="check"><input type="checkbox" id="guests-look" data-testid="guests-look" aria-describedby="guests-look-about" /> Guests may look at values of the model</label>
      <p class="caption" id="guests-look-about">
        Guests then have step mode too: weights, gradients and the samples of the next step, while the run stands still.
        Without it they see what this page shows of the run, and no values. Each new room begins without it.
      </p>

      <div id="who" hidden>
        <h3>Who computes</h3>
        <p class="caption" id="unseated" data-testid="unseated"></p>
        <div class="table-scroll" tabindex="0" role="group" aria-label="The table of ranks">
          <table class="ranks" id="rank-table" data-testid="rank-table">
            <caption class="sr-only">Ranks of the mesh</caption>
            <thead>
              <tr>
                <th scope="col">Rank</th>
                <th scope="col">Held by</th>
                <th scope="col">Memory</th>
                <th scope="col">Link to rank 0</th>
                <th scope="col">Doing</th>
              </tr>
            </thead>
            <tbody></tbody>
          </table>
        </div>
      </div>
  `;

/** Fills it, where it is in the page. */
export const showSharePanel = () => definePanel('isobar-share', markup);

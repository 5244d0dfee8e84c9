/** Where the data come from. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-data',
  html`
      <h2 id="data-title">Data</h2>
      <p id="data-source" data-testid="data-source"></p>
      <p class="caption" id="data-note" data-testid="data-note"></p>
      <div class="buttons" id="data-buttons">
        <button type="button" class="secondary" id="pick-files">Open NetCDF files</button>
        <button type="button" class="secondary" id="open-store" data-testid="open-store" aria-expanded="false" aria-controls="store-section">Open a Zarr store</button>
        <button type="button" class="secondary" id="use-embedded" data-testid="use-embedded" hidden>Use the model atmosphere</button>
        <button type="button" class="secondary" id="use-synthetic" data-testid="use-synthetic">Use synthetic data</button>
      </div>
      <input type="file" id="file-input" data-testid="file-input" accept=".nc,.nc4,.cdf,.netcdf,.gz,.zip" multiple hidden />
      <div class="store" id="store-section" hidden>
        <form id="store-form">
          <label class="field">
            <span>Address of the store</span>
            <input type="text" id="store-url" data-testid="store-url" inputmode="url" placeholder="https://example.org/era5.zarr" spellcheck="false" autocomplete="off" required />
          </label>
          <button type="submit" class="secondary" id="store-by-url" data-testid="store-by-url">Open</button>
        </form>
        <button type="button" class="secondary" id="store-by-folder" data-testid="store-by-folder">Choose a folder</button>
        <input type="file" id="store-folder" data-testid="store-folder" hidden />
        <p class="caption">On a mesh each rank reads only its own part.</p>
      </div>
      <details class="explain" id="part-details" data-testid="part-details">
        <summary>Only a part of it</summary>
        <form class="store store-part" id="part-form" novalidate>
          <label class="field wide">
            <span>Variables, separated by commas (all)</span>
            <input type="text" id="part-variables" data-testid="part-variables" spellcheck="false" autocomplete="off" />
          </label>
          <label class="field">
            <span>Levels in hPa, separated by commas (all)</span>
            <input type="text" id="part-levels" data-testid="part-levels" inputmode="decimal" placeholder="850,500" autocomplete="off" />
          </label>
          <label class="field">
            <span>Region: west, south, east, north in degrees</span>
            <input type="text" id="part-region" data-testid="part-region" placeholder="-20,35,40,70" autocomplete="off" />
          </label>
          <label class="field">
            <span>From this day</span>
            <input type="text" id="part-from" data-testid="part-from" placeholder="2016-01-01" autocomplete="off" />
          </label>
          <label class="field">
            <span>Before this day</span>
            <input type="text" id="part-to" data-testid="part-to" placeholder="2018-01-01" autocomplete="off" />
          </label>
          <label class="field">
            <span>Thinned: points:N, or means:N over squares; steps:N</span>
            <input type="text" id="part-thin" data-testid="part-thin" placeholder="means:4,steps:2" spellcheck="false" autocomplete="off" />
          </label>
          <button type="submit" class="secondary" id="use-part" data-testid="use-part">Use this part</button>
        </form>
        <p class="caption">For files and stores; the address of this page keeps it. A box from west to east may cross the date line: 160,-50,-140,-20.</p>
      </details>
      <p class="caption" id="drop-note"></p>
      <details class="explain" id="data-split" data-testid="data-split" hidden>
        <summary>What the ranks read</summary>
        <ul id="data-split-notes"></ul>
      </details>
  `,
);

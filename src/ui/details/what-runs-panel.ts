/** The compiled model: its size, work and memory. */
import { html } from 'lit';
import { definePanel } from '../shell/panel.ts';

definePanel(
  'isobar-what-runs',
  html`
      <h2 id="what-title">What runs</h2>
      <dl class="facts">
        <div><dt>Parameters</dt><dd id="parameter-count" data-testid="parameter-count"></dd></div>
        <div><dt>Forward pass</dt><dd id="forward-flops" data-testid="forward-flops"></dd></div>
        <div><dt>Samples in a batch</dt><dd id="batch" data-testid="batch"></dd></div>
        <div><dt>Dispatches in a step</dt><dd id="dispatches" data-testid="dispatches"></dd></div>
        <div><dt>Training samples</dt><dd id="samples" data-testid="samples"></dd></div>
        <div><dt>Learning rate</dt><dd id="learning-rate" data-testid="learning-rate"></dd></div>
        <div><dt>Memory</dt><dd id="memory-total" data-testid="memory-total"></dd></div>
      </dl>
      <div class="memory-bar" id="memory-bar" data-testid="memory-bar" role="img" aria-label="Memory by kind"></div>
      <ul class="legend" id="memory-legend"></ul>
      <p class="caption">
        Everything one training step touches, laid out once before the first step. A dispatch is one kernel sent to
        the graphics card.
      </p>
  `,
);

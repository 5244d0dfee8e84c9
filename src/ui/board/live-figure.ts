/** The ranks and their links, on which the transfers of a replayed step run; and what goes on, in words. */
import { html, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Moment } from '../../show/live.ts';
import { ownerLook } from '../../show/owners.ts';
import type { Look } from './drawing.ts';
import { type MachinePlaces, nodeSize } from './live-places.ts';
import { liveState, liveText, rankName, transferText, words } from './words.ts';

export function liveFigure(
  { size, nodes, links }: MachinePlaces,
  moment: Moment | undefined,
  look: Look,
): TemplateResult {
  const { width, height } = nodeSize;
  return html`<svg class="live-machine" viewBox="0 0 ${size.width} ${size.height}" width=${size.width} role="img"
    aria-label=${words.live.picture}>
    <g class="live-links">${links.map(
      ({ ranks, begin, middle, end }) =>
        svg`<path d="M${begin.x} ${begin.y}Q${middle.x} ${middle.y} ${end.x} ${end.y}" data-link="${ranks.join(' ')}"></path>`,
    )}</g>
    ${repeat(
      nodes.map((point, rank) => ({ ...point, rank })),
      ({ rank }) => rank,
      ({ x, y, rank }) => {
        const { ink, colour } = ownerLook(rank);
        const state = moment?.ranks.find(now => now.rank === rank);
        return svg`<g class="live-node" data-id="r:${rank}" transform="translate(${x - width / 2} ${y - height / 2})">
          <title>${rankName(rank, look.names.get(rank))}</title>
          <rect width=${width} height=${height} rx="6" fill="url(#${look.prefix}-${rank})"></rect>
          <text class="piece-number" x=${width / 2} y=${height / 2} fill=${ink} stroke=${colour}>${rank}</text>
          <text class="live-state" x=${width / 2} y=${height + 14}>${state ? liveState(state) : ''}</text></g>`;
      },
    )}
    <g class="live-dots"></g>
  </svg>`;
}

/** Most transfers of a moment that are told of one by one. */
const told = 4;

export function liveWords(moment: Moment | undefined): TemplateResult {
  if (!moment) return html`<p class="live-said">${words.live.rest}</p>`;
  const { transfers } = moment;
  return html`<p class="live-said">${liveText(moment)}</p>
    <ul class="live-transfers">
      ${transfers.slice(0, told).map(transfer => html`<li>${transferText(transfer)}</li>`)}
      ${transfers.length > told ? html`<li class="muted">${words.live.more(transfers.length - told)}</li>` : ''}
    </ul>`;
}

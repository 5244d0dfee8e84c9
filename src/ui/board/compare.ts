/** Ways to cut the model side by side, with the published one as far as it is known. */
import { html, type TemplateResult } from 'lit';
import { meshName, ranksOf } from '../../mesh/mesh.ts';
import type { Cuts } from '../../session/api/cuts.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import { bytes } from '../../show/format.ts';
import type { Way } from './watch-cuts.ts';
import { percent, stepTime, words } from './words.ts';

const columns = ['way', 'a rank holds', 'a rank sends a step', 'exchanges', 'products on the longest path'];
const times = ['here', 'lan', 'fast'] as const;

export function compareTable(ways: readonly Way[], { published }: Cuts): TemplateResult {
  return html`<div class="board-scroll" role="group" aria-label=${words.compare} tabindex="0">
      <table class="compare">
        <thead>
          <tr>
            ${columns.map(name => html`<th scope="col">${name}</th>`)}
            ${times.map(name => html`<th scope="col">a step, ${words.secondsShort[name]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${ways.map(wayRow)}
          ${
            published
              ? html`<tr>
                  <th scope="row">published, ${published.ranks}-way</th>
                  <td class="muted">not known</td>
                  <td>${bytes(published.bytesSent)}, mean</td>
                  <td class="muted">not known</td>
                  <td>${percent(published.productShare)}</td>
                  <td colspan=${times.length} class="muted">there is no plan of it</td>
                </tr>`
              : ''
          }
        </tbody>
      </table>
    </div>`;
}

function wayRow({ mesh, answer, prediction }: Way): TemplateResult {
  const name = html`<th scope="row">${wayName(mesh)}</th>`;
  const span = columns.length - 1 + times.length;
  if (!answer) return html`<tr>${name}<td colspan=${span} class="muted">${words.notYet}</td></tr>`;
  if ('impossible' in answer)
    return html`<tr>${name}<td colspan=${span} class="muted">${answer.impossible}</td></tr>`;
  const [{ memory, traffic, productShare }] = answer.cuts.ranks;
  const held = (prediction?.memory ?? memory).total;
  const secondsOf = (time: string) => prediction?.steps.find(step => step.name === time)?.seconds;
  return html`<tr>
    ${name}
    <td>${bytes(held)}, ${percent(held / answer.cuts.undivided.total)}</td>
    <td>${bytes(traffic.totalBytes)}</td>
    <td>${traffic.totalExchanges}</td>
    <td>${percent(productShare)}</td>
    ${times.map(time => {
      const seconds = secondsOf(time);
      return html`<td>${seconds === undefined ? '…' : stepTime(seconds)}</td>`;
    })}
  </tr>`;
}

function wayName(mesh: MeshConfig): string {
  const { rows, columns, replicas } = mesh;
  if (ranksOf(mesh) === 1) return words.oneDevice;
  if (rows * columns === 1) return `${replicas} ${words.copies}`;
  return `cut ${meshName(mesh)}`;
}

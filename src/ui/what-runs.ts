/** The panel "What runs": the size of the compiled model, its work and its memory, and the adapter it runs on. */

import type { AdapterSummary } from '../session/api/adapter.ts';
import type { MemorySummary, RankReport, RunEvent, RunInfo } from '../session/api/api.ts';
import { bytes, count, fieldNumber, metric, unitSpace } from '../show/format.ts';
import { element, make, setText } from './dom.ts';

const memoryKinds: readonly [keyof MemorySummary, string][] = [
  ['parameters', 'Parameters'],
  ['gradients', 'Gradients'],
  ['optimizer', 'Optimizer state'],
  ['activations', 'Activations'],
  ['inputs', 'Inputs'],
  ['exchange', 'Exchange'],
];

const unknown = '–';
const fact = (id: string, text = unknown) => setText(element(id, HTMLElement), text);

/** Shows the compiled run, or empties the panel where there is none. On a mesh, memory is that of the largest rank. */
export function showWhatRuns(info: RunInfo | undefined): void {
  fact('parameter-count', info && count(info.parameterCount));
  fact('forward-flops', info && `${metric(info.forwardFlops)}FLOP`);
  showModelFacts(info?.facts ?? []);
  fact('batch', info && count(info.batch));
  fact('dispatches', info && count(info.dispatches));
  fact('samples', info && count(info.samples.train));
  fact('learning-rate');
  fact('data-wait');
  fact('exchange-wait');
  showMemory(info?.memory, info !== undefined && info.ranks.length > 0);
}

/** Rows of what this kind of model tells of itself, behind what all tell. */
function showModelFacts(facts: RunInfo['facts']): void {
  for (const row of document.querySelectorAll('[data-model-fact]')) row.remove();
  const rows = facts.map(({ label, value }) => {
    const row = make('div');
    row.dataset.modelFact = label;
    row.append(make('dt', label), make('dd', value));
    return row;
  });
  element('forward-flops', HTMLElement).parentElement?.after(...rows);
}

/** What a step waits for other ranks, on rank 0. */
export function showExchangeWait({
  stepMs,
  exposedExchangeMs,
}: Pick<RankReport, 'stepMs' | 'exposedExchangeMs'>): void {
  const share = stepMs > 0 ? Math.round((100 * exposedExchangeMs) / stepMs) : 0;
  fact('exchange-wait', `${fieldNumber(exposedExchangeMs, 2)}${unitSpace}ms a step, ${share}${unitSpace}%`);
}

/** What changes from step to step; on a mesh, on rank 0. */
export function showStepFacts({
  learningRates,
  dataMs,
}: Pick<Extract<RunEvent, { type: 'metrics' }>, 'learningRates' | 'dataMs'>): void {
  fact('learning-rate', fieldNumber(learningRates[learningRates.length - 1]));
  fact('data-wait', `${dataMs < 0.1 ? 'under 0.1' : fieldNumber(dataMs, 2)}${unitSpace}ms a step`);
}

function showMemory(memory: MemorySummary | undefined, onMesh: boolean): void {
  fact('memory-total', memory && `${bytes(memory.total)}${onMesh ? ' a rank' : ''}`);
  const bar = element('memory-bar', HTMLDivElement);
  const legend = element('memory-legend', HTMLUListElement);
  bar.replaceChildren();
  legend.replaceChildren();
  if (!memory) return;
  for (const [kind, label] of memoryKinds) {
    // A run in one piece exchanges nothing.
    if (memory[kind] === 0) continue;
    const part = make('i');
    part.style.background = `var(--${kind})`;
    const item = make('li');
    item.append(part.cloneNode(), label, make('b', bytes(memory[kind])));
    part.style.flexGrow = String(memory[kind]);
    bar.append(part);
    legend.append(item);
  }
  bar.ariaLabel = memoryKinds.map(([kind, label]) => `${label} ${bytes(memory[kind])}`).join(', ');
}

/** Empty where the browser does not name it. */
export const adapterName = ({ description, vendor, architecture }: AdapterSummary) =>
  description || [vendor, architecture].filter(Boolean).join(' ');

/** Names the adapter in the masthead, with a plain note where it computes on the processor. */
export function showAdapter(adapter: AdapterSummary): void {
  const name = adapterName(adapter);
  fact(
    'adapter',
    adapter.software
      ? `${name || 'Software adapter'}: this is a software adapter, it computes on the processor and trains slowly.`
      : `Graphics adapter: ${name || 'not named by the browser'}`,
  );
}

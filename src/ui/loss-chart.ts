/** The loss curve: every step faintly, its smoothed course boldly, on a linear or logarithmic axis. */

import { fieldNumber } from '../show/format.ts';
import { createSeries } from '../show/series.ts';
import { type Curve, createLineChart } from './chart.ts';
import { element, setText } from './dom.ts';

/** More points than this cannot be told apart on the screen. */
const maximumPoints = 400;

export interface LossChart {
  /** Losses of consecutive steps, the last one of `step`. */
  add(step: number, losses: readonly number[]): void;
  /** Takes away what lies past `step`. */
  rewind(step: number): void;
  clear(): void;
  /** What is beside it has changed. */
  refresh(): void;
}

/** @param besides curves of other runs, drawn under this one's */
export function createLossChart(besides: () => readonly Curve[]): LossChart {
  const logarithmic = element('loss-log', HTMLInputElement);
  const now = element('loss-now', HTMLOutputElement);
  let series = createSeries(maximumPoints);

  const chart = createLineChart(element('loss-chart', HTMLDivElement), () => ({
    curves: [
      ...besides(),
      { label: 'each step', colour: '--model-faint', points: series.points(), width: 1, quiet: true },
      { label: 'smoothed', colour: '--model', points: series.smoothed(), width: 2.5, quiet: true },
    ],
    xTitle: 'step',
    yTitle: 'loss',
    logarithmic: logarithmic.checked,
    whenEmpty: 'The loss of every step is drawn here as soon as training begins.',
  }));
  logarithmic.addEventListener('change', chart.refresh);

  return {
    add(step, losses) {
      losses.forEach((loss, i) => {
        series.add(step - losses.length + 1 + i, loss);
      });
      const last = losses.at(-1);
      if (last !== undefined) setText(now, fieldNumber(last));
      chart.refresh();
    },
    rewind(step) {
      series.rewind(step);
      chart.refresh();
    },
    refresh: chart.refresh,
    clear() {
      series = createSeries(maximumPoints);
      setText(now, '');
      chart.refresh();
    },
  };
}

/** What a study says, in words and in the cells of a table: for the terminal, its report and the page. */
import type { ModelAnalysis, RunGroup, Spread } from '../study/analysis.ts';
import type { Coefficient, Fit } from '../study/least-squares.ts';
import { fieldNumber } from './format.ts';

const within = ({ value, halfWidth }: Coefficient) =>
  `${fieldNumber(value)}${Number.isNaN(halfWidth) ? '' : ` ± ${fieldNumber(halfWidth)}`}`;

const explained = ({ r2 }: Fit) => (Number.isNaN(r2) ? 'nothing varies' : `R2 ${r2.toFixed(3)}`);

/** The fits of a model on a card, a sentence each; 95 % intervals. */
export function fitSentences({ energyByHours, powerByRates, runs }: ModelAnalysis): readonly string[] {
  const none = `Not determined by ${runs === 1 ? 'one run' : `${runs} runs`}.`;
  const [base, slope] = energyByHours?.coefficients ?? [];
  const [idle, sample, update] = powerByRates?.coefficients ?? [];
  return [
    `Energy against rank-hours: ${
      energyByHours
        ? `${within(slope)} J a rank-hour, from ${within(base)} J; ${explained(energyByHours)}.`
        : none
    }`,
    `Mean power against rates: ${
      powerByRates
        ? `${within(idle)} W, ${within(sample)} J a sample, ${within(update)} J an update; ${explained(powerByRates)}.`
        : none
    }`,
  ];
}

export const studyHead: readonly string[] = [
  'Replicas',
  'Batch',
  'Data',
  'Runs',
  'Seconds',
  'Score',
  'Energy, J',
  'Strong',
  'Weak',
  'Energy, strong',
  'Scoring, J',
];

const spreadText = ({ mean, deviation, count }: Spread) =>
  `${fieldNumber(mean)}${count > 1 ? ` ± ${fieldNumber(deviation)}` : ''}`;
const share = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2));

/** Of a group of runs, the cells under `studyHead`. */
export const groupCells = ({
  replicas,
  localBatch,
  globalBatch,
  fraction,
  seconds,
  score,
  energy,
  scoringEnergy,
  strong,
  weak,
}: RunGroup) => [
  `${replicas}`,
  `${globalBatch} (${localBatch} each)`,
  `${Math.round(1000 * fraction) / 10} %`,
  `${seconds.count}`,
  spreadText(seconds),
  spreadText(score),
  energy ? spreadText(energy) : '',
  share(strong?.time),
  share(weak?.time),
  share(strong?.energy),
  scoringEnergy ? spreadText(scoringEnergy) : '',
];

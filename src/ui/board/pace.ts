/**
 * How fast this machine is just now, and what that makes of predictions. A card's rates are measured once, for a blink, and may be
 * far off when the machine is busy: so what the last sampled steps had the card do is held against what was predicted of it, and
 * every prediction goes by the pace that this gives. Waiting for a link takes as long as before.
 */
import type { PredictedStep, Prediction } from '../../session/api/cut-prediction.ts';
import type { StepLanes } from '../../show/lanes.ts';

export interface Pace {
  /** What computing takes here beside what is predicted: 2 is twice as long. */
  readonly factor: number;
  /** The same of a whole step whose ranks share one card, with what they exchange on it. At most `factor`. */
  readonly oneCard: number;
  /** Of the run that is shown: a step, the median of so many that were sampled last. */
  readonly step?: { readonly ms: number; readonly steps: number };
}

export const asPredicted: Pace = { factor: 1, oneCard: 1 };

/** Steps that count. */
const counted = 5;
/** Numbers that go up and down by less than this share stay as they are. */
const steady = 0.15;

const medianOf = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export interface PaceKeeper {
  now(): Pace;
  /** A step of the cut was sampled. @param prediction of that cut */
  add(lanes: Pick<StepLanes, 'cards' | 'ranks' | 'wallMs'>, prediction: Prediction | undefined): void;
  /** Another run: the pace stays, its steps do not count any more. */
  forget(): void;
}

export function createPace(): PaceKeeper {
  let { factor, oneCard } = asPredicted;
  let walls: number[] = [];
  let factors: number[] = [];
  const last = (values: readonly number[], value: number) => [...values, value].slice(-counted);
  return {
    now: () => ({
      ...{ factor, oneCard },
      ...(walls.length > 0 ? { step: { ms: medianOf(walls), steps: walls.length } } : {}),
    }),
    add({ cards, ranks, wallMs }, prediction) {
      walls = last(walls, wallMs);
      // Of this card, whatever is between it and others.
      const own = cards.find(card => card.ranks.includes(0));
      const { busySeconds = 0, seconds = 0 } = prediction?.steps.find(({ name }) => name === 'here') ?? {};
      if (!own || own.busyMs === 0 || busySeconds === 0) return;
      const share = own.ranks.length / ranks.length;
      factors = last(factors, own.busyMs / (1000 * busySeconds * share));
      const median = medianOf(factors);
      // Over a link that was made slow, a step of one card is no measure for others.
      const whole = cards.length === 1 ? Math.min(median, medianOf(walls) / (1000 * seconds)) : median;
      if (Math.abs(median / factor - 1) > steady || Math.abs(whole / oneCard - 1) > steady)
        [factor, oneCard] = [median, whole];
    },
    forget() {
      [walls, factors] = [[], []];
    },
  };
}

/** A prediction as it is at this pace. */
export function paced<Known extends Prediction | undefined>(prediction: Known, pace: Pace): Known;
export function paced(prediction: Prediction | undefined, pace: Pace): Prediction | undefined {
  if (!prediction || (pace.factor === 1 && pace.oneCard === 1)) return prediction;
  return { ...prediction, steps: prediction.steps.map(step => pacedStep(step, pace)) };
}

function pacedStep(step: PredictedStep, { factor, oneCard }: Pace): PredictedStep {
  const { name, seconds, waitingSeconds } = step;
  const aloneSeconds = factor * step.aloneSeconds;
  // On one card what is waited for is what others compute, and who carries a message.
  if (name === 'here')
    return { ...step, seconds: oneCard * seconds, waitingSeconds: oneCard * waitingSeconds, aloneSeconds };
  return { ...step, seconds: factor * (seconds - waitingSeconds) + waitingSeconds, aloneSeconds };
}

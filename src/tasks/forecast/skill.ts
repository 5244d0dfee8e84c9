/** Forecast scores: RMSE, ACC and bias by channel and lead time, beside persistence and climatology. */

import { type States, stateAt } from '../../data/dataset.ts';
import { recordAhead } from '../../data/record-axis.ts';
import { cellWeights, cosineWeights } from './area-weights.ts';
import type { ForecastTask } from './task.ts';

/** Scores of one channel at one lead time, over all forecasts scored, in the channel's units. */
export interface SkillRow {
  readonly channel: string;
  readonly units: string;
  readonly leadHours: number;
  /** Root of the time mean of the area-weighted mean squared error (WeatherBench2 area weights). */
  readonly rmse: number;
  /** The same with cos(latitude) / mean(cos(latitude)) weights. */
  readonly rmseCos: number;
  /** Area-weighted mean of forecast minus truth. */
  readonly bias: number;
  /** Time mean of the area-weighted anomaly correlation. */
  readonly acc: number;
  /** `rmse` and `rmseCos` of the newest input field as the forecast. */
  readonly persistence: number;
  readonly persistenceCos: number;
  /** `rmse` and `rmseCos` of the climatology as the forecast. */
  readonly climatology: number;
  readonly climatologyCos: number;
}

export interface Scorer {
  /**
   * Scores one forecast, in physical units [C, latitude, longitude], made from record `time` (its newest input) for
   * `leadSteps` later. A value that is no number where the truth is known makes the score no number.
   *
   * @param states of the records of both times: see `statesOf`; not needed where all are in memory
   * @throws RangeError where the valid time lies outside the record
   */
  add(time: number, leadSteps: number, forecast: Float32Array, states?: States): void;
  /** One row per lead and channel, leads in increasing order. */
  rows(): SkillRow[];
}

/** Errors of one channel of a field at one time. */
interface FieldError {
  /** Mean squared error by cell-area and by cosine weights. */
  readonly mse: number;
  readonly mseCos: number;
  /** Cell-area mean of field minus truth. */
  readonly bias: number;
}

/** A mean over the forecasts for which there is a value. */
class TimeMean {
  private sum = 0;
  private count = 0;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.sum += value;
    this.count++;
  }

  get value(): number {
    return this.sum / this.count;
  }
}

const MEANS = [
  'mse',
  'mseCos',
  'bias',
  'acc',
  'persistence',
  'persistenceCos',
  'climatology',
  'climatologyCos',
] as const;
type Means = Record<(typeof MEANS)[number], TimeMean>;

/**
 * Collects the scores of forecasts, with persistence and climatology over the same ones.
 *
 * As in WeatherBench 2, the mean squared error is averaged over area and then time, and rooted last; the anomaly
 * correlation is taken over area at each time against the climatology of the valid time, then averaged over time.
 * Where values are missing, the weights of the known points are scaled up to stand for all.
 */
export function createScorer(task: Pick<ForecastTask, 'dataset' | 'climatologyAt'>): Scorer {
  const { channels, latitude, longitude, times, stepHours } = task.dataset;
  const columns = longitude.length;
  const points = latitude.length * columns;
  const area = cellWeights(latitude);
  const cosine = cosineWeights(latitude);
  const leads = new Map<number, Means[]>();

  /** Compares one channel over the points known in both `truth` and `known`; undefined where there are none. */
  const compare = (
    field: Float32Array,
    truth: Float32Array,
    c: number,
    known: Float32Array,
  ): FieldError | undefined => {
    let [squares, squaresCos, difference, total, totalCos] = [0, 0, 0, 0, 0];
    for (let p = 0, at = c * points; p < points; p++, at++) {
      if (Number.isNaN(truth[at]) || Number.isNaN(known[at])) continue;
      const row = Math.floor(p / columns);
      const error = field[at] - truth[at];
      squares += area[row] * error * error;
      squaresCos += cosine[row] * error * error;
      difference += area[row] * error;
      total += area[row];
      totalCos += cosine[row];
    }
    if (total === 0) return undefined;
    return { mse: squares / total, mseCos: squaresCos / totalCos, bias: difference / total };
  };

  const correlate = (forecast: Float32Array, truth: Float32Array, climatology: Float32Array, c: number) => {
    let [both, forecasts, truths] = [0, 0, 0];
    for (let p = 0, at = c * points; p < points; p++, at++) {
      if (Number.isNaN(truth[at]) || Number.isNaN(climatology[at])) continue;
      const weight = area[Math.floor(p / columns)];
      const f = forecast[at] - climatology[at];
      const o = truth[at] - climatology[at];
      both += weight * f * o;
      forecasts += weight * f * f;
      truths += weight * o * o;
    }
    // Without any anomaly, as in a forecast of climatology itself, there is nothing to correlate.
    return forecasts * truths === 0 ? undefined : both / Math.sqrt(forecasts * truths);
  };

  return {
    add(time, leadSteps, forecast, states = record => stateAt(task.dataset, record)) {
      const valid = recordAhead(task.dataset, time, leadSteps);
      if (!(time >= 0 && valid !== undefined)) {
        throw new RangeError(
          `Cannot score step ${time} + ${leadSteps}: the record has ${times.length} steps.`,
        );
      }
      if (forecast.length !== channels.length * points) {
        throw new RangeError(
          `The forecast has ${forecast.length} values; ${channels.length} channels of ${points} points are ${channels.length * points}.`,
        );
      }
      const means = leads.get(leadSteps) ?? channels.map(newMeans);
      leads.set(leadSteps, means);
      const truth = states(valid);
      const newest = states(time);
      const climatology = task.climatologyAt(valid);
      means.forEach((mean, c) => {
        // Points without a climatology were never known in training: no forecast can be asked of them.
        const model = compare(forecast, truth, c, climatology);
        const persistence = compare(newest, truth, c, newest);
        const average = compare(climatology, truth, c, climatology);
        mean.mse.add(model?.mse);
        mean.mseCos.add(model?.mseCos);
        mean.bias.add(model?.bias);
        mean.acc.add(correlate(forecast, truth, climatology, c));
        mean.persistence.add(persistence?.mse);
        mean.persistenceCos.add(persistence?.mseCos);
        mean.climatology.add(average?.mse);
        mean.climatologyCos.add(average?.mseCos);
      });
    },
    rows() {
      return [...leads]
        .sort(([a], [b]) => a - b)
        .flatMap(([lead, means]) =>
          means.map((mean, c) => ({
            channel: channels[c].name,
            units: channels[c].units,
            leadHours: lead * stepHours,
            rmse: Math.sqrt(mean.mse.value),
            rmseCos: Math.sqrt(mean.mseCos.value),
            bias: mean.bias.value,
            acc: mean.acc.value,
            persistence: Math.sqrt(mean.persistence.value),
            persistenceCos: Math.sqrt(mean.persistenceCos.value),
            climatology: Math.sqrt(mean.climatology.value),
            climatologyCos: Math.sqrt(mean.climatologyCos.value),
          })),
        );
    },
  };
}

function newMeans(): Means {
  return Object.fromEntries(MEANS.map(name => [name, new TimeMean()])) as Means;
}

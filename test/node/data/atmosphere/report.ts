/**
 * Prints the measured figures of `docs/atmosphere.md`: `npx tsx test/node/data/atmosphere/report.ts`.
 * Jets and error growth of two years after spin-up, the time the data set takes, and per channel the spread about the
 * mean and the 24-hour persistence error.
 */
import { initialState, run, standardClimate } from '../../../../src/data/atmosphere/climate.ts';
import { LEVELS_HPA } from '../../../../src/data/atmosphere/coefficients.ts';
import { gaussLegendre } from '../../../../src/data/atmosphere/gauss-legendre.ts';
import { embeddedAtmosphere } from '../../../../src/data/atmosphere/index.ts';
import type { Dataset } from '../../../../src/data/dataset.ts';
import { DEGREES_NORTH, errorGrowth, zonalMeanWind } from './measure.ts';

const DAYS = 730;
const SEED = 1;
const climate = standardClimate();

function printClimate(): void {
  const q = initialState(climate, SEED);
  run(climate.model, q, 24 * 100);
  const winds = LEVELS_HPA.map(() => new Float64Array(DEGREES_NORTH.length));
  const starts: Float64Array[] = [];
  for (let day = 0; day < DAYS; day++) {
    run(climate.model, q, 24);
    if (day % 30 === 0) starts.push(q.slice());
    winds.forEach((wind, level) => {
      zonalMeanWind(q, level).forEach((value, row) => {
        wind[row] += value / DAYS;
      });
    });
  }
  console.log('zonal-mean wind, m/s:');
  console.log(`lat   ${Array.from(DEGREES_NORTH, x => x.toFixed(0).padStart(4)).join('')}`);
  winds.forEach((wind, level) => {
    console.log(`u${LEVELS_HPA[level]}  ${Array.from(wind, x => x.toFixed(0).padStart(4)).join('')}`);
  });
  for (const [fromDay, toDay] of [
    [5, 10],
    [10, 15],
    [15, 20],
    [5, 20],
  ]) {
    const growth = errorGrowth(climate, { starts, amplitude: 1e-10, fromDay, toDay });
    console.log(
      `days ${fromDay} to ${toDay}: doubling in ${growth.doublingDays.toFixed(2)} days, wind error then ` +
        `${growth.errorAtEnd.toExponential(1)} m/s (${starts.length} twins)`,
    );
  }
}

function printChannels(data: Dataset): void {
  const { weights } = gaussLegendre(data.latitude.length);
  const columns = data.longitude.length;
  const cells = weights.length * columns;
  const stride = data.channels.length * cells;
  const lag = 24 / data.stepHours;
  data.channels.forEach((channel, c) => {
    let variance = 0;
    let change = 0;
    for (let cell = 0; cell < cells; cell++) {
      let sum = 0;
      let squares = 0;
      let squaredChange = 0;
      const reference = data.values[c * cells + cell];
      for (let t = 0; t < data.times.length; t++) {
        const at = t * stride + c * cells + cell;
        const value = data.values[at] - reference;
        sum += value;
        squares += value * value;
        if (t >= lag) squaredChange += (data.values[at] - data.values[at - lag * stride]) ** 2;
      }
      const weight = weights[Math.floor(cell / columns)] / (2 * columns);
      variance += weight * (squares / data.times.length - (sum / data.times.length) ** 2);
      change += (weight * squaredChange) / (data.times.length - lag);
    }
    console.log(
      `${channel.name.padEnd(6)} spread ${Math.sqrt(variance).toPrecision(3)} persistence at 24 h ` +
        `${Math.sqrt(change).toPrecision(3)} ${channel.units}`,
    );
  });
}

const start = performance.now();
const data = embeddedAtmosphere({ days: DAYS, seed: SEED });
console.log(`${DAYS} days of data: ${((performance.now() - start) / 1000).toFixed(1)} s, one thread`);
printChannels(data);
printClimate();

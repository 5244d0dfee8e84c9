/** The words of the energy panel. */
import type { Pressure } from './evidence.ts';

const percent = (share: number) => Math.round(100 * share);

export const words = {
  title: 'Energy',
  nothing: 'Nothing has been trained yet: what it takes is told from the first steps on.',
  estimate: 'An estimate: the most likely value, and in brackets between which it lies.',
  beside: (rest: string) => `Beside the GPU: ${rest}.`,
  pressure: ({ state, inUse }: Pressure) =>
    `Processor: ${state} pressure, ${percent(inUse.low)} to ${percent(inUse.high)} % of it in use, as the browser tells. A GPU in software has no more load than that.`,
  anew: 'Counted anew since the settings were changed.',
  learned: 'Another page has told more of its power since: it is counted by that from then on.',
  untold: (name: string, fault: string) => `What ${name} tells of its machine is left out: ${fault}.`,
  machines: 'Of it, by machine',
  ranks: (ranks: readonly number[]) =>
    ranks.length === 0
      ? 'takes no part any more'
      : `${ranks.length === 1 ? 'rank' : 'ranks'} ${ranks.join(', ')}`,
  load: (how: string) => `${how[0].toUpperCase()}${how.slice(1)} (of the card of this machine).`,
  unfit: 'Kept settings of this GPU do not fit any more, and are left out.',
  studies: 'Studies: what more replicas and larger batches cost',
  now: 'Power now',
  sample: 'Training on a sample',
  soFar: 'So far',
  besides: (time: string) => `, ${time} of it for scores and checkpoints`,
  whole: 'The whole run',
  grams: 'CO₂ so far',
  chart: 'Power over time',
  chartEmpty: 'Power is drawn while the run trains.',
  elsewhere: 'The whole run on',
  choose: 'another GPU',
  settings: 'What is known of the power',
  recognised: 'The GPU as it was recognised',
  row: 'A GPU of the table',
  watts: 'Its power at full load, W',
  idle: 'at rest, W (if known)',
  wall: 'Calibrated with a wall meter',
  host: 'Rest of the machine, W',
  hostUsual: 'by the kind of machine',
  pue: 'The building takes, for each watt (PUE)',
  pueUsual: 'by the kind of machine',
  grid: 'A kWh emits, g CO₂',
  place: 'as in',
  ownGrid: 'as typed in',
  apply: 'Use these',
  calibration: 'Calibrate with a wall meter',
  calibrationWhy:
    'A meter between machine and socket fixes what the machine takes at rest and for the work of its GPU: two readings are enough.',
  stepRest: 'Pause the run, wait until the meter stands still, and type in what it shows.',
  stepLoad: 'Train for half a minute, and type in what it shows meanwhile.',
  rest: 'At rest, W',
  underLoad: 'While training, W',
  keepLoad: 'Calibrate',
  needsLoad: 'The second reading is taken while the run trains.',
} as const;

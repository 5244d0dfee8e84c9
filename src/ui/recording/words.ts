/** The words of recordings. */
import { meshName } from '../../mesh/mesh.ts';
import { count, duration, unitSpace } from '../../show/format.ts';
import type { PageState } from '../page-state.ts';
import { adapterName } from '../what-runs.ts';
import { infoOf, type Recording } from './recording.ts';

export const words = {
  title: 'A recorded run, not this machine',
  play: 'Play',
  pause: 'Pause',
  again: 'Play again',
  restart: 'From the beginning',
  moment: 'Moment of the recording',
  speed: 'Speed',
  open: 'Open a recording',
  back: 'Back to this page’s own run',
  goesOn: 'The run of this page goes on behind it.',
  views: 'Views of the run',
  learning: 'The learning',
  results: 'Take results away',
  loss: 'Loss',
  noLoss: 'The loss of every step is drawn here as soon as the run trains.',
  lossChart: 'Training loss of the run by step',
  validation: 'On data that it was not trained on',
  score: 'score',
  model: 'model',
  cannotPlay: 'This recording cannot be played',
  cannotSave: 'The recording could not be saved',
  nothingToSave: 'There is no run to record yet.',
  noExample: 'The recorded run could not be loaded',
};

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** What was recorded, when and on what. */
export function aboutWords(recording: Recording): string {
  const { model, config, adapter } = infoOf(recording);
  const on = adapterName(adapter);
  const cut = config.mesh ? `, cut ${meshName(config.mesh)}` : ', in one piece';
  const where = on ? ` on ${on}` : '';
  const kind = adapter.software ? ', which computes on the processor' : '';
  return `${model} (${config.preset})${cut}, trained on ${day.format(recording.madeAt)}${where}${kind}. Here nothing is trained: what was recorded is played.`;
}

/** Where the recorded run stands. */
export function momentWords({ status, step, info, progress }: PageState): string {
  if (!info) return progress?.stage ?? 'preparing';
  const steps = `step ${count(step)} of ${count(info.config.steps)}`;
  if (status === 'done') return `trained, ${steps}`;
  return step === 0 ? 'not trained yet' : steps;
}

/** Of milliseconds of the recording. */
export const timeWords = (at: number, length: number) =>
  `${duration(at / 1000)} of ${duration(length / 1000)}`;

export const speedWords = (factor: number) => `${factor}${unitSpace}×`;

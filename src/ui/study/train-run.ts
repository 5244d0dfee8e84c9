/**
 * Trains one run of a study in this page: in a session of its own, with the other ranks in workers beside it. It ends with the
 * run, so that whatever becomes of one, the next has a fresh device, as in the terminal; and the page's own run stays as it is.
 */
import { proxy, wrap } from 'comlink';
import { createCrew } from '../../crew/host.ts';
import type { DataChoice } from '../../data/choice/choice.ts';
import { minus } from '../../energy/band.ts';
import type { HashedPlan, RunInfo, SessionApi, StepTrace } from '../../session/api/api.ts';
import { openStudyWorker } from '../../session/api/open-worker.ts';
import { embeddedChoice, presets } from '../../session/api/presets.ts';
import type { RunConfig } from '../../session/api/run-config.ts';
import { RunMeter } from '../../show/run-meter.ts';
import { stepWork } from '../../show/step-work.ts';
import { updateMs } from '../../show/update-time.ts';
import type { StudyRun } from '../../study/study-file.ts';
import type { Training } from '../../study/train-study.ts';
import { choiceOf, embedded, sourceFor, synthetic } from '../data-source.ts';
import { keptMachines, storageHere } from '../energy/kept-settings.ts';
import { moreClues, ownPlaces } from '../energy/this-machine.ts';

/** Of data that are computed, as in the terminal. */
const dataSeed = 1;
/** Nobody goes on with such a run: none is kept on the way. */
const noCheckpoints = 1e9;

export async function trainRun(
  run: StudyRun,
  stop: AbortSignal,
  told: (step: number) => void,
): Promise<Training> {
  const stopped: Training = { fault: undefined, result: undefined };
  if (stop.aborted) return stopped;
  const worker = openStudyWorker();
  const session = wrap<SessionApi>(worker);
  const crew = createCrew({ session });
  let meter: RunMeter | undefined;
  const traces: StepTrace[] = [];
  const train = async (): Promise<Training> => {
    await session.subscribe(
      proxy(event => {
        meter?.hear(event);
        if (event.type === 'trace') traces.push(...event.traces);
        if (event.type === 'metrics') told(event.step);
      }),
    );
    const config = configOf(run);
    if (config.mesh) await crew.assemble(config.mesh);
    const info = await session.prepare(config);
    const plans = await plansOf(info, session);
    meter = await meterOf(info, plans);
    await session.train();
    const result = await session.result();
    const { totals } = meter.now;
    const energy = {
      training: totals.trainingJoules,
      scoring: minus(totals.joules, totals.trainingJoules),
    };
    const known = new Map(plans.flat().map(({ hash, steps }) => [hash, steps]));
    return {
      fault: undefined,
      result,
      updateMs: updateMs(traces, hash => known.get(hash)),
      ...(totals.trainingSeconds > 0 && { energy }),
    };
  };
  const ended = new Promise<Training>((resolve, reject) => {
    stop.addEventListener('abort', () => resolve(stopped), { once: true });
    worker.addEventListener('error', ({ message }) => reject(new Error(`its worker stopped: ${message}`)));
  });
  try {
    return await Promise.race([train(), ended]);
  } catch (cause) {
    return { fault: (cause as Error).message, result: undefined };
  } finally {
    await crew.close();
    worker.terminate();
  }
}

function configOf({
  model,
  replicas,
  globalBatch,
  days,
  subset,
  steps,
  learningRate,
  seed,
}: StudyRun): RunConfig {
  return {
    ...(replicas > 1 && { mesh: { rows: 1, columns: 1, replicas } }),
    data: dataOf(model, days),
    preset: model.preset,
    steps,
    seed,
    overrides: {
      batch: globalBatch,
      ...(learningRate !== undefined && { learningRate }),
      ...(subset !== undefined && { subset }),
    },
    checkpointSeconds: noCheckpoints,
    // For the time of the update: layer by layer slows a step a second down by little.
    trace: 'layer',
  };
}

/** What the preset has where the study says nothing, as in the page; days are of the embedded atmosphere. */
function dataOf({ preset, data }: StudyRun['model'], days: number | undefined): DataChoice {
  if (data === 'synthetic') return choiceOf(synthetic, preset);
  if (data !== undefined || days !== undefined) return embeddedChoice(presets[preset], dataSeed, days);
  return choiceOf(sourceFor(preset, embedded), preset);
}

/** Of every rank, those of a step. */
const plansOf = ({ ranks }: RunInfo, session: Pick<SessionApi, 'plan'>) =>
  Promise.all(Array.from({ length: Math.max(1, ranks.length) }, (_, rank) => session.plan(rank)));

async function meterOf(info: RunInfo, plans: readonly (readonly Pick<HashedPlan, 'steps'>[])[]) {
  const places = ownPlaces(info, await moreClues());
  const { machines } = keptMachines(storageHere(), places);
  const work = plans.map(own => stepWork(own, 1));
  return new RunMeter({ machines, work, batch: info.batch });
}

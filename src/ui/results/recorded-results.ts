/** The results of a run that is recorded, as far as the recording has them: of rows and reports what was kept. */
import type {
  MapView,
  RankReport,
  RankResult,
  RolloutSpec,
  RolloutView,
  RunInfo,
  RunResult,
} from '../../session/api/api.ts';
import { columnsOf, isScored, type Row, scoreCells } from '../../show/metrics-table.ts';
import type { ShownView } from '../../show/report-views.ts';
import type { ScoredStep } from '../../show/scores-csv.ts';
import { infoOf, type KeptEvent, type Recording } from '../recording/recording.ts';
import type { ResultSource } from './files.ts';

type Kept<Type extends KeptEvent['type']> = Extract<KeptEvent, { type: Type }>;

const hourMilliseconds = 3_600_000;

/** @param maps the maps as they are shown now */
export function recordedResults(recording: Recording, maps: ResultSource['maps']): ResultSource {
  const info = infoOf(recording);
  const events = recording.events.map(({ event }) => event);
  const metrics = events.filter(event => event.type === 'metrics');
  const scored = events.flatMap((event): ScoredStep[] => {
    if (event.type !== 'scores') return [];
    const { step, part, scores } = event;
    return [{ step, part, scores }];
  });
  const rows = rowsOf(metrics, scored, info);
  const first = rows.at(0)?.step ?? 1;
  return {
    info,
    isRecorded: true,
    table: { columns: columnsOf(info), rows },
    scored,
    // Of a long run every row is the mean of its neighbours.
    every: rows.length > 1 ? Math.max(1, Math.round((rows.at(-1)!.step! - first) / (rows.length - 1))) : 1,
    from: events.find((event): event is Kept<'prepared'> => event.type === 'prepared')?.info.step ?? 0,
    maps,
    async result() {
      return recordedResult(info, metrics, events.filter(event => event.type === 'ranks').at(-1), scored);
    },
    async views() {
      return info.views.flatMap(spec => {
        const answer = recording.answers.filter(({ name }) => name === spec.name).at(-1)?.view;
        if (answer?.kind === 'rollout' && spec.kind === 'rollout') return mapsOf(answer, spec);
        return answer?.kind === 'images' ? [{ spec, view: answer }] : [];
      });
    },
  };
}

/** The losses that were kept; rates and norms of the steps that they were told with. */
function rowsOf(metrics: readonly Kept<'metrics'>[], scored: readonly ScoredStep[], info: RunInfo): Row[] {
  const cells = new Map(
    scored
      .filter(({ part, step }) => part === 'validation' && isScored(info, step))
      .map(({ step, scores }) => [step, scoreCells(scores, info)]),
  );
  const rows = new Map<number, Row>();
  for (const { step: told, losses, learningRates, gradientNorms } of metrics) {
    for (const [step, loss] of losses) {
      const last =
        step === told ? { learningRate: learningRates.at(-1), gradientNorm: gradientNorms.at(-1) } : {};
      rows.set(step, { loss, ...last });
    }
  }
  const steps = [...new Set([...rows.keys(), ...cells.keys()])].sort((a, b) => a - b);
  return steps.map(step => ({
    step,
    epoch: (step * info.batch) / info.samples.train,
    ...rows.get(step),
    ...cells.get(step),
  }));
}

function recordedResult(
  info: RunInfo,
  metrics: readonly Kept<'metrics'>[],
  reports: Kept<'ranks'> | undefined,
  scored: readonly ScoredStep[],
): RunResult {
  const losses = metrics.flatMap(event => event.losses);
  const last = metrics.at(-1);
  return {
    model: info.model,
    preset: info.config.preset,
    parameters: info.parameterCount,
    steps: last?.step ?? info.step,
    lossFirst: losses.at(0)?.[1] ?? Number.NaN,
    lossLast: losses.at(-1)?.[1] ?? Number.NaN,
    scores: scored.filter(({ part }) => part === 'test').at(-1)?.scores ?? [],
    samplesPerSecond: last?.samplesPerSecond ?? Number.NaN,
    dataMs: last?.dataMs ?? Number.NaN,
    gpuBusySeconds: last?.gpuBusySeconds ?? Number.NaN,
    peakBytes: info.memory.total,
    adapter: info.adapter,
    bytesReadFromData: info.bytesReadFromData,
    bytesReadToScore: info.bytesReadToScore,
    ranks: info.ranks.map(rank =>
      rankResult(
        rank,
        reports?.ranks.find(report => report.rank === rank.rank),
      ),
    ),
  };
}

/** @param report of the steps that were told of last */
function rankResult(
  { memory, bytesReadFromData, ...place }: RunInfo['ranks'][number],
  report: RankReport | undefined,
): RankResult {
  const none = Number.NaN;
  const { bytesSent = none, messagesSent = none, exchangeMs = none, exposedExchangeMs = none } = report ?? {};
  const { dataMs = none, stepMs = none } = report ?? {};
  return {
    ...place,
    parameterBytes: memory.parameters,
    optimizerBytes: memory.optimizer,
    activationBytes: memory.activations,
    receiveBytes: memory.exchange,
    peakBytes: memory.total,
    bytesReadFromData,
    ...{ bytesSent, messagesSent, exchangeMs, exposedExchangeMs, dataMs },
    computeMs: stepMs - exposedExchangeMs - dataMs,
  };
}

/** What a roll-out has of its shortest lead, as the maps of a report. */
function mapsOf(view: RolloutView, spec: RolloutSpec): ShownView[] {
  const size = spec.latitude.length * spec.longitude.length;
  return view.channels.map((channel, i): ShownView => {
    const at = (values: Float32Array<ArrayBuffer>) => values.slice(i * size, (i + 1) * size);
    const map: MapView = {
      kind: 'map',
      channel: spec.channels[channel],
      leadHours: view.leadHours[0],
      validTime: view.startTime + view.leadHours[0] * hourMilliseconds,
      truth: at(view.truth),
      forecast: at(view.forecast),
      persistence: at(view.start),
      climatology: new Float32Array(size).fill(Number.NaN),
    };
    return { spec: { ...spec, kind: 'map' }, view: map };
  });
}

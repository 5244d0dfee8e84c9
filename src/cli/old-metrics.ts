/**
 * Runs of earlier versions, whose folder has `metrics.jsonl`: every event with all it told, steps and scores among them.
 * What has columns now moves into `metrics.csv`, the rest into `events.jsonl`; the old file stays as it is.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RunEvent, RunInfo } from '../session/api/api.ts';
import { columnsOf, type MetricsTable, type Row, scoreColumns, stepRows } from '../show/metrics-table.ts';
import { eventLine, type RunPaths, replaceFile } from './output-folder.ts';

type Metrics = Extract<RunEvent, { type: 'metrics' }>;
/** What scores were told by: numbers by name, of a channel so many hours ahead. */
interface OldScores {
  readonly type: 'skill';
  readonly step: number;
  readonly part: string;
  readonly rows: readonly { readonly [name: string]: string | number }[];
}
type OldEvent =
  | Exclude<RunEvent, { type: 'progress' | 'metrics' }>
  | OldScores
  | (Omit<Metrics, 'learningRates' | 'gradientNorms' | 'seconds'> & { readonly learningRate: number });

/**
 * Moves the events of an earlier version to where they belong now, as long as the table has not been made of them.
 *
 * @returns whether the run is of an earlier version
 */
export async function carryOver(run: RunPaths): Promise<boolean> {
  if (existsSync(run.metrics) || !existsSync(run.oldEvents)) return false;
  const lines = (await readOldEvents(run)).map(event => {
    if (event.type === 'skill') return `${JSON.stringify(event)}\n`;
    if (event.type !== 'metrics') return eventLine(event);
    const { learningRate, ...rest } = event;
    return eventLine({ ...rest, learningRates: [], gradientNorms: [], seconds: 0 });
  });
  await replaceFile(run.events, lines.join(''));
  return true;
}

/**
 * The steps and scores of an earlier version as a table; empty where there are none. The norms of its gradients are not
 * known; learning rates are those of the last step that was told along.
 */
export async function oldTable(run: RunPaths, info: RunInfo): Promise<MetricsTable> {
  const rows: Row[] = [];
  let isScoredOnce = false;
  /** The rate that was told is the mean over a session: with its samples it gives the time. */
  let session = { samples: 0, begun: 0 };
  let seconds = 0;
  for (const event of existsSync(run.oldEvents) ? await readOldEvents(run) : []) {
    if (event.type === 'status' && event.status === 'preparing') session = { samples: 0, begun: seconds };
    if (event.type === 'metrics') {
      session.samples += event.losses.length * info.batch;
      const now = session.begun + session.samples / event.samplesPerSecond;
      const learningRates = event.losses.map(() => event.learningRate);
      rows.push(
        ...stepRows({ ...event, learningRates, gradientNorms: [], seconds: now - seconds }, info, seconds),
      );
      seconds = now;
    }
    const last = rows.at(-1);
    if (event.type === 'skill' && event.part === 'validation' && last?.step === event.step) {
      rows[rows.length - 1] = { ...last, ...oldCells(event, info) };
      isScoredOnce = true;
    }
  }
  const scored = isScoredOnce ? scoreColumns(info).map(({ name }) => name) : [];
  return { columns: [...new Set([...columnsOf(info), ...scored])], rows };
}

function oldCells({ rows }: OldScores, info: RunInfo): Row {
  return Object.fromEntries(
    scoreColumns(info).map(({ name, head: { metric, of, at }, baseline = metric }) => {
      const row = rows.find(({ channel, leadHours }) => channel === of?.name && leadHours === at?.value);
      return [name, row && Number(row[baseline])];
    }),
  );
}

/** JSON has no word for what is no number: it says null. A last line cut short by a lost process is left out. */
async function readOldEvents(run: RunPaths): Promise<OldEvent[]> {
  const lines = (await readFile(run.oldEvents, 'utf8')).split('\n').slice(0, -1);
  return lines.map(line => JSON.parse(line, (_, value) => value ?? Number.NaN) as OldEvent);
}

/** What a run leaves while it trains: its steps in `metrics.csv`, all else that happened in `events.jsonl`. */
import type { RunEvent, RunInfo } from '../session/api/api.ts';
import {
  columnsOf,
  energyCells,
  headLine,
  isScored,
  type Row,
  rewound,
  rowLine,
  scoreCells,
  stepRows,
  tableText,
  withoutColumns,
} from '../show/metrics-table.ts';
import type { EnergyStamp } from '../show/run-meter.ts';
import { oldTable } from './old-metrics.ts';
import { appendTo, eventLine, type RunPaths, readTable, replaceFile, rewindEvents } from './output-folder.ts';

/** Its methods are called one after the other. */
export interface RunLog {
  /** Step of the last row that is on the disk, or from which the run goes on. */
  readonly written: number;
  /** A prepared run stands at its beginning. */
  begin(info: RunInfo): Promise<void>;
  /** A prepared run stands at this step: what is kept of later ones is dropped. */
  goOnFrom(step: number, info: RunInfo): Promise<void>;
  /** @param energy of the steps of a report */
  add(event: Exclude<RunEvent, { type: 'progress' | 'trace' }>, energy?: EnergyStamp): Promise<void>;
}

/** What the loop may say between a step and its score. */
const besideTheStep: readonly RunEvent['type'][] = ['ranks', 'warning'];

export function createRunLog(run: RunPaths): RunLog {
  let info: RunInfo | undefined;
  let columns: readonly string[] = [];
  /** Of training, up to the last step. */
  let seconds = 0;
  let written = 0;
  /** The last row that this process found in the folder. */
  let found: Row | undefined;
  /** The row of a step that is being scored. */
  let held: Row | undefined;

  const append = async (rows: readonly Row[]) => {
    if (rows.length === 0) return;
    await appendTo(run.metrics, rows.map(row => rowLine(columns, row)).join(''));
    written = rows.at(-1)?.step ?? written;
  };
  const release = async () => {
    const rows = held ? [held] : [];
    held = undefined;
    await append(rows);
  };

  return {
    get written() {
      return written;
    },
    async begin(prepared) {
      info = prepared;
      found = {};
      columns = columnsOf(prepared);
      await replaceFile(run.metrics, headLine(columns));
    },
    async goOnFrom(step, prepared) {
      info = prepared;
      held = undefined;
      const before = (await readTable(run)) ?? (await oldTable(run, prepared));
      const table = rewound(before, step, columnsOf(prepared));
      columns = table.columns;
      // What is trained again has taken its energy all the same.
      found ??= table.rows.at(-1) ?? {};
      seconds = table.rows.at(-1)?.seconds ?? 0;
      written = step;
      await replaceFile(run.metrics, tableText(table));
      await rewindEvents(run, step);
    },
    async add(event, energy) {
      if (info && event.type === 'metrics') {
        await release();
        const cells = energy && energyCells(energy, found);
        const rows = stepRows(event, info, seconds).map(row => ({ ...row, ...cells }));
        seconds += event.seconds;
        if (isScored(info, event.step)) held = rows.pop();
        await append(rows);
      } else if (info && event.type === 'scores' && held?.step === event.step) {
        held = { ...held, ...scoreCells(event.scores, info) };
        await release();
        await appendTo(run.events, eventLine({ ...event, scores: withoutColumns(event.scores, info) }));
        return;
      } else if (!besideTheStep.includes(event.type)) {
        await release();
      }
      await appendTo(run.events, eventLine(event));
    },
  };
}

/**
 * Listens to a run and keeps what its files are made of: the row of every step as the terminal writes it, and all scores. Of
 * a run so long that its rows would fill the memory every second one is kept, then every fourth, and those with scores.
 */
import type { RunInfo } from '../../session/api/api.ts';
import {
  columnsOf,
  isScored,
  type MetricsTable,
  type Row,
  scoreCells,
  stepRows,
} from '../../show/metrics-table.ts';
import type { ScoredStep } from '../../show/scores-csv.ts';
import type { PageEvent } from '../page-state.ts';

export interface RunTable {
  event(event: PageEvent): void;
  /** Undefined where no run is prepared. */
  kept(): KeptTable | undefined;
}

export interface KeptTable {
  readonly info: RunInfo;
  readonly table: MetricsTable;
  /** Oldest first. */
  readonly scored: readonly ScoredStep[];
  /** One step in so many has its row: 1 unless the run is very long. */
  readonly every: number;
  /** Of the step before the first row. */
  readonly from: number;
}

/** What a row has, in this order, as numbers beside each other; `epoch` follows from the step. */
const numbers = ['step', 'loss', 'learningRate', 'gradientNorm', 'samplesPerSecond', 'seconds'] as const;
const wide = numbers.length;
/** Some 10 MB. */
const usualMost = 200_000;

export function createRunTable(mostRows = usualMost): RunTable {
  let info: RunInfo | undefined;
  let from = 0;
  let values = new Float64Array(0);
  let count = 0;
  let every = 1;
  let seconds = 0;
  /** Of the validation part, by step: the cells that stand in its row. */
  let cells = new Map<number, Row>();
  let scored: ScoredStep[] = [];

  const stepAt = (row: number) => values[row * wide];
  const isKept = (step: number) => step % every === 0 || (info !== undefined && isScored(info, step));
  /** Keeps the rows that pass, in their order. */
  const filter = (passes: (step: number) => boolean) => {
    let kept = 0;
    for (let row = 0; row < count; row++) {
      if (!passes(stepAt(row))) continue;
      values.copyWithin(kept * wide, row * wide, (row + 1) * wide);
      kept++;
    }
    count = kept;
  };
  const add = (row: Row) => {
    if (count * wide === values.length) {
      const larger = new Float64Array(Math.max(256 * wide, 2 * values.length));
      larger.set(values);
      values = larger;
    }
    values.set(
      numbers.map(name => row[name] ?? Number.NaN),
      count * wide,
    );
    count++;
  };
  const begin = (prepared: RunInfo) => {
    info = prepared;
    from = prepared.step;
    [values, count, every, seconds] = [new Float64Array(0), 0, 1, 0];
    cells = new Map();
    scored = [];
  };
  /** The run goes on from an earlier step: what is kept of later ones is trained again. */
  const goOn = (prepared: RunInfo) => {
    info = prepared;
    filter(step => step <= prepared.step);
    cells = new Map([...cells].filter(([step]) => step <= prepared.step));
    scored = scored.filter(({ step }) => step <= prepared.step);
    seconds = count > 0 ? values[(count - 1) * wide + numbers.indexOf('seconds')] : 0;
  };

  return {
    event(event) {
      if (event.type === 'prepared') {
        if (event.goesOn) goOn(event.info);
        else begin(event.info);
      } else if (event.type === 'gone') info = undefined;
      else if (event.type === 'metrics' && info) {
        for (const row of stepRows(event, info, seconds)) if (isKept(row.step ?? 0)) add(row);
        seconds += event.seconds;
        while (count > mostRows) {
          every *= 2;
          const before = count;
          filter(isKept);
          // All that is left is scored.
          if (count === before) break;
        }
      } else if (event.type === 'scores' && info) {
        const { step, part, scores } = event;
        scored.push({ step, part, scores });
        if (part === 'validation' && isScored(info, step)) cells.set(step, scoreCells(scores, info));
      }
    },
    kept() {
      if (!info) return undefined;
      const { batch, samples } = info;
      const rows = Array.from({ length: count }, (_, row): Row => {
        const own = values.subarray(row * wide, (row + 1) * wide);
        const [step] = own;
        const known = Object.fromEntries(numbers.map((name, i) => [name, own[i]]));
        return { ...known, epoch: (step * batch) / samples.train, ...cells.get(step) };
      });
      return { info, table: { columns: columnsOf(info), rows }, scored, every, from };
    },
  };
}

/** `npm run plan -- --published`: the simulator's times beside those that others measured, every row of them. */
import {
  type ComparedRow,
  type ComparedTable,
  comparedTables,
  errorsOf,
  publishedComparison,
} from '../session/api/published-comparison.ts';
import { textTable } from '../show/rank-table.ts';

const titles: Readonly<Record<ComparedTable, string>> = {
  epoch: 'Seconds of a step on one node (epoch times, cases C2 and C3)',
  strong: 'Strong scaling: times as fast as on one GPU (case C3)',
  weak: 'Weak scaling: efficiency where the model grows with the GPUs (case C3)',
  replicas: 'Copies of the model: efficiency beside one copy alone (case C4)',
};

const percent = (share: number) => `${share >= 0 ? '+' : '-'}${(100 * Math.abs(share)).toFixed(0)} %`;

export function publishedTable(rows: readonly ComparedRow[] = publishedComparison()): string {
  const parts = comparedTables.flatMap(table => {
    const own = rows.filter(row => row.table === table);
    const cells = own.map(
      ({ size, precision, loading, gpus, ways, published, predicted, error, calibrates, chose }) => [
        size,
        precision,
        loading ? 'yes' : 'no',
        `${gpus}`,
        `${ways}`,
        published.toFixed(table === 'epoch' ? 4 : 2),
        predicted.toFixed(table === 'epoch' ? 4 : 2),
        percent(error),
        calibrates ? 'calibrates' : chose ? 'chose' : '',
      ],
    );
    const head = ['Size', 'Precision', 'Loading', 'GPUs', 'Ways', 'Published', 'Predicted', 'Error', ''];
    return [titles[table], textTable(head, cells), summary(own), ''];
  });
  return [
    'The published schedule (arXiv:2507.05753) on the simulator; calibrated on rows of one GPU only; a hypothesis was chosen on those of 1-way copies; all others check it.',
    '',
    ...parts,
    `All tables, ${summary(rows)}`,
  ].join('\n');
}

function summary(rows: readonly ComparedRow[]): string {
  const checking = rows.filter(({ calibrates, chose }) => !calibrates && !chose);
  if (checking.length === 0) return 'No rows.';
  const { median, worst } = errorsOf(checking);
  return (
    `${checking.length} rows that check: median error ${(100 * median).toFixed(1)} %, ` +
    `worst ${(100 * worst).toFixed(1)} %`
  );
}

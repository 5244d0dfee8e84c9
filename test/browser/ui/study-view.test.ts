/** The view of studies: what the rows say, drawn; studies come and go. */
import { afterEach, expect, test } from 'vitest';
import { type ShownStudy, StudyView } from '../../../src/ui/study/study-view.ts';
import '../../../src/ui/theme.css';
import '../../../src/ui/study/study.css';
import { row } from '../../node/study/rows.ts';

const study = (name: string, factor: number): ShownStudy => ({
  name,
  rows: [1, 2, 4].flatMap(replicas =>
    [1, 2].map(repeat => {
      const seconds = (factor * (100 + repeat)) / replicas ** 0.5;
      return row({ replicas, localBatch: 16 / replicas, repeat, seconds, energyCentral: 30 * seconds });
    }),
  ),
});

let view: StudyView;
afterEach(() => view.remove());

async function show(...studies: ShownStudy[]): Promise<StudyView> {
  view = new StudyView();
  view.studies = studies;
  view.onRemove = removed => {
    view.studies = view.studies.filter(other => other !== removed);
  };
  document.body.append(view);
  await view.updateComplete;
  return view;
}

const plots = () => [...view.querySelectorAll<HTMLElement>('isobar-study-chart')];

test('tables, fits and plots of the rows', async () => {
  await show(study('a class', 1));
  const analysis = view.querySelector('[data-testid=study-analysis]')!;
  expect(analysis.textContent).toContain('6 runs. Score: RMSE over that of persistence; lower is better.');
  expect(analysis.textContent).toMatch(/Energy against rank-hours: .* J a rank-hour, from .* J; R2 [\d.]+\./);
  const cells = [...analysis.querySelectorAll('tbody tr')].map(line =>
    [...line.querySelectorAll('td')].map(cell => cell.textContent),
  );
  expect(cells).toHaveLength(3);
  // Four replicas take half the time of one: half of what they could.
  expect(cells[2].slice(0, 4)).toEqual(['4', '16 (4 each)', '100 %', '2']);
  expect(cells[2][7]).toBe('0.50');
  expect(plots().map(plot => plot.dataset.plot)).toEqual([
    'energy-rank-hours',
    'power-sample-rate',
    'score-global-batch',
    'energy-global-batch',
    'strong-efficiency',
  ]);
  const [first] = plots();
  expect(first.querySelectorAll('tbody tr')).toHaveLength(6);
  const drawing = first.querySelector('svg.study-drawing')!;
  // Of the six runs a mark each, inside of the axes, and the line that is fitted to them.
  const marks = [...drawing.querySelectorAll<SVGPathElement>('path[transform]')];
  expect(marks).toHaveLength(6);
  for (const mark of marks) {
    const { e, f } = mark.transform.baseVal.consolidate()!.matrix;
    expect([e > 50, e < 480, f >= 12, f <= 220]).toEqual([true, true, true, true]);
  }
  expect(drawing.querySelectorAll('path[fill=none]')).toHaveLength(1);
  expect(first.querySelector('.study-legend')!.textContent!.trim()).toBe('tiny');
});

test('two studies lie over each other, and one is taken away again', async () => {
  await show(study('first', 1), study('second', 2));
  const names = () =>
    [...view.querySelectorAll('[data-testid=study-analysis] h3')].map(head => head.textContent);
  expect(names()).toEqual(['tiny, first', 'tiny, second']);
  expect(plots()[0].textContent).toContain('tiny, second');
  view.querySelector<HTMLButtonElement>('[aria-label="Take first away"]')!.click();
  await view.updateComplete;
  expect(names()).toEqual(['tiny']);
});

test('without a study there is what to do, and a file that is none is told', async () => {
  await show();
  expect(view.textContent).toContain('No results are open.');
  expect(plots()).toEqual([]);
  view.refusal = 'x.jsonl was not opened. Line 1 is no row of a study.';
  await view.updateComplete;
  expect(view.querySelector('[role=alert]')!.textContent).toBe(view.refusal);
});

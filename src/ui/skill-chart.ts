/** Skill curves of one channel: RMSE of the model beside persistence and climatology, by step or by lead time. */

import type { SkillRow } from '../session/api/api.ts';
import { leadTime, prettyUnits } from '../show/format.ts';
import { type Curve, createLineChart } from './chart.ts';
import { element, setText } from './dom.ts';

export interface SkillChart {
  /** Scores on the validation part after `step` steps. */
  addValidation(step: number, rows: readonly SkillRow[]): void;
  /** Scores on the test part at several lead times. */
  setTest(rows: readonly SkillRow[]): void;
  /** Takes away what lies past `step`. */
  rewind(step: number): void;
  /** The channel to draw, by name. */
  select(channel: string): void;
  /** Nothing scored yet; `validates` says whether the task has a validation part. */
  clear(validates: boolean): void;
}

interface Scored {
  /** Step or lead hours. */
  readonly at: number;
  readonly row: SkillRow;
}

export function createSkillChart(): SkillChart {
  const axis = element('skill-axis', HTMLSelectElement);
  const caption = element('skill-caption', HTMLParagraphElement);
  let channel = '';
  let hasValidation = true;
  let validation: { step: number; rows: readonly SkillRow[] }[] = [];
  let test: readonly SkillRow[] = [];

  /** What is drawn: the shortest lead of every validation score, or every lead of the test. */
  const scored = (): Scored[] => {
    if (axis.value === 'lead') {
      return test.filter(r => r.channel === channel).map(row => ({ at: row.leadHours, row }));
    }
    return validation.flatMap(({ step, rows }) => {
      const own = rows.filter(r => r.channel === channel).sort((a, b) => a.leadHours - b.leadHours);
      return own.slice(0, 1).map(row => ({ at: step, row }));
    });
  };

  const curve = (
    list: Scored[],
    key: 'rmse' | 'persistence' | 'climatology',
    look: Partial<Curve>,
  ): Curve => ({
    label: key === 'rmse' ? 'model' : key,
    colour: `--${key === 'rmse' ? 'model' : key}`,
    points: list.map(({ at, row }) => ({ x: at, y: row[key] })),
    ...look,
  });

  const chart = createLineChart(element('skill-chart', HTMLCanvasElement), () => {
    const list = scored();
    return {
      curves: [
        curve(list, 'rmse', { width: 2.5, dots: true }),
        // A single point makes no line.
        curve(list, 'persistence', { dashed: true, dots: list.length === 1 }),
        curve(list, 'climatology', { dashed: true, dots: list.length === 1 }),
      ],
      ...(axis.value === 'lead'
        ? {
            xTitle: 'lead time in hours',
            xStep: list[0]?.at,
            whenEmpty: 'Drawn once the test part is scored: when a run is done, or by "Score now" below.',
          }
        : {
            xTitle: 'step',
            whenEmpty: hasValidation
              ? 'Scored about twenty times in a run, the first time after some steps.'
              : '',
          }),
      yTitle: `RMSE ${prettyUnits(list[0]?.row.units ?? '')}`.trim(),
      logarithmic: false,
    };
  });

  const refresh = () => {
    const lead = scored()[0]?.row.leadHours;
    const none =
      'This preset trains on all but the test part, so there is no score while it trains; see by lead time at the end.';
    const where =
      axis.value === 'step' && !hasValidation
        ? none
        : axis.value === 'lead'
          ? 'Error on the test part as the forecast goes further ahead.'
          : `Error${lead === undefined ? '' : ` ${leadTime(lead)} ahead`} on the validation part, which training does not see.`;
    setText(
      caption,
      `${where} Persistence says that nothing changes, climatology forecasts the usual weather of the date. A model has learnt something once it is below both.`,
    );
    chart.refresh();
  };
  axis.addEventListener('change', refresh);
  refresh();

  return {
    addValidation(step, rows) {
      validation.push({ step, rows });
      refresh();
    },
    setTest(rows) {
      test = [...rows].sort((a, b) => a.leadHours - b.leadHours);
      refresh();
    },
    rewind(step) {
      validation = validation.filter(scored => scored.step <= step);
      test = [];
      refresh();
    },
    select(name) {
      channel = name;
      refresh();
    },
    clear(validates) {
      hasValidation = validates;
      validation = [];
      test = [];
      axis.value = 'step';
      refresh();
    },
  };
}

/** The main score beside what it has to beat: by step on the validation part, or by how far off it is on the test part. */

import {
  type RunInfo,
  type Score,
  type ScoreGroup,
  type ScoreHead,
  scoreGroups,
} from '../session/api/api.ts';
import { prettyUnits } from '../show/format.ts';
import { baselineSentences } from '../show/score-words.ts';
import { atText } from '../show/scores.ts';
import { specOf } from './ask-view.ts';
import { type Curve, createLineChart } from './chart.ts';
import { element, setText } from './dom.ts';
import type { ShownScores } from './kept-runs/show-kept-runs.ts';

export interface ScoreChart {
  /** Scores on the validation part after `step` steps. */
  addValidation(step: number, scores: readonly Score[]): void;
  /** Scores on the test part. */
  setTest(scores: readonly Score[]): void;
  /** Takes away what lies past `step`. */
  rewind(step: number): void;
  /** The thing whose scores are drawn, by name; empty where there is but one. */
  select(thing: string): void;
  /** Another run, of which nothing is scored yet. */
  clear(info: RunInfo): void;
  /** What is beside it has changed. */
  refresh(): void;
}

interface Scored extends ScoreGroup {
  /** A step, or a distance. */
  readonly x: number;
}

/** Of the baselines, in their order. */
const baselineColours = ['--first-baseline', '--second-baseline'];

/** Where no step is scored, a forecast is by lead time all the same. */
const axisOf = (info: RunInfo) =>
  info.validationScores.find(({ at }) => at)?.at?.axis ?? (specOf(info, 'map') && 'lead time');

/** @param besides curves of other runs for what is shown of this one, drawn under its own */
export function createScoreChart(besides: (shown: ShownScores) => readonly Curve[]): ScoreChart {
  const axis = element('skill-axis', HTMLSelectElement);
  const caption = element('skill-caption', HTMLParagraphElement);
  const place = element('skill-chart', HTMLDivElement);
  let thing = '';
  /** What the validation part is scored by. */
  let heads: readonly ScoreHead[] | undefined;
  let axisName = '';
  let validation: { step: number; groups: readonly ScoreGroup[] }[] = [];
  let test: readonly ScoreGroup[] = [];

  const own = (groups: readonly ScoreGroup[]) =>
    groups
      .filter(({ of }) => (of?.name ?? '') === thing)
      .sort((a, b) => (a.at?.value ?? 0) - (b.at?.value ?? 0));
  /** What is drawn: the shortest distance of every validation score, or every distance of the test. */
  const scored = (): Scored[] => {
    if (axis.value === 'at') {
      return own(test).flatMap(group => (group.at ? { x: group.at.value, ...group } : []));
    }
    return validation.flatMap(({ step, groups }) =>
      own(groups)
        .slice(0, 1)
        .map(group => ({ x: step, ...group })),
    );
  };
  /** The main score in words, before there are numbers too. */
  const mainOf = (list: readonly Scored[]): Score | ScoreHead | undefined =>
    list[0]?.main ?? heads?.find(({ main, of }) => main && (of?.name ?? '') === thing);

  const curvesOf = (list: readonly Scored[]): Curve[] => [
    {
      label: 'model',
      colour: '--model',
      points: list.map(({ x, main }) => ({ x, y: main.value })),
      width: 2.5,
      dots: true,
    },
    ...(list[0]?.main.baselines ?? []).map(
      ({ name }, i): Curve => ({
        label: name,
        colour: baselineColours[i % baselineColours.length],
        points: list.flatMap(({ x, main }) =>
          main.baselines.filter(baseline => baseline.name === name).map(({ value }) => ({ x, y: value })),
        ),
        dashed: true,
        // A single point makes no line.
        dots: list.length === 1,
      }),
    ),
  ];

  const othersOf = (main: Score | ScoreHead | undefined): readonly Curve[] =>
    main
      ? besides({ axis: axis.value === 'at' ? 'at' : 'step', heads: heads ?? [], metric: main.metric, thing })
      : [];

  const chart = createLineChart(place, () => {
    const list = scored();
    const main = mainOf(list);
    const at = list[0]?.at;
    return {
      curves: [...othersOf(main), ...curvesOf(list)],
      ...(axis.value === 'at'
        ? {
            xTitle: at ? `${at.axis} in ${at.units === 'h' ? 'hours' : prettyUnits(at.units)}` : axisName,
            xStep: list[0]?.x,
            whenEmpty:
              'Drawn once the test part is scored: when a run is done, or by "Score now" under Details.',
          }
        : {
            xTitle: 'step',
            whenEmpty:
              heads === undefined || heads.length > 0
                ? 'Scored about twenty times in a run, the first time after some steps.'
                : 'Nothing is scored while this preset trains: all but the test part trains.',
          }),
      yTitle: main && list.length > 0 ? `${main.label} ${prettyUnits(main.units)}`.trim() : '',
      logarithmic: false,
    };
  });

  const wordsOf = (list: readonly Scored[]) => {
    const main = mainOf(list);
    const what = main?.better === 'higher' ? main.label : 'Error';
    if (axis.value === 'at') return `${what} on the test part as the ${axisName} grows.`;
    if (heads === undefined || heads.length > 0) {
      const far = main?.at ? ` ${atText(main.at)} ahead` : '';
      return `${what}${far} on the validation part, which training does not see.`;
    }
    const later = axisName ? `; see by ${axisName} at the end` : '';
    return `This preset trains on all but the test part, so there is no score while it trains${later}.`;
  };

  const refresh = () => {
    const list = scored();
    const main = mainOf(list);
    setText(caption, [wordsOf(list), main ? baselineSentences(main) : ''].join(' ').trim());
    chart.refresh();
  };
  axis.addEventListener('change', refresh);

  return {
    addValidation(step, scores) {
      validation.push({ step, groups: scoreGroups(scores) });
      refresh();
    },
    setTest(scores) {
      test = scoreGroups(scores);
      refresh();
    },
    rewind(step) {
      validation = validation.filter(scored => scored.step <= step);
      test = [];
      refresh();
    },
    refresh,
    select(name) {
      thing = name;
      refresh();
    },
    clear(info) {
      heads = info.validationScores;
      validation = [];
      test = [];
      axisName = axisOf(info) ?? '';
      // Where no step is scored there is but the test part to draw.
      axis.value = info.validationScores.length === 0 && axisName !== '' ? 'at' : 'step';
      axis.hidden = axisName === '';
      setText(axis.options[1], `by ${axisName}`);
      const [main] = info.validationScores.filter(({ main }) => main);
      place.ariaLabel = main
        ? [`${main.label} of the model beside`, main.baselines.join(' and ') || 'nothing'].join(' ')
        : 'Scores of the model';
      refresh();
    },
  };
}

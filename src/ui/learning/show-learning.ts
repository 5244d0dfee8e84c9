/** How well the model learns: the loss of every step, the scores, and their words; also the button that scores it now. */
import type { RunEvent, RunInfo, Score } from '../../session/api/api.ts';
import { taskWords } from '../../show/task-words.ts';
import { element, setText } from '../dom.ts';
import type { KeptRuns } from '../kept-runs/show-kept-runs.ts';
import { createLossChart } from '../loss-chart.ts';
import { createScoreChart } from '../score-chart.ts';
import { isShown, showScoreTable, showScoreWords } from '../score-table.ts';

export interface Learning {
  /** Another run, of which nothing is known yet. */
  started(info: RunInfo): void;
  /** The same run stands at an earlier step, from where it goes on. */
  rewound(info: RunInfo): void;
  event(event: RunEvent): void;
  /** Speaks in words of a kind of task; `info` is there once a run of it is. */
  speak(task: string, info: RunInfo | undefined): void;
  /** Whether the run can be scored now. */
  enable(enabled: boolean): void;
  /** The thing whose scores are drawn: see `ScoreChart`. */
  select(thing: string): void;
}

export interface LearningOptions {
  /** Scores the model on the test part. */
  readonly score: () => Promise<readonly Score[]>;
  /** After that, whatever came of it. */
  readonly scored: () => void;
  /** Runs that are drawn beside it. */
  readonly kept: KeptRuns;
  readonly failed: (cause: unknown) => void;
}

export function createLearning({ score, scored, kept, failed }: LearningOptions): Learning {
  const loss = createLossChart(kept.lossCurves);
  const chart = createScoreChart(kept.scoreCurves);
  kept.onChange(() => {
    loss.refresh();
    chart.refresh();
  });
  const button = element('score', HTMLButtonElement);
  let task = '';

  const showTest = (scores: readonly Score[]) => {
    showScoreTable(scores, task);
    chart.setTest(scores);
  };
  button.onclick = async () => {
    button.disabled = true;
    await score().then(showTest, failed);
    scored();
    button.disabled = false;
  };
  const nothingScored = (info: RunInfo) => {
    task = info.task;
    showScoreTable([], task);
    showScoreWords(info.validationScores.filter(isShown));
  };

  return {
    started(info) {
      loss.clear();
      chart.clear(info);
      nothingScored(info);
    },
    rewound(info) {
      loss.rewind(info.step);
      chart.rewind(info.step);
      nothingScored(info);
    },
    event(event) {
      if (event.type === 'metrics') loss.add(event.step, event.losses);
      if (event.type !== 'scores') return;
      if (event.part === 'test') showTest(event.scores);
      else chart.addValidation(event.step, event.scores);
    },
    speak(kind, info) {
      const words = taskWords(kind);
      setText(element('loss-words', HTMLParagraphElement), words.loss);
      setText(element('step-words', HTMLSpanElement), words.step);
      setText(element('skill-title', HTMLHeadingElement), words.scores);
      if (!info) showScoreTable([], kind);
    },
    enable(enabled) {
      button.disabled = !enabled;
    },
    select: chart.select,
  };
}

/** The words of the view of studies. */
export const words = {
  title: 'Studies: what training costs, and how it scales',
  intro:
    'A study trains a model many times, on more replicas and with larger batches, and compares what each run took, learned and used. Its runs are trained here or in the terminal, with npm run study; their results are drawn below, and several studies, of two cards or two classes, lie over each other.',
  results: 'Results',
  open: 'Open runs.jsonl …',
  example: 'Show the results of the example',
  remove: (name: string) => `Take ${name} away`,
  none: 'No results are open. The example was made on two processor cores, in four minutes.',
  runs: (count: number, score: string, better: string) =>
    `${count === 1 ? 'One run' : `${count} runs`}. Score: ${score}; ${better} is better.`,
  spread:
    'After ± stands the standard deviation of repetitions. Strong: against one replica on the same data, 1 where n replicas take an n-th of the time. Weak: against one replica on an n-th of the data.',
  values: 'The values',
  savePlot: 'Save the plot as SVG',
  here: 'Train a study in this page',
  hereAbout:
    'The runs of a study file are trained one after the other, with all replicas on the card of this page. Each that ends is kept in this browser at once: a page that is closed or loaded again goes on with the run that was under way, from its beginning.',
  takeExample: 'Take the example: 14 runs, five minutes on two cores',
  takeFile: 'Take a study file …',
  start: 'Train it',
  goOn: 'Go on',
  stop: 'Stop',
  stopping: 'Stopping',
  forget: (name: string) => `Forget ${name} and its rows`,
  lines: 'Save runs.jsonl',
  table: 'Save runs.csv',
  ofRuns: (done: number, all: number) => `${done} of ${all} runs are done.`,
  allDone: (all: number) => `All ${all} runs are done.`,
  underWay: (run: string, step: number, steps: number) => `Under way: ${run}, step ${step} of ${steps}`,
  left: (time: string) => `about ${time} left`,
  failed: (run: string, why: string) => `${run} failed: ${why} The next time it is tried again.`,
  busy: 'The run of this page is training. Pause it first: both would share the card, and the times of neither were right.',
  interrupted:
    'The study was stopped, since the run of this page began to train: both would share the card, and the times of neither were right. What was done is kept.',
  elsewhere:
    'Another page of this browser trains a study. Two would share the card: wait for it, or stop it there.',
  notKept: (why: string) =>
    `This browser keeps no studies (${why}). Rows last until the page is left: save runs.jsonl before.`,
  dataElsewhere: (where: string, data: string | undefined, isShapes: boolean) =>
    `The study's ${where}: a page trains on ${isShapes ? 'shapes' : 'embedded or synthetic data'} and not on "${data}"; npm run study takes files and stores.`,
  refused: (name: string, why: string) => `${name} was not opened. ${why}`,
  wentWrong: (why: string) => `The study was stopped: ${why}`,
  empty: 'It has no run that is done.',
  unreachable: (status: number) => `The server of this page answered ${status}.`,
} as const;

/** The words of the view of studies. */
export const words = {
  title: 'Studies: what training costs, and how it scales',
  intro:
    'A study trains a model many times, on more replicas and with larger batches, and compares what each run took, learned and used. The runs are made in the terminal, with npm run study; here their results are drawn, and several studies, of two cards or two classes, lie over each other.',
  open: 'Open runs.jsonl …',
  example: 'Show the example',
  remove: (name: string) => `Take ${name} away`,
  none: 'No study is open. The example was made on two processor cores, in four minutes.',
  runs: (count: number, score: string, better: string) =>
    `${count} runs. Score: ${score}; ${better} is better.`,
  spread:
    'After ± stands the standard deviation of repetitions. Strong: against one replica on the same data, 1 where n replicas take an n-th of the time. Weak: against one replica on an n-th of the data.',
  values: 'The values',
  refused: (name: string, why: string) => `${name} was not opened. ${why}`,
  empty: 'It has no run that is done.',
  unreachable: (status: number) => `The server of this page answered ${status}.`,
} as const;

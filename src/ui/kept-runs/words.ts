/** The words of runs that are kept beside another. */
export const words = {
  title: 'Runs beside this one',
  keep: 'Keep this curve',
  keepHint: 'It stays in this browser when another run begins, to be compared with.',
  file: 'Compare with a file',
  fileHint: 'A recording, or the metrics.csv of a run: its curve is laid under this one.',
  before: 'the run before',
  keepBefore: 'Keep',
  failed: 'This file cannot be laid under the run',
  full: 'This run cannot be kept',
};

export const removeWords = (name: string) => `Take away ${name}`;
export const keepWords = (name: string) => `Keep ${name}`;

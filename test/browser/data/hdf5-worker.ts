/** Reads a file in a worker, and tells what is in it. */
import type { NetcdfSource } from '../../../src/data/choice/choice.ts';
import { openFile } from '../../../src/data/file-forms.ts';
import { openBoxed } from '../../../src/data/open-boxed.ts';

export interface Hdf5Answer {
  readonly failure?: string;
  readonly channels?: readonly string[];
  readonly known?: number;
  readonly mean?: number;
  /** Parts of the file can be read at once. */
  readonly waits?: boolean;
}

async function answerTo(file: NetcdfSource): Promise<Hdf5Answer> {
  const { readNow } = await openFile(file, { bytes: 0, requests: 0 });
  const { dataset } = await (await openBoxed({ kind: 'files', files: [file] })).read();
  const known = dataset.values.filter(value => !Number.isNaN(value));
  return {
    channels: dataset.channels.map(({ name }) => name),
    known: known.length,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    waits: readNow !== undefined,
  };
}

self.onmessage = ({ data }: MessageEvent<NetcdfSource>) => {
  answerTo(data)
    .catch(error => ({ failure: String(error) }))
    .then(answer => self.postMessage(answer));
};

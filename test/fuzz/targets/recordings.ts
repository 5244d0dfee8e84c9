/** Recordings of runs, up to their last moment. */
import { DataError } from '../../../src/io/data-error.ts';
import { packRecording, unpackRecording } from '../../../src/ui/recording/file.ts';
import { createPlayer } from '../../../src/ui/recording/player.ts';
import { recordedRun } from '../../node/ui/recorded-run.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { bytesOf, type Input, inputOf, type Target, textInput, textOf } from '../target.ts';

const name = 'run.isobar.gz';
const isPacked = (input: Input) => bytesOf(input)[0] === 0x1f;
const stillClock = { now: () => 0, wait: () => () => {} };

export const recordingTarget: Target = {
  name: 'recording',
  about: 'a recording that somebody sent, packed or as a server unpacks it, and its last moment',
  allows: error => error instanceof DataError,
  async corpus() {
    const packed = await packRecording(recordedRun(3));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    return [inputOf(name, packed), textInput(name, await new Response(stream).text())];
  },
  mutate(input, random, corpus) {
    const others = corpus.filter(other => isPacked(other) === isPacked(input));
    return isPacked(input)
      ? inputOf(
          name,
          mutateBytes(bytesOf(input), random, { others: others.map(bytesOf), head: 20, littleEndian: true }),
        )
      : textInput(name, mutateJson(textOf(input), random, others.map(textOf)));
  },
  async run(input) {
    const player = createPlayer(await unpackRecording(bytesOf(input)), stillClock);
    player.seek(player.length);
  },
};

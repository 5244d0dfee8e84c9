/** What a host tells the page of a guest, up to the lanes of its step. */
import { DataError } from '../../../src/io/data-error.ts';
import { writeChapter } from '../../../src/ui/guest/chapter.ts';
import { newsAfter, nothingTold } from '../../../src/ui/guest/tell.ts';
import { createToldRun } from '../../../src/ui/guest/told-run.ts';
import { emptyPage, type PageEvent, reduce } from '../../../src/ui/page-state.ts';
import { fromBase64, gunzipped, toBase64 } from '../../../src/ui/recording/packed.ts';
import { createReader } from '../../../src/ui/timeline/reading.ts';
import { info, metrics, planSteps, rollout, trace } from '../../node/ui/recorded-run.ts';
import { mutateJson } from '../mutate-json.ts';
import { type Target, textInput, textOf } from '../target.ts';

const name = 'chapter.json';

/** All that a host tells who was just let in, in one. */
async function story(): Promise<string> {
  const events: PageEvent[] = [
    { type: 'prepared', info },
    { type: 'status', status: 'running' },
    metrics(3, 3, 2, 1),
    { type: 'trace', origin: 0, traces: [trace(3)] },
  ];
  const news = newsAfter(
    nothingTold,
    {
      state: events.reduce(reduce, emptyPage()),
      plans: new Map([['hash', planSteps]]),
      holders: [{ rank: 0, name: 'the host', card: 'a', cardName: 'card of the host', certain: true }],
      board: undefined,
      answers: [{ at: 0, name: 'forecast', view: rollout(1) }],
    },
    { steps: true, fields: true },
  );
  const chapters = [...(news.short ? [news.short] : []), ...news.steps, ...news.fields];
  const whole = await writeChapter({
    anew: true,
    events: chapters.flatMap(({ events }) => events),
    plans: Object.assign({}, ...chapters.map(({ plans }) => plans)),
    holders: news.short?.holders ?? [],
    answers: chapters.flatMap(({ answers }) => answers),
  });
  return new TextDecoder().decode(await gunzipped(fromBase64(whole), 1e6));
}

async function packed(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return toBase64(new Uint8Array(await new Response(stream).arrayBuffer()));
}

export const chapterTarget: Target = {
  name: 'chapter',
  about: 'what a host tells of its run, and the lanes of the step in it',
  allows: error => error instanceof DataError,
  corpus: async () => [textInput(name, await story())],
  mutate: (input, random, corpus) => textInput(name, mutateJson(textOf(input), random, corpus.map(textOf))),
  async run(input) {
    const told = createToldRun(() => {});
    await told.hear(await packed(textOf(input)));
    const { sampled } = told.store.state();
    if (sampled) createReader()(sampled.traces, told.plans(), told.cards());
  },
};

/** Starts a reader of data: in a worker of its own, so that unpacking is in nobody's way; where there are none, here. */
import { proxy, type Remote, wrap } from 'comlink';
import { absoluteChoice, type BoxedChoice } from '../../../data/choice/choice.ts';
import { DataError } from '../../../io/data-error.ts';
import { createDataReader, type DataReader } from './data-reader.ts';

export interface StartedReader {
  /** As `DataReader`, whatever thread it is on. */
  readonly reader: DataReader;
  /** Ends it, and frees what it holds. */
  close(): void;
}

/** Workers of readers that nobody has any more. */
const forgotten = new FinalizationRegistry<Worker>(worker => worker.terminate());

export function startReader(): StartedReader {
  if (!('Worker' in globalThis)) return { reader: createDataReader(), close: () => undefined };
  const worker = new Worker(new URL('./data-worker.ts', import.meta.url), { type: 'module' });
  const reader = remotely(wrap<DataReader>(worker));
  forgotten.register(reader, worker);
  return { reader, close: () => worker.terminate() };
}

function remotely(remote: Remote<DataReader>): DataReader {
  const ignore = () => undefined;
  return {
    measure: (order, box, progress) =>
      inWords(
        remote.measure(
          absolute(order),
          box,
          proxy((stage, fraction) => progress(stage, fraction)),
        ),
      ),
    prepare: shared => inWords(remote.prepare(shared)),
    expect(samples) {
      // What fails is told by the sample that lacks.
      remote.expect(samples).catch(ignore);
    },
    sample: time => inWords(remote.sample(time)),
    states: (order, records) => inWords(remote.states(absolute(order), records)),
  };
}

/** What is wrong with data comes from another thread as an error of no class. */
async function inWords<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === DataError.name) throw new DataError(error.message);
    throw error;
  }
}

const absolute = <Order extends { readonly choice: BoxedChoice }>(order: Order): Order => ({
  ...order,
  choice: absoluteChoice(order.choice),
});

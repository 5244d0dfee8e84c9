/** Workers of this page that hold a rank each: made when they are needed, and kept, for a device is slow to open. */
import { proxy, type Remote, wrap } from 'comlink';
import { startRankWorker } from '../session/api/open-worker.ts';
import type { RankApi } from '../session/api/rank-api.ts';

export interface RankWorker {
  readonly api: Remote<RankApi>;
  /** False once it has died. */
  isAlive(): boolean;
  /** The answer of a call; rejected where the worker dies before, for then none would come. */
  answer<T>(call: Promise<T>): Promise<T>;
  /** Frees its device and ends it. */
  close(): void;
}

export interface RankWorkerListeners {
  /** Its links ended with a failure, its own or that of a peer; it can be wired anew. */
  onFailure?(reason: string): void;
  /** It could not be loaded, or threw where nobody caught it. It is of no use any more. */
  onDeath?(reason: string): void;
}

/** How long a worker that died has to tell its peers. */
const LAST_WORDS_MS = 1000;

export function openRankWorker(power: GPUPowerPreference, listeners: RankWorkerListeners): RankWorker {
  const worker = startRankWorker(power);
  const api = wrap<RankApi>(worker);
  let alive = true;
  let died: (error: Error) => void;
  const death = new Promise<never>((_, reject) => {
    died = reject;
  });
  death.catch(() => {});
  worker.addEventListener('error', ({ message }) => {
    if (!alive) return;
    alive = false;
    const reason = `its worker stopped${message && `: ${message}`}`;
    void api.fail(reason);
    setTimeout(() => worker.terminate(), LAST_WORDS_MS);
    died(new Error(reason));
    listeners.onDeath?.(reason);
  });
  void api.onFailure(proxy((reason: string) => listeners.onFailure?.(reason)));
  return {
    api,
    isAlive: () => alive,
    answer: call => Promise.race([call, death]),
    close() {
      alive = false;
      // A worker that hangs would never answer.
      const timer = setTimeout(() => worker.terminate(), LAST_WORDS_MS);
      void api.close().then(() => {
        clearTimeout(timer);
        worker.terminate();
      });
    },
  };
}

/** The workers of a host's page: ranks are spread over its adapters, where it has two. */
export interface RankWorkers {
  /** So many workers that are alive; those that were there before come first. */
  take(count: number): Promise<readonly RankWorker[]>;
  /** Those that were not taken last give back what they hold of a run. */
  free(generation: number): Promise<void>;
  close(): void;
}

/** @param onDeath hears which of the workers died, and why */
export function createRankWorkers(onDeath: (worker: RankWorker, reason: string) => void): RankWorkers {
  const workers: RankWorker[] = [];
  let taken = 0;
  let twoAdapters: Promise<boolean> | undefined;

  function open(power: GPUPowerPreference): RankWorker {
    const worker = openRankWorker(power, { onDeath: reason => onDeath(worker, reason) });
    return worker;
  }

  return {
    async take(count) {
      twoAdapters ??= hasTwoAdapters();
      const two = count > 0 && (await twoAdapters);
      for (let index = 0; index < count; index++) {
        if (workers[index]?.isAlive()) continue;
        // Rank 0 is on the fast one, so the first worker takes the other.
        workers[index] = open(two && index % 2 === 0 ? 'low-power' : 'high-performance');
      }
      taken = count;
      return workers.slice(0, count);
    },
    async free(generation) {
      const idle = workers.slice(taken).filter(worker => worker.isAlive());
      await Promise.all(idle.map(({ api }) => api.connect({ rank: 0, ports: [], generation })));
    },
    close() {
      for (const worker of workers.splice(0)) worker.close();
    },
  };
}

/** True where a request for low power gives another adapter than one for speed. */
async function hasTwoAdapters(): Promise<boolean> {
  const preferences = ['low-power', 'high-performance'] as const;
  const adapters = await Promise.all(
    preferences.map(powerPreference => navigator.gpu?.requestAdapter({ powerPreference })),
  );
  const [low, high] = adapters.map(adapter => {
    const { vendor, architecture, device, description } = adapter?.info ?? {};
    return JSON.stringify([vendor, architecture, device, description]);
  });
  return low !== high;
}

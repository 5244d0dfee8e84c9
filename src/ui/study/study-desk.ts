/**
 * Studies that this page trains: read from a file, trained run by run, kept with their rows, gone on with where they stopped.
 * Without DOM; how a run is trained and where rows are kept is handed in.
 */
import { presets } from '../../session/api/presets.ts';
import { readStudy, runsOf, type Study, StudyError, type StudyRun } from '../../study/study-file.ts';
import type { StudyRow } from '../../study/study-row.ts';
import { type StudyProgress, type Training, trainStudy } from '../../study/train-study.ts';
import { words } from './words.ts';

/** A study and what of it is done. */
export interface KeptStudy {
  /** Of what its file says: a changed file is another study. */
  readonly key: string;
  readonly study: Study;
  readonly rows: readonly StudyRow[];
}

/** Where studies outlast the page. Every method rejects where the browser keeps nothing, or has no room. */
export interface StudyStore {
  /** Oldest first. */
  read(): Promise<readonly KeptStudy[]>;
  /** Its rows, if there are any, stay. */
  keep(key: string, study: Study): Promise<void>;
  /** All of the row or nothing. */
  add(key: string, row: StudyRow): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface TrainedStudy {
  readonly key: string;
  readonly progress: StudyProgress;
  /** Of the run under way. */
  readonly step: number;
  readonly secondsLeft: number | undefined;
  /** It is to end, and has not yet. */
  readonly isStopping: boolean;
}

export interface DeskView {
  readonly studies: readonly KeptStudy[];
  readonly trained: TrainedStudy | undefined;
  /** By key and run: why runs failed when they were tried last. */
  readonly faults: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** What went wrong, for people. */
  readonly notice: string | undefined;
}

export interface StudyDesk {
  view(): DeskView;
  /** Finds what an earlier page has kept. */
  open(): Promise<void>;
  /** A study file. @param name of it */
  take(name: string, text: string): Promise<void>;
  /** Trains the runs that are not done. Resolves when it ends, for whatever reason. */
  start(key: string): Promise<void>;
  /** Ends the run under way, which begins anew the next time. @param why told, where it was not the user */
  stop(why?: string): void;
  remove(key: string): Promise<void>;
}

export interface DeskOptions {
  readonly store: StudyStore;
  /** @param told the steps that are done, now and then */
  readonly train: (run: StudyRun, stop: AbortSignal, told: (step: number) => void) => Promise<Training>;
  /** The page's run trains: it would share the card with the study's, and neither's times were right. */
  readonly isBusy: () => boolean;
  /** Does it while no other page of this browser does; resolves with false where one does. */
  readonly alone: (work: () => Promise<void>) => Promise<boolean>;
  readonly changed: (view: DeskView) => void;
  readonly now?: () => number;
}

/** What a page can train on without files of the machine. */
const dataHere = ['embedded', 'synthetic', 'shapes'];

/** @throws StudyError where its runs need what only the terminal has */
function checkHere({ models }: Study): void {
  for (const [index, { preset, data }] of models.entries()) {
    const isShapes = presets[preset].embedded.kind === 'shapes';
    const fits = data === undefined || (dataHere.includes(data) && (data === 'shapes') === isShapes);
    if (!fits) throw new StudyError(words.dataElsewhere(`models.${index}.data`, data, isShapes));
  }
}

export function createStudyDesk({
  store,
  train,
  isBusy,
  alone,
  changed,
  now = () => performance.now(),
}: DeskOptions): StudyDesk {
  let view: DeskView = { studies: [], trained: undefined, faults: new Map(), notice: undefined };
  let stopping = new AbortController();
  let isActive = false;
  const set = (change: Partial<DeskView>) => {
    view = { ...view, ...change };
    changed(view);
  };
  const replace = (key: string, change: (study: KeptStudy) => KeptStudy) =>
    view.studies.map(study => (study.key === key ? change(study) : study));
  const find = (key: string) => view.studies.find(study => study.key === key);
  /** With what this and other pages have kept. */
  const refresh = async () => {
    try {
      const found = new Map((await store.read()).map(study => [study.key, study]));
      const joined = view.studies.map(own => {
        const rows = found.get(own.key)?.rows ?? [];
        found.delete(own.key);
        const ids = new Set(own.rows.map(({ id }) => id));
        return { ...own, rows: [...own.rows, ...rows.filter(({ id }) => !ids.has(id))] };
      });
      set({ studies: [...found.values(), ...joined] });
    } catch (cause) {
      set({ notice: words.notKept((cause as Error).message) });
    }
  };
  /** Where nothing can be kept, what is done lasts as long as the page. */
  const kept = (work: Promise<void>) =>
    work.catch((cause: Error) => set({ notice: words.notKept(cause.message) }));

  const trainNow = async ({ key, study }: KeptStudy) => {
    stopping = new AbortController();
    const { signal } = stopping;
    let begun = now();
    set({ notice: undefined, faults: new Map([...view.faults].filter(([other]) => other !== key)) });
    // Another page may have gone on with it meanwhile.
    await refresh();
    const { rows = [] } = find(key) ?? {};
    const failures = await trainStudy({
      runs: runsOf(study),
      done: rows,
      stop: signal,
      train: (run, stop) =>
        train(run, stop, step => {
          const { trained } = view;
          if (!trained) return;
          const secondsLeft = leftOf(trained.progress, step, Math.max(0, now() - begun) / 1000);
          set({ trained: { ...trained, step, secondsLeft } });
        }),
      async keep(row) {
        set({ studies: replace(key, own => ({ ...own, rows: [...own.rows, row] })) });
        await kept(store.add(key, row));
      },
      tell(progress) {
        begun = now();
        const { secondsLeft } = progress;
        set({ trained: { key, progress, step: 0, secondsLeft, isStopping: false } });
      },
      now,
    });
    if (failures.size > 0) set({ faults: new Map([...view.faults, [key, failures]]) });
  };

  return {
    view: () => view,
    open: refresh,
    async take(name, text) {
      let study: Study;
      try {
        study = readStudy(text);
        checkHere(study);
      } catch (cause) {
        if (!(cause instanceof StudyError)) throw cause;
        set({ notice: words.refused(name, cause.message) });
        return;
      }
      const key = JSON.stringify(study);
      if (find(key)) {
        set({ notice: undefined });
        return;
      }
      set({ studies: [...view.studies, { key, study, rows: [] }], notice: undefined });
      await kept(store.keep(key, study));
    },
    async start(key) {
      const study = find(key);
      if (!study || isActive) return;
      if (isBusy()) {
        set({ notice: words.busy });
        return;
      }
      isActive = true;
      try {
        const done = await alone(() => trainNow(study));
        if (!done) set({ notice: words.elsewhere });
      } finally {
        isActive = false;
        set({ trained: undefined });
      }
    },
    stop(why) {
      const { trained } = view;
      if (!trained || trained.isStopping) return;
      set({ trained: { ...trained, isStopping: true }, ...(why !== undefined && { notice: why }) });
      stopping.abort();
    },
    async remove(key) {
      if (view.trained?.key === key) return;
      set({ studies: view.studies.filter(study => study.key !== key) });
      await kept(store.remove(key));
    },
  };
}

/** Of a run so far, least that tells of the others. */
const tellingShare = 0.1;

/** Seconds of all that is to come; undefined while nothing tells. @param spent on the run under way, its start included */
function leftOf(
  { run, samplesLeft, secondsLeft }: StudyProgress,
  step: number,
  spent: number,
): number | undefined {
  const done = step * run.globalBatch;
  const perSample =
    secondsLeft !== undefined
      ? secondsLeft / samplesLeft
      : step / run.steps >= tellingShare
        ? spent / done
        : undefined;
  return perSample === undefined ? undefined : perSample * (samplesLeft - done);
}

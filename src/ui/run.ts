/**
 * The run as the user steers it: which settings are wanted, which are prepared, and what each command means in each
 * status. Calls of the session that change the run are made one after the other.
 */
import type { Remote } from 'comlink';
import type { DataChoice, RunConfig, RunInfo, RunStatus, SessionApi } from '../session/api.ts';
import { presets } from '../session/presets.ts';
import { moved } from './session.ts';

/** Where the data come from; two sources are the same only if they are the same object. */
export type DataSource =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'files'; readonly files: readonly File[] };

/** The model atmosphere, as long as the preset wants it: the session computes it once and keeps it. */
export const embedded: DataSource = { kind: 'embedded' };

export interface Settings {
  readonly preset: string;
  readonly steps: number;
  readonly seed: number;
  readonly data: DataSource;
}

export interface RunState {
  readonly status: RunStatus;
  /** The prepared run, if there is one. */
  readonly info: RunInfo | undefined;
  /** Training starts by itself once the run is prepared. */
  readonly trainNext: boolean;
  /** The wanted settings are not those of the prepared run: training starts a new one. */
  readonly changed: boolean;
}

export interface RunObserver {
  /** After every change of the state. */
  state(state: RunState): void;
  /** A run stands at its beginning, or at the step it was restored to. */
  started(info: RunInfo): void;
  /** The prepared run is about to go; resolves once nobody asks the session about it any more. */
  leaving(): Promise<void>;
  /** A call of the session was refused. */
  failed(cause: unknown): void;
}

export interface Run {
  state(): RunState;
  settings(): Settings;
  /** Takes new settings; prepares them at once unless that would discard a trained run. */
  change(settings: Partial<Settings>): void;
  train(): void;
  pause(): void;
  resume(): void;
  reset(): void;
  /** Continues the checkpoint kept in this browser; data files must be given again. */
  resumeSaved(data?: DataSource): void;
  /** The session said so. */
  setStatus(status: RunStatus): void;
}

/** A validation score about twenty times in a run, and a checkpoint every so often. */
const evaluations = 20;
const checkpointSeconds = 20;
/** Of the model atmosphere; the seed that the user chooses is the model's. */
const dataSeed = 1;

/** Reads the files anew each time: their contents are moved to the worker, not kept here. */
async function dataChoice(data: DataSource, preset: string): Promise<DataChoice> {
  if (data.kind === 'embedded')
    return { kind: 'embedded', days: presets[preset].embeddedDays, seed: dataSeed };
  const files = data.files.map(async file => ({ name: file.name, bytes: await file.arrayBuffer() }));
  return { kind: 'files', files: await Promise.all(files) };
}

const buffers = (data: DataChoice) => (data.kind === 'files' ? data.files.map(f => f.bytes) : []);

const configOf = ({ preset, steps, seed }: Settings, data: DataChoice): RunConfig => ({
  data,
  preset,
  steps,
  seed,
  evaluateEvery: Math.max(5, Math.round(steps / evaluations)),
  checkpointSeconds,
});

const sameButSeed = (a: Settings, b: Settings) =>
  a.preset === b.preset && a.steps === b.steps && a.data === b.data;

export function createRun(session: Remote<SessionApi>, first: Settings, observer: RunObserver): Run {
  let status: RunStatus = 'idle';
  let info: RunInfo | undefined;
  let wanted = first;
  /** What the session holds, at its beginning or further on; undefined where it must be prepared afresh. */
  let prepared: Settings | undefined;
  /** The parameters must be drawn again before training. */
  let stale = false;
  let trainNext = false;
  /** Settings that were refused are not tried again until the user asks. */
  let refused: Settings | undefined;
  /** The commands so far; the next one waits for them. */
  let commands = Promise.resolve();

  const isPrepared = () =>
    prepared !== undefined && !stale && sameButSeed(wanted, prepared) && wanted.seed === prepared.seed;
  const state = (): RunState => ({ status, info, trainNext, changed: !isPrepared() });
  const setStatus = (now: RunStatus) => {
    status = now;
    observer.state(state());
  };
  const inTurn = (command: () => Promise<void>) => {
    commands = commands.then(command).catch(cause => {
      trainNext = false;
      observer.failed(cause);
      observer.state(state());
    });
    return commands;
  };

  /** Prepares the wanted settings, however often they change meanwhile. */
  const prepareWanted = async () => {
    while (!isPrepared() && refused !== wanted) {
      const target = wanted;
      try {
        if (info && prepared && sameButSeed(target, prepared)) {
          await session.reset(target.seed);
        } else {
          info = undefined;
          prepared = undefined;
          setStatus('preparing');
          await observer.leaving();
          const data = await dataChoice(target.data, target.preset);
          info = await session.prepare(moved(configOf(target, data), buffers(data)));
        }
      } catch (cause) {
        if (wanted !== target) continue;
        refused = target;
        status = 'failed';
        throw cause;
      }
      prepared = target;
      stale = false;
      observer.started(info);
      setStatus('ready');
    }
  };

  const trainPrepared = async () => {
    trainNext = false;
    setStatus('running');
    setStatus(await session.train());
  };

  const settle = () =>
    inTurn(async () => {
      await prepareWanted();
      if (trainNext && isPrepared()) await trainPrepared();
    });

  /** What the user asks for next starts from the beginning; after a failure, from the data on. */
  const startOver = () => {
    stale = true;
    refused = undefined;
    if (status === 'failed') prepared = undefined;
  };

  return {
    state,
    settings: () => wanted,
    setStatus,
    change(settings) {
      wanted = { ...wanted, ...settings };
      if (status === 'paused' || status === 'done' || status === 'running') observer.state(state());
      else settle();
    },
    train() {
      trainNext = true;
      if (status === 'done' || status === 'failed') startOver();
      observer.state(state());
      settle();
    },
    pause() {
      session.pause().catch(observer.failed);
    },
    resume() {
      inTurn(async () => {
        if (status === 'paused') await trainPrepared();
      });
    },
    async reset() {
      if (status === 'running') await session.pause().catch(observer.failed);
      trainNext = false;
      startOver();
      settle();
    },
    resumeSaved(source) {
      inTurn(async () => {
        setStatus('preparing');
        await observer.leaving();
        const data = source && (await dataChoice(source, wanted.preset));
        try {
          info = await session.resume(data && moved(data, buffers(data)));
        } catch (cause) {
          info = undefined;
          prepared = undefined;
          status = 'failed';
          throw cause;
        }
        const { preset, steps, seed } = info.config;
        wanted = { preset, steps, seed, data: source ?? embedded };
        prepared = wanted;
        stale = false;
        observer.started(info);
        await trainPrepared();
      });
    },
  };
}

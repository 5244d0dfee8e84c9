/**
 * The run as the user steers it: which settings are wanted, which are prepared, and what each command means in each
 * status. Calls of the session that change the run are made one after the other.
 */
import type { Remote } from 'comlink';
import type { DataChoice } from '../data/choice/choice.ts';
import { type MeshShape, ranksOf } from '../mesh/mesh.ts';
import type { RunInfo, RunStatus, SavedRun, SessionApi } from '../session/api/api.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { choiceOf, type DataSource, givenAgain, isOffered, sourceOf } from './data-source.ts';
import { onePiece } from './mesh-choices.ts';
import { configOf, type Settings, sameButSeed, sameFrame, settingsOfSaved } from './run-settings.ts';

export interface RunState {
  readonly status: RunStatus;
  /** The prepared run, if there is one. */
  readonly info: RunInfo | undefined;
  /** Of the wanted data, where they have been read: also while another run is prepared on them. */
  readonly frame: RunInfo['frame'] | undefined;
  /** Training starts by itself once the run is prepared. */
  readonly trainNext: boolean;
  /** The wanted settings are not those of the prepared run: training starts a new one. */
  readonly changed: boolean;
  /** The wanted data are those of the prepared run. */
  readonly dataRead: boolean;
  /** The wanted data are large, and read when training is asked for. */
  readonly waits: boolean;
}

export interface RunObserver {
  /** After every change of the state. */
  state(state: RunState): void;
  /** A run stands at its beginning, or at the step it was restored to. */
  started(info: RunInfo): void;
  /** The run goes on from `info.step` with other ranks. */
  regrouped(info: RunInfo): void;
  /** The wanted settings are those of the saved run, which is about to be continued. */
  resuming(saved: SavedRun): void;
  /** The prepared run is about to go; resolves once nobody asks the session about it any more. */
  leaving(): Promise<void>;
  /** Seats the ranks of a mesh and links them; those of this page are given the data, which links may not carry. */
  assemble(mesh: MeshShape, data: DataChoice | undefined): Promise<unknown>;
  /** A call of the session was refused. */
  failed(cause: unknown): void;
}

export interface Run {
  state(): RunState;
  settings(): Settings;
  /** Takes new settings; prepares them at once unless that would discard a trained run, or read much. */
  change(settings: Partial<Settings>): void;
  train(): void;
  /** Takes so many steps more, and pauses; what trains by then pauses before. */
  steps(most: number): void;
  pause(): void;
  resume(): void;
  /** Starts over; resolves with whether a new run stands at its beginning. */
  reset(): Promise<boolean>;
  /**
   * Continues the checkpoint kept in this browser; files and folders must be given again. Resolves with whether the run
   * stands there, from where it trains.
   */
  resumeSaved(data?: DataSource): Promise<boolean>;
  /** The same, but pauses before the first step. */
  takeUpSaved(data?: DataSource): Promise<boolean>;
  /** Goes on after a rank was lost, on this mesh: from the last checkpoint, or from the start where there is none. */
  goOn(mesh: MeshConfig): void;
  /** Who is there has changed: the ranks are seated anew before the next step. */
  seatAnew(): void;
  /** The session said so. While a command is carried out it is the command that knows, with what else is to be shown. */
  setStatus(status: RunStatus): void;
}

export function createRun(session: Remote<SessionApi>, first: Settings, observer: RunObserver): Run {
  let status: RunStatus = 'idle';
  let info: RunInfo | undefined;
  let wanted = first;
  /** What the session holds, at its beginning or further on; undefined where it must be prepared afresh. */
  let prepared: Settings | undefined;
  /** With what settings data were last read, and what they are. */
  let read: { readonly by: Settings; readonly frame: RunInfo['frame'] } | undefined;
  /** The parameters must be drawn again before training. */
  let stale = false;
  /** The ranks must be seated anew before training. */
  let moved = false;
  /** The saved run is to be continued, on these data, but has not come about yet. */
  let resuming: { readonly source: DataSource | undefined } | undefined;
  let trainNext = false;
  /** Of the next training; undefined: all. */
  let mostSteps: number | undefined;
  /** Something was asked for since settings were last prepared. */
  let unsettled = false;
  /** Settings that were refused are not tried again until the user asks. */
  let refused: Settings | undefined;
  /** The commands so far; the next one waits for them. */
  let commands: Promise<unknown> = Promise.resolve();
  /** One of them is being carried out. */
  let commanded = false;

  const isUnchanged = () =>
    prepared !== undefined && !stale && sameButSeed(wanted, prepared) && wanted.seed === prepared.seed;
  const isPrepared = () => isUnchanged() && !(moved && ranksOf(wanted.mesh) > 1);
  const mustRead = () => isOffered(wanted.data) && !(prepared && sameButSeed(wanted, prepared));
  const state = (): RunState => ({
    status,
    info,
    frame: read && sameFrame(read.by, wanted) ? read.frame : undefined,
    trainNext,
    changed: !isUnchanged(),
    dataRead: prepared?.data === wanted.data,
    waits: mustRead() && !trainNext && status !== 'preparing',
  });
  const setStatus = (now: RunStatus) => {
    status = now;
    observer.state(state());
  };
  /** @returns whether it was carried out */
  const inTurn = (command: () => Promise<void>): Promise<boolean> => {
    const carryOut = async () => {
      commanded = true;
      try {
        await command();
        return true;
      } catch (cause) {
        trainNext = false;
        observer.failed(cause);
        observer.state(state());
        return false;
      } finally {
        commanded = false;
      }
    };
    const carried = commands.then(carryOut);
    commands = carried;
    return carried;
  };

  /** Prepares the wanted settings, however often they change meanwhile. */
  const prepareWanted = async () => {
    while (!isPrepared() && refused !== wanted) {
      const target = wanted;
      try {
        if (info && prepared && sameButSeed(target, prepared) && !moved) {
          await session.reset(target.seed);
          info = { ...info, step: 0, config: { ...info.config, seed: target.seed } };
        } else {
          info = undefined;
          prepared = undefined;
          resuming = undefined;
          setStatus('preparing');
          await observer.leaving();
          const data = choiceOf(target.data, target.preset);
          await seat(target.mesh, data);
          info = await session.prepare(configOf(target, data));
        }
      } catch (cause) {
        if (wanted !== target) continue;
        refused = target;
        status = 'failed';
        throw cause;
      }
      prepared = target;
      read = { by: target, frame: info.frame };
      stale = false;
      observer.started(info);
      setStatus('ready');
    }
  };

  /** Whoever comes or goes from here on counts for the next time. */
  const seat = async (mesh: MeshConfig, data: DataChoice | undefined) => {
    moved = false;
    await observer.assemble(mesh, data);
  };

  /** Goes on with the run that the session holds, on a mesh that is seated anew. */
  const regroup = async (mesh: MeshConfig) => {
    setStatus('preparing');
    await observer.leaving();
    try {
      await seat(mesh, prepared && choiceOf(prepared.data, prepared.preset));
      info = await session.regroup(ranksOf(mesh) > 1 ? mesh : undefined);
    } catch (cause) {
      moved = true;
      status = 'failed';
      throw cause;
    }
    if (prepared) prepared = { ...prepared, mesh };
    wanted = { ...wanted, mesh };
    observer.regrouped(info);
  };

  /** Continues the run that this browser keeps, on another mesh where one is given. */
  const resumeKept = async (source: DataSource | undefined, mesh?: MeshConfig) => {
    setStatus('preparing');
    await observer.leaving();
    resuming = { source };
    info = undefined;
    prepared = undefined;
    let target = wanted;
    try {
      const saved = await session.savedRun();
      if (saved) {
        const { mesh: before = onePiece } = saved.config;
        const data = source ?? wanted.data;
        wanted = target = { ...wanted, ...settingsOfSaved(saved.config), data, mesh: mesh ?? before };
        observer.resuming(saved);
      }
      // What is computed need not be given again.
      const given = source?.kind === 'embedded' ? undefined : source;
      const data = given && choiceOf(given, target.preset);
      await seat(target.mesh, data);
      info = await session.resume(data, mesh);
    } catch (cause) {
      status = 'failed';
      throw cause;
    }
    const { data } = info.config;
    wanted = prepared = { ...target, data: source ? givenAgain(source, data) : sourceOf(data) };
    read = { by: prepared, frame: info.frame };
    stale = false;
    resuming = undefined;
  };

  const trainPrepared = async () => {
    const most = mostSteps;
    trainNext = false;
    mostSteps = undefined;
    setStatus('running');
    try {
      setStatus(await session.train(most));
    } catch (cause) {
      status = 'failed';
      throw cause;
    }
  };

  /** Does what is wanted by then. What an earlier command did already is not done again after the training in it. */
  const settle = () => {
    unsettled = true;
    return inTurn(async () => {
      if (!unsettled) return;
      await prepareWanted();
      unsettled = false;
      if (trainNext && isPrepared()) await trainPrepared();
    });
  };

  /** What the user asks for next starts from the beginning; after a failure, from the data on. */
  const startOver = () => {
    stale = true;
    refused = undefined;
    if (status === 'failed') prepared = undefined;
  };

  const train = (most: number | undefined) => {
    trainNext = true;
    mostSteps = most;
    if (status === 'done' || status === 'failed') startOver();
    observer.state(state());
    settle();
  };
  const resume = (most: number | undefined) =>
    inTurn(async () => {
      if (status !== 'paused') return;
      if (moved && info) await regroup(info.config.mesh ?? onePiece);
      mostSteps = most;
      await trainPrepared();
    });

  return {
    state,
    settings: () => wanted,
    setStatus(now) {
      if (!commanded) setStatus(now);
    },
    change(settings) {
      wanted = { ...wanted, ...settings };
      const trained = status === 'paused' || status === 'done' || status === 'running';
      // Shown at once, also where an earlier choice is still being prepared.
      observer.state(state());
      if (!trained && !mustRead()) settle();
    },
    train() {
      train(undefined);
    },
    steps(most) {
      if (status === 'running') session.pause().catch(observer.failed);
      if (status === 'paused' && isUnchanged()) resume(most);
      else train(most);
    },
    pause() {
      session.pause().catch(observer.failed);
    },
    resume() {
      resume(undefined);
    },
    async reset() {
      if (status === 'running') await session.pause().catch(observer.failed);
      trainNext = false;
      startOver();
      return settle();
    },
    resumeSaved(source) {
      const resumed = inTurn(async () => {
        await resumeKept(source);
        if (info) observer.started(info);
      });
      inTurn(async () => {
        if (await resumed) await trainPrepared();
      });
      return resumed;
    },
    takeUpSaved(source) {
      return inTurn(async () => {
        await resumeKept(source);
        if (info) observer.started(info);
        setStatus('paused');
      });
    },
    goOn(mesh) {
      inTurn(async () => {
        if (resuming) {
          await resumeKept(resuming.source, mesh);
          if (info) observer.started(info);
          await trainPrepared();
          return;
        }
        if (info && prepared) {
          await regroup(mesh);
          await trainPrepared();
          return;
        }
        wanted = { ...wanted, mesh };
        startOver();
        trainNext = true;
        await prepareWanted();
        if (isPrepared()) await trainPrepared();
      });
    },
    seatAnew() {
      moved = true;
    },
  };
}

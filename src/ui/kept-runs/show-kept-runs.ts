/**
 * Keeps runs to be drawn beside the present one: the one before by itself when another begins, others when they are asked
 * for, and those of files. What is kept is there again when the page is loaded anew.
 */
import type { RunInfo, ScoreHead } from '../../session/api/api.ts';
import type { Point } from '../../show/series.ts';
import { showAlert, withdrawAlert } from '../alerts.ts';
import type { Curve } from '../chart.ts';
import { element } from '../dom.ts';
import type { PageEvent, PageState } from '../page-state.ts';
import { choosing, type KeptList, withoutRun, withRun } from './kept-list.ts';
import {
  curvesOfRecording,
  curvesOfState,
  curvesOfTable,
  type KeptRun,
  scorePoints,
  settingsOf,
  smoothedLosses,
  testPoints,
} from './kept-run.ts';
import { KeptRunsElement } from './kept-runs-element.ts';
import { keptLook } from './look.ts';
import { namesOf } from './names.ts';
import { words } from './words.ts';

/** Which scores a chart shows of the present run. */
export interface ShownScores {
  readonly axis: 'step' | 'at';
  readonly heads: readonly ScoreHead[];
  readonly metric: string;
  readonly thing: string;
}

export interface KeptRuns {
  /** Of the page's run, before its state has it. */
  event(event: PageEvent): void;
  lossCurves(): Curve[];
  scoreCurves(shown: ShownScores): Curve[];
  onChange(listener: () => void): void;
}

const topic = 'kept-runs';
const recordingFirst = [0x1f, 0x8b];

/** @param state of the page's run, as it is now */
export function createKeptRuns(state: () => PageState): KeptRuns {
  const legend = element('kept-runs', KeptRunsElement);
  const listeners = new Set<() => void>();
  let list: KeptList = [];
  let present: { readonly id: string; readonly info: RunInfo; isKept: boolean } | undefined;

  const shown = () => list.filter(({ id }) => id !== present?.id);
  const named = () => {
    const runs = shown();
    const names = namesOf(runs, present && settingsOf(present.info));
    return runs.map((run, i) => ({ run, name: names[i] }));
  };
  const tell = () => {
    legend.runs = named().map(({ run: { id, slot, isChosen }, name }) => ({ id, name, slot, isChosen }));
    legend.isKept = present?.isKept ?? false;
    legend.canKeep = present !== undefined;
    for (const listener of listeners) listener();
  };
  const keep = (next: KeptList) => {
    list = next;
    withdrawAlert(topic);
    tell();
    // Where nothing can be stored, as in some private windows, it is kept as long as the page is there.
    stored = stored
      .then(() => import('./kept-storage.ts'))
      .then(({ writeKept }) => writeKept(list))
      .catch(() => {});
  };
  const refuse = (title: string, cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    showAlert({ topic, kind: 'error', title, message });
    tell();
  };
  /** What was kept before is read first, so that nothing is written over it; then one list is written after the other. */
  let stored = import('./kept-storage.ts')
    .then(({ readKept }) => readKept())
    .then(
      kept => {
        list = [...kept, ...list.filter(({ id }) => kept.every(other => other.id !== id))];
        tell();
      },
      // As in some private windows. Nobody asked for them, so it is for who looks into it.
      cause => console.warn('The runs that were kept before cannot be read:', cause),
    );
  const isTrained = () => state().losses.of > 0 && state().losses.series.points().length > 1;
  /** The present run as it is now, for when it is not any more. */
  const keepPresent = () => {
    if (!present || !isTrained()) return;
    const { id, info, isKept: isChosen } = present;
    keep(withRun(list, { id, at: Date.now(), isChosen, ...curvesOfState(state(), info) }));
  };
  const begin = (info: RunInfo | undefined) => {
    keepPresent();
    present = info && { id: crypto.randomUUID(), info, isKept: false };
    tell();
  };

  legend.addEventListener('isobar-keep-present', event => {
    if (!present || !(event instanceof CustomEvent)) return;
    present.isKept = event.detail === true;
    try {
      if (present.isKept) keepPresent();
      else keep(withoutRun(list, present.id));
    } catch (cause) {
      present.isKept = false;
      refuse(words.full, cause);
    }
  });
  legend.addEventListener('isobar-keep-run', event => {
    if (event instanceof CustomEvent) keep(choosing(list, String(event.detail)));
  });
  legend.addEventListener('isobar-drop-run', event => {
    if (event instanceof CustomEvent) keep(withoutRun(list, String(event.detail)));
  });
  legend.addEventListener('isobar-lay-file', event => {
    if (!(event instanceof CustomEvent) || !(event.detail instanceof File)) return;
    const file = event.detail;
    runOfFile(file)
      .then(run => keep(withRun(list, run)))
      .catch((cause: unknown) => refuse(`${words.failed}: ${file.name}`, cause));
  });

  const curve = (run: KeptRun, name: string, points: readonly Point[]): Curve => {
    const { colour, dash } = keptLook(run.slot);
    return { label: name, colour, dash, points, width: 2, quiet: true };
  };
  return {
    event(event) {
      if (event.type === 'prepared' && !event.goesOn) begin(event.info);
      else if (event.type === 'gone') begin(undefined);
      else if (event.type === 'status' && (event.status === 'paused' || event.status === 'done')) {
        if (present?.isKept) keepPresent();
      }
    },
    lossCurves: () => named().map(({ run, name }) => curve(run, name, smoothedLosses(run))),
    scoreCurves: ({ axis, heads, metric, thing }) =>
      named().map(({ run, name }) =>
        curve(run, name, axis === 'at' ? testPoints(run, metric, thing) : scorePoints(run, heads, thing)),
      ),
    onChange(listener) {
      listeners.add(listener);
    },
  };
}

/** @throws Error for a file that is neither a recording nor a table of a run */
async function runOfFile(file: File) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const run = { id: crypto.randomUUID(), at: Date.now(), isChosen: true, file: file.name };
  if (!recordingFirst.every((byte, i) => bytes[i] === byte)) {
    return { ...run, ...curvesOfTable(new TextDecoder().decode(bytes)) };
  }
  const { unpackRecording } = await import('../recording/file.ts');
  return { ...run, ...curvesOfRecording(await unpackRecording(bytes)) };
}

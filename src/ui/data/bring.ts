/** What a user brings to the page: data to train on, a checkpoint, a recording; and the checkpoint that is taken away. */
import type { Remote } from 'comlink';
import type { DataPart } from '../../data/choice/choice.ts';
import type { SessionApi } from '../../session/api/api.ts';
import { clearAlerts, showAlert } from '../alerts.ts';
import { createCheckpointFiles } from '../checkpoint-files.ts';
import { createDataPanel } from '../data-panel.ts';
import { type DataSource, embedded, isOffered, nameOf, synthetic, withPart } from '../data-source.ts';
import { element, setText } from '../dom.ts';
import type { Run, RunState } from '../run.ts';

export interface Bringing {
  /** What can be brought in this state, and what has been. */
  show(state: RunState): void;
  /** What of files and stores is used. */
  part(): DataPart;
  /** What an address says of it. */
  showPart(part: DataPart): void;
}

export interface BringOptions {
  readonly session: Remote<SessionApi>;
  readonly run: Run;
  /** A recording takes the place of what is shown. */
  readonly onRecording: (file: File) => void;
  /** The parameters are those of a checkpoint, of this step. */
  readonly onStep: (step: number) => void;
  /** A run that was over has made room for other data. */
  readonly onReset: () => Promise<void>;
  /** The form says another part. */
  readonly onPart: () => void;
  readonly failed: (cause: unknown) => void;
}

export function createBringing({
  session,
  run,
  onRecording,
  onStep,
  onReset,
  onPart,
  failed,
}: BringOptions): Bringing {
  const use = async (source: DataSource) => {
    clearAlerts();
    run.change({ data: source });
    if (run.state().status !== 'done') return;
    // A run that is over is in nobody's way: what was chosen is looked at at once.
    await run.reset();
    await onReset();
  };
  const importCheckpoint = async (file: File) => {
    const before = run.state().status;
    try {
      const step = await session.importCheckpoint(new Uint8Array(await file.arrayBuffer()));
      showAlert({ title: 'Checkpoint loaded', message: `${file.name}, step ${step}.`, kind: 'notice' });
      onStep(step);
    } catch (cause) {
      failed(cause);
      // A refused checkpoint leaves the run as it was.
      run.setStatus(before);
    }
  };
  /** The data whose part the form shows. */
  let shown: DataSource | undefined;
  const panel = createDataPanel({
    onFiles: (files, part) => use({ kind: 'files', files, part }),
    onCheckpoint: importCheckpoint,
    onRecording,
    onStore: (place, part) => use({ kind: 'zarr', place, part }),
    onPart(part) {
      const { data } = run.settings();
      const chosen = withPart(data, part);
      if (chosen !== data) use(chosen);
    },
    onPartChange: onPart,
    onImages: place => use({ kind: 'images', place }),
    onEmbedded: () => use(embedded),
    onSynthetic: () => use(synthetic),
  });
  const enableCheckpoints = createCheckpointFiles({
    exportBytes: () => session.exportCheckpoint().then(({ bytes }) => bytes),
    fileName: () => `isobar-${run.settings().preset}-seed-${run.settings().seed}.safetensors`,
    onImport: importCheckpoint,
    onError: failed,
  });
  return {
    part: panel.part,
    showPart: panel.showPart,
    show({ status, info, dataRead }) {
      const { data, preset } = run.settings();
      if (data !== shown) {
        shown = data;
        // What is offered is not chosen yet: then the form is the user's.
        const isChosen = data.kind === 'files' || (data.kind === 'zarr' && !isOffered(data));
        if (isChosen) panel.showPart(data.part ?? {});
      }
      panel.enable(status !== 'running');
      enableCheckpoints(info !== undefined && status !== 'running' && status !== 'preparing');
      panel.show(data, preset, dataRead ? info : undefined);
      setText(element('data-chosen', HTMLElement), nameOf(data, preset));
    },
  };
}

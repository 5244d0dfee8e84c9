/** The panel of recordings: saves the run of the page as one, and opens those that are chosen or dropped. */
import { meshName } from '../../mesh/mesh.ts';
import { bytes as byteText } from '../../show/format.ts';
import { showAlert } from '../alerts.ts';
import { IsobarMachine } from '../board/machine.ts';
import { element, setText } from '../dom.ts';
import type { PlanBook } from '../plan-book.ts';
import { LastStep } from '../timeline/last-step.ts';
import { save } from '../timeline/save.ts';
import type { Recordings } from './open-recording.ts';
import type { Recorder } from './recorder.ts';
import { infoOf, recordingEnding } from './recording.ts';
import { words } from './words.ts';

export interface RunKeeper {
  /** A recording is in sight. */
  isOpen(): boolean;
  openFile(file: File): Promise<void>;
}

export function createRunKeeper(recorder: Recorder, book: PlanBook): RunKeeper {
  const saving = element('save-recording', HTMLButtonElement);
  const opening = element('open-recording', HTMLButtonElement);
  const input = element('recording-input', HTMLInputElement);
  const said = element('recording-saved', HTMLParagraphElement);
  let recordings: Recordings | undefined;

  const failed = (cause: unknown) =>
    showAlert({
      topic: 'recording',
      kind: 'error',
      title: words.cannotSave,
      message: cause instanceof Error ? cause.message : String(cause),
    });
  const saveNow = async () => {
    const recording = recorder.recording({
      now: Date.now(),
      plans: book.plans(),
      cards: element('last-step', LastStep).cards,
      board: element('machine', IsobarMachine).view,
    });
    if (!recording) {
      setText(said, words.nothingToSave);
      return;
    }
    const { packRecording } = await import('./file.ts');
    const packed = await packRecording(recording);
    const { preset, mesh, seed } = infoOf(recording).config;
    const name = `isobar-${preset}-${mesh ? meshName(mesh) : '1x1'}-seed-${seed}${recordingEnding}`;
    save(packed, 'application/gzip', name);
    setText(said, `${name}, ${byteText(packed.length)}`);
  };
  saving.onclick = () => {
    saving.disabled = true;
    saveNow()
      .catch(failed)
      .finally(() => {
        saving.disabled = false;
      });
  };
  const openFile = async (file: File) => {
    const { createRecordings } = await import('./open-recording.ts');
    recordings ??= createRecordings({
      canGoBack: true,
      onShow(isOpen) {
        element('bar', HTMLElement).hidden = isOpen;
        element('plain-head', HTMLElement).hidden = !isOpen;
        location.hash = '#/';
      },
    });
    await recordings.openFile(file);
  };
  opening.onclick = () => input.click();
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) openFile(file).catch(failed);
    input.value = '';
  });
  return { isOpen: () => recordings?.isOpen() ?? false, openFile };
}

/** A page that trains studies, in a frame: one that can be killed while it does. Its desk is at `studyDesk` of its window. */
import { createStudyDesk, type StudyDesk } from '../../../src/ui/study/study-desk.ts';
import { aloneHere, studyStore } from '../../../src/ui/study/study-storage.ts';
import { trainRun } from '../../../src/ui/study/train-run.ts';

declare global {
  interface Window {
    studyDesk: StudyDesk;
  }
}

window.studyDesk = createStudyDesk({
  store: studyStore,
  train: trainRun,
  isBusy: () => false,
  alone: aloneHere,
  changed: () => {},
});
await window.studyDesk.open();
window.parent.dispatchEvent(new CustomEvent('study-page'));

/** Dropping on the page: data for the preset that is chosen, or a checkpoint; a veil says so while they are dragged. */
import type { ZarrPlace } from '../data/choice/choice.ts';
import { showAlert, withdrawAlert } from './alerts.ts';
import { checkpointEnding, endsWith, whyUnfit } from './data-files.ts';
import { wantsImages } from './data-source.ts';
import { element, setText } from './dom.ts';
import { droppedFolder, droppedTogether, type FolderPlace, isDroppedFolder } from './folder-choice.ts';
import { carriesFiles } from './keep-page.ts';
import { recordingEnding } from './recording/recording.ts';

export interface DropOptions {
  /** That what is dropped is for. */
  readonly preset: () => string;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onFolder: (place: ZarrPlace) => void;
  readonly onImages: (place: FolderPlace) => void;
  readonly onCheckpoint: (file: File) => void;
  readonly onRecording: (file: File) => void;
}

const topic = 'drop';

const words = {
  fields: 'Drop NetCDF files or the folder of a Zarr store to train on them, or a checkpoint to load it',
  images:
    'Drop images in folders of their classes, a zip of them, or IDX or CIFAR files, to train on them, or a checkpoint to load it',
  none: 'Nothing can be dropped while the model trains: pause it first',
};

export const refuseData = (why: string): void =>
  showAlert({ topic, kind: 'error', title: 'Nothing was opened', message: why });
export const withdrawRefusal = (): void => withdrawAlert(topic);

/** The result says whether anything is taken now. */
export function createDrop(options: DropOptions): (on: boolean) => void {
  const { preset, onFiles, onFolder, onImages, onCheckpoint, onRecording } = options;
  const veil = element('drop', HTMLDivElement);
  const text = element('drop-words', HTMLParagraphElement);
  let enabled = false;

  /** The checkpoint among files, if there is one; it comes alone. */
  const tookCheckpoint = (files: readonly File[]): boolean => {
    const checkpoints = files.filter(({ name }) => endsWith(name, [checkpointEnding]));
    if (checkpoints.length === 0) return false;
    if (files.length === 1) onCheckpoint(files[0]);
    else refuseData('A checkpoint is dropped alone, without other files.');
    return true;
  };
  const takeFields = (items: readonly DataTransferItem[]) => {
    const folders = items.flatMap(item => droppedFolder(item) ?? []);
    if (folders.length === 1 && items.length === 1) {
      folders[0].then(onFolder, cause => refuseData(String(cause)));
      return;
    }
    if (folders.length > 0) {
      refuseData('The folder of a Zarr store is dropped alone, without other folders and files.');
      return;
    }
    const files = items.flatMap(item => item.getAsFile() ?? []);
    const unfit = whyUnfit(
      files.map(({ name }) => name),
      preset(),
    );
    if (unfit !== undefined) refuseData(unfit);
    else if (!tookCheckpoint(files)) onFiles(files);
  };
  const takeImages = (items: readonly DataTransferItem[]) => {
    const files = items.filter(item => !isDroppedFolder(item)).flatMap(item => item.getAsFile() ?? []);
    if (tookCheckpoint(files)) return;
    const names = items.flatMap(item => item.webkitGetAsEntry()?.name ?? []);
    const unfit =
      files.length === items.length || names.some(name => endsWith(name, ['.zarr']))
        ? whyUnfit(names, preset())
        : undefined;
    if (unfit !== undefined) {
      refuseData(unfit);
      return;
    }
    // A single folder may be large: it is listed as it is read.
    const place = (items.length === 1 && droppedFolder(items[0])) || droppedTogether(items);
    place.then(onImages, cause => refuseData(String(cause)));
  };

  window.addEventListener('dragover', event => {
    if (!carriesFiles(event)) return;
    if (enabled) event.dataTransfer!.dropEffect = 'copy';
    setText(text, enabled ? words[wantsImages(preset()) ? 'images' : 'fields'] : words.none);
    veil.hidden = false;
  });
  window.addEventListener('dragleave', event => {
    // Without a related target the pointer has left the window.
    if (event.relatedTarget === null) veil.hidden = true;
  });
  window.addEventListener('drop', event => {
    veil.hidden = true;
    if (!enabled || !carriesFiles(event)) return;
    withdrawRefusal();
    const items = [...event.dataTransfer!.items].filter(({ kind }) => kind === 'file');
    const [first] = items.map(item => item.getAsFile());
    if (first && items.length === 1 && endsWith(first.name, [recordingEnding])) onRecording(first);
    else if (wantsImages(preset())) takeImages(items);
    else takeFields(items);
  });
  return on => {
    enabled = on;
  };
}

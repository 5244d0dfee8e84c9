/** Dropping on the page: NetCDF files, the folder of a Zarr store, a checkpoint; a veil says so while they are dragged. */
import type { ZarrPlace } from '../data/choice/choice.ts';
import { list } from '../show/format.ts';
import { showAlert, withdrawAlert } from './alerts.ts';
import { element, setText } from './dom.ts';
import { droppedFolder } from './folder-choice.ts';
import { carriesFiles } from './keep-page.ts';

export interface DropOptions {
  readonly onFiles: (files: readonly File[]) => void;
  readonly onFolder: (place: ZarrPlace) => void;
  readonly onCheckpoint: (file: File) => void;
  /** How the names of data files end, with the dots. */
  readonly endings: readonly string[];
}

const checkpointEnding = '.safetensors';
const topic = 'drop';

/** The result says whether anything is taken now. */
export function createDrop({ onFiles, onFolder, onCheckpoint, endings }: DropOptions): (on: boolean) => void {
  const veil = element('drop', HTMLDivElement);
  const words = element('drop-words', HTMLParagraphElement);
  let enabled = false;

  const refuse = (why: string) =>
    showAlert({ topic, kind: 'error', title: 'Nothing was opened', message: why });
  const endsWith = (file: File, some: readonly string[]) =>
    some.some(ending => file.name.toLowerCase().endsWith(ending));

  const takeFiles = (files: readonly File[]) => {
    const strange = files.filter(file => !endsWith(file, [...endings, checkpointEnding]));
    if (strange.length > 0) {
      const [{ name }] = strange;
      const what = strange.length === 1 ? name : `${name} and ${strange.length - 1} more`;
      refuse(
        `${what} cannot be used here. Drop NetCDF files (${list(endings)}), the folder of a Zarr store, or a checkpoint (${checkpointEnding}).`,
      );
    } else if (!files.some(file => endsWith(file, [checkpointEnding]))) onFiles(files);
    else if (files.length === 1) onCheckpoint(files[0]);
    else refuse('A checkpoint is dropped alone, without other files.');
  };
  const take = (items: readonly DataTransferItem[]) => {
    withdrawAlert(topic);
    const folders = items.flatMap(item => droppedFolder(item) ?? []);
    if (folders.length === 0) takeFiles(items.flatMap(item => item.getAsFile() ?? []));
    else if (items.length === 1) folders[0].then(onFolder, cause => refuse(String(cause)));
    else refuse('The folder of a Zarr store is dropped alone, without other folders and files.');
  };

  window.addEventListener('dragover', event => {
    if (!carriesFiles(event)) return;
    if (enabled) event.dataTransfer!.dropEffect = 'copy';
    setText(
      words,
      enabled
        ? 'Drop NetCDF files or the folder of a Zarr store to train on them, or a checkpoint to load it'
        : 'Nothing can be dropped while the model trains: pause it first',
    );
    veil.hidden = false;
  });
  window.addEventListener('dragleave', event => {
    // Without a related target the pointer has left the window.
    if (event.relatedTarget === null) veil.hidden = true;
  });
  window.addEventListener('drop', event => {
    veil.hidden = true;
    if (!enabled || !carriesFiles(event)) return;
    take([...event.dataTransfer!.items].filter(({ kind }) => kind === 'file'));
  });
  return on => {
    enabled = on;
  };
}

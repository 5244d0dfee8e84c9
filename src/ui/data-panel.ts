/** The data: what the preset has that needs no file, a Zarr store, images, or the user's files, by button or by drop on the page. */

import type { DataPart, ZarrPlace } from '../data/choice/choice.ts';
import type { RunInfo } from '../session/api/api.ts';
import { bytes, count } from '../show/format.ts';
import { createPartForm } from './data/part-form.ts';
import { fieldsPicked } from './data-files.ts';
import { type DataSource, isOffered, nameOf, wantsImages } from './data-source.ts';
import { element, make, setText } from './dom.ts';
import { createDrop } from './drop.ts';
import type { FolderPlace } from './folder-choice.ts';
import { createImageChoice } from './images/image-choice.ts';
import { createStoreChoice } from './store-choice.ts';

export interface DataPanelOptions {
  /** @param part of them that the form says, as of stores */
  readonly onFiles: (files: readonly File[], part: DataPart) => void;
  readonly onCheckpoint: (file: File) => void;
  readonly onRecording: (file: File) => void;
  readonly onStore: (place: ZarrPlace, part: DataPart) => void;
  /** Another part of the data that are chosen. */
  readonly onPart: (part: DataPart) => void;
  readonly onPartChange: () => void;
  readonly onImages: (place: FolderPlace) => void;
  readonly onEmbedded: () => void;
  readonly onSynthetic: () => void;
}

export interface DataPanel {
  /** What the form says, as far as it can be used. */
  part(): DataPart;
  showPart(part: DataPart): void;
  /** What is wanted for this preset, and what it turned out to be once it is read. */
  show(source: DataSource, preset: string, info: RunInfo | undefined): void;
  enable(enabled: boolean): void;
}

const offer =
  'The store that this model is made for. It is read when training starts, over the network. If you have a copy, ' +
  'open it as a Zarr store instead.';

const notWeather = 'Made-up waves, to try speed and memory without the data: its scores mean nothing.';

const dropFields =
  'Or drop NetCDF files or the folder of a Zarr store anywhere on this page. Files and folders stay on this machine.';
const dropImages =
  'Or drop them anywhere on this page: a folder with a folder of images for every class, a zip or .tar.gz of one, or the files of an IDX or CIFAR set. Files and folders stay on this machine.';

export function createDataPanel({
  onFiles,
  onCheckpoint,
  onRecording,
  onStore,
  onPart,
  onPartChange,
  onImages,
  onEmbedded,
  onSynthetic,
}: DataPanelOptions): DataPanel {
  const input = element('file-input', HTMLInputElement);
  const pick = element('pick-files', HTMLButtonElement);
  const useEmbedded = element('use-embedded', HTMLButtonElement);
  const useSynthetic = element('use-synthetic', HTMLButtonElement);
  const form = createPartForm(
    () => withPart(onPart),
    () => onPartChange(),
  );
  /** Nothing is opened where the form says what cannot be used. */
  const withPart = (act: (part: DataPart) => void) => {
    const part = form.part();
    if (part) act(part);
  };
  const openFiles = (files: readonly File[]) => withPart(part => onFiles(files, part));
  const store = createStoreChoice(place => withPart(part => onStore(place, part)));
  let preset = '';
  const images = createImageChoice(() => preset, onImages);
  element('data-buttons', HTMLDivElement).prepend(...images.controls);
  const enableDrop = createDrop({
    preset: () => preset,
    onFiles: openFiles,
    onFolder: store.open,
    onImages,
    onCheckpoint,
    onRecording,
  });
  input.accept = fieldsPicked;

  let canUsePart = false;
  /** Offers what this preset can be trained on. */
  const offerChoices = (wanted: DataSource) => {
    const isImages = wantsImages(preset);
    images.show(isImages);
    store.show(!isImages);
    element('part-details', HTMLDetailsElement).hidden = isImages;
    canUsePart = wanted.kind === 'files' || wanted.kind === 'zarr';
    pick.hidden = isImages;
    useEmbedded.hidden = wanted.kind === 'embedded';
    setText(useEmbedded, isImages ? 'Use the textured shapes' : 'Use the model atmosphere');
    useSynthetic.hidden = isImages || wanted.kind === 'synthetic';
    setText(element('drop-note', HTMLParagraphElement), isImages ? dropImages : dropFields);
  };

  pick.onclick = () => input.click();
  useEmbedded.onclick = onEmbedded;
  useSynthetic.onclick = onSynthetic;
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) openFiles(files);
    // So that choosing the same file once more is a change again.
    input.value = '';
  });

  return {
    part: form.said,
    showPart: form.show,
    show(wanted, name, info) {
      preset = name;
      offerChoices(wanted);
      const title = element('data-source', HTMLParagraphElement);
      const details = element('data-note', HTMLParagraphElement);
      showSplit(info);
      if (!info) {
        setText(title, nameOf(wanted, preset));
        setText(details, isOffered(wanted) ? offer : wanted.kind === 'synthetic' ? notWeather : '');
        return;
      }
      setText(title, info.source);
      const { samples, notice, summary, synthetic } = info;
      const parts = `${count(samples.train)} samples to train, ${count(samples.validation)} to validate, ${count(samples.test)} to test.`;
      const read = synthetic ? '' : `${bytes(info.bytesReadFromData)} were read.`;
      setText(details, [notice, summary, parts, read].filter(Boolean).join(' '));
    },
    enable(now) {
      pick.disabled = !now;
      useEmbedded.disabled = !now;
      useSynthetic.disabled = !now;
      store.enable(now);
      form.enable(now, canUsePart);
      images.enable(now);
      enableDrop(now);
    },
  };
}

/** How the ranks of a mesh shared the reading, and what was left out. */
function showSplit(info: RunInfo | undefined): void {
  const { dataNotes = [], ranks = [] } = info ?? {};
  const read = ranks.map(({ bytesReadFromData }) => bytes(bytesReadFromData)).join(', ');
  const isShared = ranks.length > 0;
  const notes = isShared ? [`Rank by rank they read ${read}.`, ...dataNotes] : dataNotes;
  const details = element('data-split', HTMLDetailsElement);
  details.hidden = dataNotes.length === 0;
  setText(
    details.querySelector('summary')!,
    isShared ? 'What the ranks read' : 'How the data are read, and what was left out',
  );
  element('data-split-notes', HTMLUListElement).replaceChildren(...notes.map(note => make('li', note)));
}

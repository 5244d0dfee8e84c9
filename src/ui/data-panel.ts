/** The data: the embedded model atmosphere, a Zarr store, or the user's files, by button or by drop on the page. */

import type { ZarrPart, ZarrPlace } from '../data/choice/choice.ts';
import type { RunInfo } from '../session/api/api.ts';
import { bytes, count } from '../show/format.ts';
import { type DataSource, isOffered, nameOf } from './data-source.ts';
import { element, make, setText } from './dom.ts';
import { createDrop } from './drop.ts';
import { createStoreChoice } from './store-choice.ts';

export interface DataPanelOptions {
  readonly onFiles: (files: readonly File[]) => void;
  readonly onCheckpoint: (file: File) => void;
  readonly onStore: (place: ZarrPlace, part: ZarrPart) => void;
  readonly onEmbedded: () => void;
  readonly onSynthetic: () => void;
}

export interface DataPanel {
  /** What is wanted, and what it turned out to be once it is read. */
  show(source: DataSource, info: RunInfo | undefined): void;
  enable(enabled: boolean): void;
}

const offer =
  'The store that this model is made for. It is read when training starts, over the network. If you have a copy, ' +
  'open it as a Zarr store instead.';

const notWeather = 'Made-up waves, to try speed and memory without the data: its scores mean nothing.';

export function createDataPanel({
  onFiles,
  onCheckpoint,
  onStore,
  onEmbedded,
  onSynthetic,
}: DataPanelOptions): DataPanel {
  const input = element('file-input', HTMLInputElement);
  const pick = element('pick-files', HTMLButtonElement);
  const useEmbedded = element('use-embedded', HTMLButtonElement);
  const useSynthetic = element('use-synthetic', HTMLButtonElement);
  const store = createStoreChoice(onStore);
  const enableDrop = createDrop({
    onFiles,
    onFolder: store.open,
    onCheckpoint,
    endings: input.accept.split(','),
  });

  pick.onclick = () => input.click();
  useEmbedded.onclick = onEmbedded;
  useSynthetic.onclick = onSynthetic;
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) onFiles(files);
    // So that choosing the same file once more is a change again.
    input.value = '';
  });

  return {
    show(wanted, info) {
      const title = element('data-source', HTMLParagraphElement);
      const details = element('data-note', HTMLParagraphElement);
      useEmbedded.hidden = wanted.kind === 'embedded';
      useSynthetic.hidden = wanted.kind === 'synthetic';
      showSplit(info);
      if (!info) {
        setText(title, nameOf(wanted));
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
      enableDrop(now);
    },
  };
}

/** How the ranks of a mesh shared the reading. */
function showSplit(info: RunInfo | undefined): void {
  const { dataNotes = [], ranks = [] } = info ?? {};
  const read = ranks.map(({ bytesReadFromData }) => bytes(bytesReadFromData)).join(', ');
  const notes = [`Rank by rank they read ${read}.`, ...dataNotes];
  element('data-split', HTMLDetailsElement).hidden = dataNotes.length === 0;
  element('data-split-notes', HTMLUListElement).replaceChildren(...notes.map(note => make('li', note)));
}

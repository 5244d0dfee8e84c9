/** The offer, after a reload, to go on with the run that this browser has kept. */
import { wholeChoice } from '../data/choice/choice.ts';
import { partOf } from '../data/choice/part.ts';
import type { SavedRun } from '../session/api/api.ts';
import { count, dateTime } from '../show/format.ts';
import { fieldsPicked } from './data-files.ts';
import type { DataSource } from './data-source.ts';
import { element, setText } from './dom.ts';
import { createFolderChoice, type FolderPlace } from './folder-choice.ts';
import { takeImageFiles } from './images/image-choice.ts';

export interface BannerOptions {
  /**
   * @param data where the saved run was trained on files or a folder: the user has chosen them again
   * @returns whether the run stands there now
   */
  readonly onResume: (data: DataSource | undefined) => Promise<boolean>;
  readonly onDiscard: () => void;
}

/** Shows the banner for `saved`, until it is resumed or discarded: where it cannot be, other data may do. */
export function showResumeBanner(saved: SavedRun, { onResume, onDiscard }: BannerOptions): void {
  const banner = element('resume-banner', HTMLElement);
  const resume = element('resume-saved', HTMLButtonElement);
  const tryResume = async (data: DataSource | undefined) => {
    banner.hidden = true;
    banner.hidden = await onResume(data);
  };
  const again = dataAgain(saved, tryResume);
  setText(
    element('resume-text', HTMLParagraphElement),
    `A run was saved here on ${dateTime(saved.savedAt)}: ${saved.preset}, step ${count(saved.step)} of ${count(saved.steps)}, on ${saved.source}.`,
  );
  const needs = again ? `It needs its ${again.words} again. ` : '';
  setText(element('resume-note', HTMLParagraphElement), `${needs}Training a new run replaces it.`);
  const isOver = saved.step >= saved.steps;
  setText(resume, again ? `Choose the ${again.ways[0].words} and resume` : isOver ? 'Open it' : 'Resume');
  resume.onclick = again ? again.ways[0].ask : () => tryResume(undefined);
  const other = element('resume-by-folder', HTMLButtonElement);
  const way = again?.ways[1];
  other.hidden = way === undefined;
  setText(other, `Choose the ${way?.words} and resume`);
  other.onclick = way?.ask ?? null;
  element('discard-saved', HTMLButtonElement).onclick = () => {
    banner.hidden = true;
    onDiscard();
  };
  banner.hidden = false;
}

/** Whether the run was trained on data that a page may not open again unasked. */
export const needsData = ({ config: { data } }: SavedRun): boolean =>
  wholeChoice(data, undefined) === undefined;

interface AgainWay {
  readonly words: string;
  /** Call it on a click of the user. */
  readonly ask: () => void;
}

/** What a page may not open again unasked, and how the user can; undefined where the data come by themselves. */
function dataAgain(
  saved: SavedRun,
  onData: (data: DataSource) => void,
): { readonly words: string; readonly ways: readonly AgainWay[] } | undefined {
  const { data, preset } = saved.config;
  if (!needsData(saved)) return undefined;
  const files = element('resume-files', HTMLInputElement);
  const folder = element('resume-folder', HTMLInputElement);
  const askFiles = (accept: string, onFiles: (chosen: readonly File[]) => void) => {
    files.accept = accept;
    files.onchange = () => {
      const chosen = [...(files.files ?? [])];
      // So that choosing the same files once more is a change again.
      files.value = '';
      if (chosen.length > 0) onFiles(chosen);
    };
    return () => files.click();
  };
  if (data.kind === 'zarr') {
    const { ask } = createFolderChoice(folder, 'zarr', place =>
      onData({ kind: 'zarr', place, part: partOf(data.selection) }),
    );
    return { words: 'folder', ways: [{ words: 'folder', ask }] };
  }
  if (data.kind === 'images') {
    const onImages = (place: FolderPlace) => onData({ kind: 'images', place });
    return {
      words: 'images',
      ways: [
        { words: 'files', ask: askFiles('', chosen => takeImageFiles(chosen, preset, onImages)) },
        { words: 'folder', ask: createFolderChoice(folder, 'images', onImages).ask },
      ],
    };
  }
  const part = data.kind === 'files' && data.part ? { part: data.part } : {};
  const onFiles = (chosen: readonly File[]) => onData({ kind: 'files', files: chosen, ...part });
  return {
    words: 'data files',
    ways: [{ words: 'data files', ask: askFiles(fieldsPicked, onFiles) }],
  };
}

export const hideResumeBanner = () => {
  element('resume-banner', HTMLElement).hidden = true;
};

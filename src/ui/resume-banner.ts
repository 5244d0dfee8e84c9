/** The offer, after a reload, to go on with the run that this browser has kept. */
import { wholeChoice } from '../data/choice/choice.ts';
import type { SavedRun } from '../session/api/api.ts';
import { count, dateTime } from '../show/format.ts';
import { type DataSource, partOf } from './data-source.ts';
import { element, setText } from './dom.ts';
import { createFolderChoice } from './folder-choice.ts';

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
  setText(resume, again ? `Choose the ${again.words} and resume` : 'Resume');
  resume.onclick = again ? again.ask : () => tryResume(undefined);
  element('discard-saved', HTMLButtonElement).onclick = () => {
    banner.hidden = true;
    onDiscard();
  };
  banner.hidden = false;
}

/** Whether the run was trained on data that a page may not open again unasked. */
export const needsData = ({ config: { data } }: SavedRun): boolean =>
  wholeChoice(data, undefined) === undefined;

/** What a page may not open again unasked; undefined where the data come by themselves. */
function dataAgain(
  saved: SavedRun,
  onData: (data: DataSource) => void,
): { readonly words: string; readonly ask: () => void } | undefined {
  const { data } = saved.config;
  if (!needsData(saved)) return undefined;
  if (data.kind !== 'zarr') {
    const input = element('resume-files', HTMLInputElement);
    input.onchange = () => {
      const files = [...(input.files ?? [])];
      // So that choosing the same files once more is a change again.
      input.value = '';
      if (files.length > 0) onData({ kind: 'files', files });
    };
    return { words: 'data files', ask: () => input.click() };
  }
  const folder = createFolderChoice(element('resume-folder', HTMLInputElement), place =>
    onData({ kind: 'zarr', place, part: partOf(data.selection) }),
  );
  return { words: 'folder', ask: folder.ask };
}

export const hideResumeBanner = () => {
  element('resume-banner', HTMLElement).hidden = true;
};

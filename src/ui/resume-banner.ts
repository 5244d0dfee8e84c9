/** The offer, after a reload, to go on with the run that this browser has kept. */
import type { SavedRun } from '../session/api.ts';
import { element, setText } from './dom.ts';
import { count, dateTime } from './format.ts';

export interface BannerOptions {
  /** `files` where the saved run was trained on files: the user has chosen them again. */
  readonly onResume: (files: readonly File[] | undefined) => void;
  readonly onDiscard: () => void;
}

/** Shows the banner for `saved`. */
export function showResumeBanner(saved: SavedRun, { onResume, onDiscard }: BannerOptions): void {
  const resume = element('resume-saved', HTMLButtonElement);
  const input = element('resume-files', HTMLInputElement);
  const fromFiles = saved.config.data.kind === 'files';
  setText(
    element('resume-text', HTMLParagraphElement),
    `A run was saved here on ${dateTime(saved.savedAt)}: ${saved.preset}, step ${count(saved.step)} of ${count(saved.steps)}, on ${saved.source}.`,
  );
  setText(
    element('resume-note', HTMLParagraphElement),
    fromFiles
      ? 'It needs its data files again: Resume asks for them. Training a new run replaces it.'
      : 'Training a new run replaces it.',
  );
  setText(resume, fromFiles ? 'Choose the files and resume' : 'Resume');
  resume.onclick = () => (fromFiles ? input.click() : onResume(undefined));
  input.onchange = () => {
    const files = [...(input.files ?? [])];
    if (files.length > 0) onResume(files);
  };
  element('discard-saved', HTMLButtonElement).onclick = onDiscard;
  element('resume-banner', HTMLElement).hidden = false;
}

export const hideResumeBanner = () => {
  element('resume-banner', HTMLElement).hidden = true;
};

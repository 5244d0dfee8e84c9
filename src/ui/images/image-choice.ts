/** "Open image files" and "Open a folder of images": what a model that tells images apart is trained on. */

import { whyUnfit } from '../data-files.ts';
import { make } from '../dom.ts';
import { refuseData, withdrawRefusal } from '../drop.ts';
import { createFolderChoice, type FolderPlace, togetherName } from '../folder-choice.ts';

export interface ImageChoice {
  /** Buttons, to stand among those of other data. */
  readonly controls: readonly HTMLElement[];
  show(isShown: boolean): void;
  enable(enabled: boolean): void;
}

/**
 * @param preset that images are opened for
 * @param onImages called with what was chosen
 */
export function createImageChoice(preset: () => string, onImages: (place: FolderPlace) => void): ImageChoice {
  const button = (id: string, text: string, onClick: () => void) => {
    const made = make('button', text, 'secondary');
    made.type = 'button';
    made.id = made.dataset.testid = id;
    made.onclick = onClick;
    return made;
  };
  const fileInput = (id: string) => {
    const made = make('input');
    made.type = 'file';
    made.id = made.dataset.testid = id;
    made.hidden = true;
    return made;
  };
  const files = fileInput('image-files');
  files.multiple = true;
  files.onchange = () => {
    const chosen = [...(files.files ?? [])];
    // So that choosing the same files once more is a change again.
    files.value = '';
    if (chosen.length > 0) takeImageFiles(chosen, preset(), onImages);
  };
  const folder = fileInput('image-folder');
  const choice = createFolderChoice(folder, 'images', onImages);
  const buttons = [
    button('pick-images', 'Open image files', () => files.click()),
    button('pick-image-folder', 'Open a folder of images', choice.ask),
  ];
  return {
    controls: [...buttons, files, folder],
    show(isShown) {
      for (const made of buttons) made.hidden = !isShown;
    },
    enable(enabled) {
      for (const made of buttons) made.disabled = !enabled;
    },
  };
}

/** Files that were chosen one by one, or a zip. */
export function takeImageFiles(
  files: readonly File[],
  preset: string,
  onImages: (place: FolderPlace) => void,
): void {
  withdrawRefusal();
  const names = files.map(({ name }) => name);
  const unfit = whyUnfit(names, preset);
  if (unfit !== undefined) refuseData(unfit);
  else
    onImages({
      kind: 'files',
      name: togetherName(names),
      files: new Map(files.map(file => [file.name, file])),
    });
}

/** "Open a Zarr store": by its address, or a folder of this computer. */

import type { ZarrPlace } from '../data/choice/choice.ts';
import { element } from './dom.ts';
import { createFolderChoice } from './folder-choice.ts';

export interface StoreChoice {
  /** Opens this store. */
  open(place: ZarrPlace): void;
  /** Where a preset is not trained on stores, there is nothing to open. */
  show(isShown: boolean): void;
  enable(enabled: boolean): void;
}

export function createStoreChoice(open: (place: ZarrPlace) => void): StoreChoice {
  const unfold = element('open-store', HTMLButtonElement);
  const section = element('store-section', HTMLDivElement);
  const form = element('store-form', HTMLFormElement);
  const url = element('store-url', HTMLInputElement);
  const byUrl = element('store-by-url', HTMLButtonElement);
  const byFolder = element('store-by-folder', HTMLButtonElement);
  const folder = createFolderChoice(element('store-folder', HTMLInputElement), 'zarr', open);

  unfold.onclick = () => {
    section.hidden = !section.hidden;
    unfold.ariaExpanded = String(!section.hidden);
    if (!section.hidden) url.focus();
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    open({ kind: 'url', url: url.value.trim() });
  });
  byFolder.onclick = folder.ask;

  return {
    open,
    show(isShown) {
      unfold.hidden = !isShown;
      if (isShown) return;
      section.hidden = true;
      unfold.ariaExpanded = 'false';
    },
    enable(enabled) {
      for (const control of [unfold, url, byUrl, byFolder]) control.disabled = !enabled;
    },
  };
}

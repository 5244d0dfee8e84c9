/** "Open a Zarr store": by its address, or a folder of this computer. */
import type { ZarrPlace } from '../data/zarr-source.ts';
import { element } from './dom.ts';
import { createFolderChoice } from './folder-choice.ts';

export interface StoreChoice {
  enable(enabled: boolean): void;
}

export function createStoreChoice(onStore: (place: ZarrPlace) => void): StoreChoice {
  const open = element('open-store', HTMLButtonElement);
  const section = element('store-section', HTMLDivElement);
  const form = element('store-form', HTMLFormElement);
  const url = element('store-url', HTMLInputElement);
  const byUrl = element('store-by-url', HTMLButtonElement);
  const byFolder = element('store-by-folder', HTMLButtonElement);
  const folder = createFolderChoice(element('store-folder', HTMLInputElement), onStore);

  open.onclick = () => {
    section.hidden = !section.hidden;
    open.ariaExpanded = String(!section.hidden);
    if (!section.hidden) url.focus();
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    onStore({ kind: 'url', url: url.value.trim() });
  });
  byFolder.onclick = folder.ask;

  return {
    enable(enabled) {
      for (const control of [open, url, byUrl, byFolder]) control.disabled = !enabled;
    },
  };
}

/**
 * Asking for a folder with a Zarr store in it: by the browser's own picker where it has one, whose handle finds a file
 * when it is needed, else by an input that lists all of them at once.
 */
import { pathsInFolder } from '../data/zarr-folder.ts';
import type { ZarrPlace } from '../data/zarr-source.ts';

declare global {
  interface Window {
    /** Not in Firefox and Safari. */
    readonly showDirectoryPicker?: (options: {
      readonly id: string;
      readonly mode: 'read';
    }) => Promise<FileSystemDirectoryHandle>;
  }
}

export interface FolderChoice {
  /** Call it on a click of the user. */
  ask(): void;
}

/**
 * @param input of type file, for a folder
 * @param onFolder called with every folder that was chosen
 */
export function createFolderChoice(
  input: HTMLInputElement,
  onFolder: (place: ZarrPlace) => void,
): FolderChoice {
  input.webkitdirectory = true;
  input.onchange = () => {
    const files = [...(input.files ?? [])];
    // So that choosing the same folder once more is a change again.
    input.value = '';
    if (files.length === 0) return;
    const [name] = files[0].webkitRelativePath.split('/');
    onFolder({ kind: 'files', name, files: pathsInFolder(files) });
  };
  return {
    ask() {
      if (!window.showDirectoryPicker) {
        input.click();
        return;
      }
      window.showDirectoryPicker({ id: 'zarr', mode: 'read' }).then(
        folder => onFolder({ kind: 'folder', folder }),
        () => {
          // The user thought better of it.
        },
      );
    },
  };
}

/**
 * Folders that were asked for or dropped: as a handle where the browser gives one, which finds a file when it is needed,
 * else as the list of all its files.
 */

import { pathsInFolder } from '../data/choice/folder.ts';

declare global {
  interface Window {
    /** Not in Firefox and Safari. */
    readonly showDirectoryPicker?: (options: {
      readonly id: string;
      readonly mode: 'read';
    }) => Promise<FileSystemDirectoryHandle>;
  }
  interface DataTransferItem {
    /** Not in Firefox and Safari. */
    getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
  }
}

/** Of this computer, as it can be sent to a worker. */
export type FolderPlace =
  /** Files by their path in the folder. */
  | { readonly kind: 'files'; readonly name: string; readonly files: ReadonlyMap<string, Blob> }
  | { readonly kind: 'folder'; readonly folder: FileSystemDirectoryHandle };

export interface FolderChoice {
  /** Call it on a click of the user. */
  ask(): void;
}

/**
 * @param input of type file, for a folder
 * @param id what the browser remembers the last folder by
 * @param onFolder called with every folder that was chosen
 */
export function createFolderChoice(
  input: HTMLInputElement,
  id: string,
  onFolder: (place: FolderPlace) => void,
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
      window.showDirectoryPicker({ id, mode: 'read' }).then(
        folder => onFolder({ kind: 'folder', folder }),
        () => {
          // The user thought better of it.
        },
      );
    },
  };
}

export const isDroppedFolder = (item: DataTransferItem): boolean => isFolder(item.webkitGetAsEntry());

/**
 * The folder that was dropped; undefined for a file. Call it while the drop is handled: the item is empty afterwards.
 *
 * @throws the result is rejected where the folder cannot be read
 */
export function droppedFolder(item: DataTransferItem): Promise<FolderPlace> | undefined {
  const entry = item.webkitGetAsEntry();
  if (!isFolder(entry)) return undefined;
  if (!item.getAsFileSystemHandle) {
    return filesIn(entry).then(files => ({ kind: 'files', name: entry.name, files: new Map(files) }));
  }
  return item
    .getAsFileSystemHandle()
    .then(handle => ({ kind: 'folder', folder: handle as FileSystemDirectoryHandle }));
}

/**
 * Files and folders that were dropped together, as the files of one folder. Call it while the drop is handled.
 *
 * @throws the result is rejected where a folder cannot be read
 */
export async function droppedTogether(items: readonly DataTransferItem[]): Promise<FolderPlace> {
  const entries = items.flatMap(item => item.webkitGetAsEntry() ?? []);
  const found = await Promise.all(entries.map(entry => filesOf(entry, '')));
  return { kind: 'files', name: togetherName(entries.map(({ name }) => name)), files: new Map(found.flat()) };
}

/** What files that were chosen together are called: `cats.zip`, `train-labels-idx1-ubyte and 3 more`. */
export const togetherName = ([first, ...more]: readonly string[]): string =>
  more.length > 0 ? `${first} and ${more.length} more` : (first ?? '');

const isFolder = (entry: FileSystemEntry | null): entry is FileSystemDirectoryEntry =>
  entry?.isDirectory ?? false;

/** Every file of an entry, by its path. */
async function filesOf(entry: FileSystemEntry, path: string): Promise<[string, File][]> {
  const at = path + entry.name;
  return isFolder(entry) ? filesIn(entry, `${at}/`) : [[at, await fileOf(entry as FileSystemFileEntry)]];
}

/** Every file below a folder, by its path in it. */
async function filesIn(folder: FileSystemDirectoryEntry, path = ''): Promise<[string, File][]> {
  const found = await Promise.all((await entriesIn(folder)).map(entry => filesOf(entry, path)));
  return found.flat();
}

async function entriesIn(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const next = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (next.length === 0) return all;
    // A reader gives a hundred at a time.
    all.push(...next);
  }
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

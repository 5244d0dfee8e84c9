/** Where images may lie, as it can be sent to a worker. */

export type ImagePlace =
  /**
   * Files by their path in the folder chosen (`pathsInFolder`), or as they were chosen one by one. A zip or a .tar.gz that
   * is alone among them is opened.
   */
  | { readonly kind: 'files'; readonly name: string; readonly files: ReadonlyMap<string, Blob> }
  /** Of the directory picker. */
  | { readonly kind: 'folder'; readonly folder: FileSystemDirectoryHandle }
  /** Below an address: a server does not list what it has. */
  | { readonly kind: 'url'; readonly url: string; readonly paths: readonly string[] };

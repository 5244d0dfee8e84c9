/**
 * How files are written by those who do not know where they lie: a file on a disk, a part of a store, a message to the
 * thread or the process that has the disk. Parts come in any order; nothing is written twice.
 */

/**
 * Resolves when the bytes need not be kept any longer.
 *
 * @param path of a file in a folder, its parts separated by slashes; empty for a file that is alone
 * @param position in the file, in bytes
 */
export type WriteAt = (path: string, position: number, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;

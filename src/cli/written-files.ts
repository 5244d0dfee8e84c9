/**
 * A file, or a folder of files, that is written in parts: beside its place, where it is put when it is whole, so that what
 * has its name can be used.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { UsageError } from './usage-error.ts';

export interface WrittenFiles {
  /** @param path see `WriteAt`; of a folder, of a file in it */
  write(path: string, position: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Puts what was written in its place. */
  finish(): Promise<void>;
  /** Lets go what was written. */
  abandon(): Promise<void>;
}

/** @throws UsageError where it is there already, or cannot be made */
export async function writtenFiles(place: string, kind: 'file' | 'folder'): Promise<WrittenFiles> {
  if (existsSync(place)) {
    throw new UsageError(`--out: ${place} is there already. Delete it, or choose another name.`);
  }
  const part = `${place}.part`;
  await rm(part, { recursive: true, force: true });
  const handles = new Map<string, Promise<FileHandle>>();
  const pathOf = (path: string) => {
    if (kind === 'file') return part;
    const inside = normalize(path);
    if (inside.split(sep).includes('..')) throw new Error(`${path} lies outside of the folder.`);
    return join(part, inside);
  };
  try {
    await mkdir(kind === 'folder' ? part : dirname(part), { recursive: true });
    // Whether it can be written is known before anything is computed.
    if (kind === 'file') handles.set(part, open(part, 'w'));
    await handles.get(part);
  } catch (error) {
    throw new UsageError(`--out: ${place} cannot be written: ${(error as Error).message}.`);
  }
  const close = async () => {
    await Promise.all([...handles.values()].map(async handle => (await handle).close()));
    handles.clear();
  };
  return {
    async write(path, position, bytes) {
      const target = pathOf(path);
      let at = position;
      const isAlone = kind === 'file';
      if (!isAlone) await mkdir(dirname(target), { recursive: true });
      const file = await (isAlone ? handles.get(target) : open(target, 'w'));
      try {
        for await (const piece of bytes) {
          await file?.write(piece, 0, piece.length, at);
          at += piece.length;
        }
      } catch (error) {
        throw diskError(place, error as NodeJS.ErrnoException);
      } finally {
        // A store has more files than may be open.
        if (!isAlone) await file?.close();
      }
    },
    async finish() {
      await close();
      await rename(part, place);
    },
    async abandon() {
      await close();
      await rm(part, { recursive: true, force: true });
    },
  };
}

const diskError = (place: string, error: NodeJS.ErrnoException) =>
  error.code === 'ENOSPC' || error.code === 'EDQUOT'
    ? new Error(`The disk is full: ${place} could not be written. Make room and run it again.`)
    : error;

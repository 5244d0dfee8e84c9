/**
 * Files where they lie, as the HDF5 library reads them. It reads as C does, at once: in a worker the browser lets parts of a file
 * or of an address be read so, and nothing is copied; elsewhere the whole file is in memory.
 */
import { DataError } from '../../io/data-error.ts';
import type { RangedFile } from '../netcdf/bytes.ts';

/** What is read at least: metadata lie in many small pieces. */
const PAGE = 2 ** 16;
const PAGES = 64;

/** Of a file in the library's own file system: what its types leave out. */
interface FileNode {
  node_ops: { getattr(node: unknown): object };
  stream_ops: {
    read(stream: unknown, buffer: Uint8Array, offset: number, length: number, position: number): number;
  };
}

interface MountingFiles {
  createFile(folder: string, name: string, properties: object, read: boolean, write: boolean): FileNode;
  getStream(number: number): {
    stream_ops: { write(stream: unknown, buffer: Uint8Array, offset: number, length: number): number };
  };
}

const canMount = (files: object): files is MountingFiles => 'createFile' in files && 'getStream' in files;

/** Number of the stream for errors. */
const STDERR = 2;

type Library = typeof import('h5wasm').default;

interface Loaded {
  readonly library: Library;
  readonly files: MountingFiles;
}

let loading: Promise<Loaded> | undefined;

/** 4 MB of code, loaded once, when the first such file is opened. */
function loadLibrary(): Promise<Loaded> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Loaded> {
  const { default: library } = await import('h5wasm');
  const { FS: files } = await library.ready;
  if (!canMount(files)) throw new Error('The HDF5 library has no files to mount.');
  // Of what fails it prints every call that it was in; what a user can do about it is said here, by whoever called it.
  const errors = files.getStream(STDERR);
  errors.stream_ops = { ...errors.stream_ops, write: (_stream, _buffer, _offset, length) => length };
  return { library, files };
}

/**
 * Gives what `read` gives, or throws what the library has against it: by itself it is silent where reading fails, and what lay in memory
 * before is taken for values.
 */
export type Strict = <T>(read: () => T) => T;

export async function strictly(): Promise<Strict> {
  const { library } = await loadLibrary();
  const { activate_throwing_error_handler, deactivate_throwing_error_handler } = await library.ready;
  return read => {
    activate_throwing_error_handler();
    try {
      return read();
    } finally {
      deactivate_throwing_error_handler();
    }
  };
}

let mounted = 0;

/** @throws DataError where the library cannot open it */
export async function mountHdf5(file: RangedFile): Promise<InstanceType<Library['File']>> {
  const { library, files } = await loadLibrary();
  const read = await readerOf(file);
  const name = `${mounted++}.h5`;
  const node = files.createFile('/', name, {}, true, false);
  const attributes = node.node_ops.getattr;
  node.node_ops = { ...node.node_ops, getattr: given => ({ ...attributes(given), size: file.size }) };
  // Where it ends is sought by this.
  Object.defineProperty(node, 'usedBytes', { get: () => file.size });
  node.stream_ops = {
    ...node.stream_ops,
    read(_, buffer, offset, length, position) {
      const bytes = read(position, Math.min(file.size, position + length));
      buffer.set(bytes, offset);
      return bytes.length;
    },
  };
  const opened = new library.File(`/${name}`, 'r');
  if (opened.file_id >= 0n) return opened;
  throw new DataError(
    `${file.name} is truncated or damaged: the HDF5 library cannot open it. Copy or download it again.`,
  );
}

/** Gives bytes `from` (included) to `to` (not included). */
type Reader = (from: number, to: number) => Uint8Array;

async function readerOf(file: RangedFile): Promise<Reader> {
  const { readNow } = file;
  if (!readNow) {
    const whole = await file.read({ from: 0, to: file.size });
    return (from, to) => whole.subarray(from, Math.max(from, to));
  }
  const pages = new Map<number, Uint8Array>();
  const page = (index: number) => {
    const from = index * PAGE;
    const bytes = pages.get(index) ?? readNow({ from, to: Math.min(file.size, from + PAGE) });
    // The one that was used longest ago goes.
    pages.delete(index);
    pages.set(index, bytes);
    if (pages.size > PAGES) pages.delete(pages.keys().next().value ?? index);
    return bytes;
  };
  return (from, to) => {
    if (to <= from) return new Uint8Array();
    if (to - from >= PAGE) return readNow({ from, to });
    const out = new Uint8Array(to - from);
    for (let index = Math.floor(from / PAGE); index * PAGE < to; index++) {
      const bytes = page(index);
      const start = index * PAGE;
      const [first, last] = [Math.max(from, start), Math.min(to, start + bytes.length)];
      out.set(bytes.subarray(first - start, last - start), first - from);
    }
    return out;
  };
}

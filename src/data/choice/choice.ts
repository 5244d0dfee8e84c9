/** What a user may choose to train on, and what of it a page can keep or tell another page. */
import { DataError } from '../../io/data-error.ts';
import type { Channel } from '../dataset.ts';
import type { ImagePlace } from '../images/place.ts';
import type { DataPart } from './part.ts';
import type { SyntheticChoice } from './synthetic.ts';

export type { DataPart };

export type DataChoice =
  | FieldsChoice
  /** Images of textured shapes, computed. */
  | { readonly kind: 'shapes'; readonly seed: number }
  | ImagesChoice;

/** Fields on a grid. */
export type FieldsChoice =
  | { readonly kind: 'embedded'; readonly days: number; readonly seed: number }
  /** NetCDF files, a Zarr store or synthetic data. On a mesh every rank that can reach them reads its own part. */
  | BoxedChoice;

/** IDX or CIFAR files, or folders of classes. */
export interface ImagesChoice {
  readonly kind: 'images';
  readonly place: ImagePlace;
}

/** Choices of data that are read in boxes. */
export type BoxedChoice = FilesChoice | ZarrChoice | SyntheticChoice;

/** NetCDF files, to be read together. */
export interface FilesChoice {
  readonly kind: 'files';
  readonly files: readonly NetcdfSource[];
  readonly part?: DataPart;
  readonly keep?: KeepAddress;
}

/** Where what is found out about the data is kept for later runs, at the page's own server: of the terminal, which knows where they lie. */
type KeepAddress = string;

export type NetcdfSource =
  | { readonly name: string; readonly blob: Blob }
  /** Of a server that answers ranges. */
  | { readonly url: string };

/** A store, and what of it a run uses. */
export interface ZarrChoice {
  readonly kind: 'zarr';
  readonly source: ZarrPlace;
  readonly selection: ZarrSelection;
  readonly keep?: KeepAddress;
}

/** Where a store lies, as it can be sent to a worker. */
export type ZarrPlace =
  | {
      /** Of a store, or of a zip of one. */
      readonly kind: 'url';
      readonly url: string;
      /** What lies at its top, for a store without consolidated metadata: a server does not list what it has. */
      readonly names?: readonly string[];
    }
  /** Files by their path in the store (`pathsInFolder`). */
  | { readonly kind: 'files'; readonly name: string; readonly files: ReadonlyMap<string, Blob> }
  | { readonly kind: 'folder'; readonly folder: FileSystemDirectoryHandle };

/** What of a store a run uses: all where nothing is said. */
export interface ZarrSelection extends DataPart {
  /** Found by `variable` and `levelHPa`, named by the rest. */
  readonly channels?: readonly Channel[];
  /** Likewise, of the fields without time. */
  readonly statics?: readonly Channel[];
}

/** What of fields is used, as it was chosen. */
export function partIn(choice: FieldsChoice): DataPart {
  if (choice.kind === 'files') return choice.part ?? {};
  return choice.kind === 'zarr' ? choice.selection : {};
}

/** A choice without what only the user's page has: the files, or the folder of a store. */
export type BareChoice =
  | { readonly kind: 'files'; readonly part?: DataPart }
  | { readonly kind: 'zarr'; readonly selection: ZarrSelection }
  | { readonly kind: 'images' };

/** Another thread or page lies elsewhere, so an address that is relative here would be another there. */
export function absoluteChoice<Choice extends BoxedChoice | BareChoice>(choice: Choice): Choice {
  const from = (url: string) => new URL(url, globalThis.location.href).href;
  const kept = 'keep' in choice && choice.keep !== undefined && { keep: from(choice.keep) };
  if ('files' in choice) {
    const files = choice.files.map(file => ('url' in file ? { url: from(file.url) } : file));
    return { ...choice, ...kept, files };
  }
  if (!('source' in choice) || choice.source.kind !== 'url') return choice;
  return { ...choice, ...kept, source: { ...choice.source, url: from(choice.source.url) } };
}

/** All of a choice where it names addresses, or nothing is read. A page may not open files and folders again unasked, nor can another. */
export function bareChoice<Choice extends DataChoice>(choice: Choice): Choice | BareChoice {
  switch (choice.kind) {
    case 'files':
      if (choice.files.every(file => 'url' in file)) return choice;
      return choice.part ? { kind: 'files', part: choice.part } : { kind: 'files' };
    case 'zarr':
      return choice.source.kind === 'url' ? choice : { kind: 'zarr', selection: choice.selection };
    case 'images':
      return choice.place.kind === 'url' ? choice : { kind: 'images' };
    default:
      return choice;
  }
}

/**
 * @param given files or a folder that the user chose in this page
 * @returns undefined where they are needed and not given
 */
export function wholeChoice(choice: KeptChoice, given: DataChoice | undefined): DataChoice | undefined {
  if (isWhole(choice)) return choice;
  if (choice.kind !== given?.kind) return undefined;
  if (given.kind === 'files') {
    const { part } = choice.kind === 'files' ? choice : {};
    return part ? { ...given, part } : { kind: 'files', files: given.files };
  }
  return given.kind === 'zarr' && 'selection' in choice ? { ...given, selection: choice.selection } : given;
}

const isWhole = (choice: KeptChoice): choice is DataChoice =>
  !['files', 'zarr', 'images'].includes(choice.kind) ||
  'files' in choice ||
  'source' in choice ||
  'place' in choice;

/** A choice as it is kept with a checkpoint: without files and folders. */
export type KeptChoice = DataChoice | BareChoice;

/**
 * @param given files or a folder, which a kept choice lacks
 * @throws DataError where they must be given again and are not
 */
export function completedChoice(kept: KeptChoice, given: DataChoice | undefined): DataChoice {
  const choice = wholeChoice(kept, given);
  if (choice) return choice;
  const [on, same] =
    kept.kind === 'files'
      ? ['files', 'files']
      : kept.kind === 'images'
        ? ['images', 'files or folder']
        : ['a folder', 'folder'];
  throw new DataError(`The saved run was trained on ${on}: open the same ${same} again.`);
}

/** Data that are read in boxes. */
export const isBoxed = (choice: DataChoice): choice is BoxedChoice =>
  choice.kind === 'files' || choice.kind === 'zarr' || choice.kind === 'synthetic';

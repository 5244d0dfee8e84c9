/** Choices of data that are read in boxes, and what of them a page can keep or tell another page. */
import type { NetcdfSource } from '../netcdf/read.ts';
import type { ZarrChoice } from '../zarr/source.ts';
import type { ZarrSelection } from '../zarr/store.ts';
import type { SyntheticChoice } from './synthetic.ts';

/** NetCDF classic files, to be read together. */
export interface FilesChoice {
  readonly kind: 'files';
  readonly files: readonly NetcdfSource[];
}

export type BoxedChoice = FilesChoice | ZarrChoice | SyntheticChoice;

/** A choice without what only the user's page has: the files, or the folder of a store. */
export type BareChoice =
  | { readonly kind: 'files' }
  | { readonly kind: 'zarr'; readonly selection: ZarrSelection };

/** All of a choice where it names addresses, or nothing is read. A page may not open files and folders again unasked, nor can another. */
export function bareChoice(choice: BoxedChoice): BoxedChoice | BareChoice {
  if (choice.kind === 'files') return choice.files.every(file => 'url' in file) ? choice : { kind: 'files' };
  if (choice.kind === 'synthetic') return choice;
  const { kind, source, selection } = choice;
  return source.kind === 'url' ? choice : { kind, selection };
}

/**
 * @param given files or a folder that the user chose in this page
 * @returns undefined where they are needed and not given
 */
export function wholeChoice(
  choice: BoxedChoice | BareChoice,
  given: BoxedChoice | undefined,
): BoxedChoice | undefined {
  if ('files' in choice || 'source' in choice || choice.kind === 'synthetic') return choice;
  if (choice.kind === 'files') return given?.kind === 'files' ? given : undefined;
  return given?.kind === 'zarr' ? { ...given, selection: choice.selection } : undefined;
}

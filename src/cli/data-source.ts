/** The data of a terminal run: what `--data` and the options beside it say, before anything is looked at. */
import type { DataPart } from '../data/choice/choice.ts';
import { type PartText, partForms, partOptions, readPart } from '../data/choice/part.ts';
import { anotherTask, type NamedPreset, takesImages } from './preset-choice.ts';
import { UsageError } from './usage-error.ts';

/** Where the data come from. */
export type DataSource =
  | { readonly kind: 'embedded'; readonly days: number; readonly seed: number }
  /** In the shape of what the preset is meant for. */
  | { readonly kind: 'synthetic'; readonly seed: number }
  /** Paths of NetCDF files. */
  | { readonly kind: 'files'; readonly files: readonly string[]; readonly part?: DataPart }
  /** The folder of a Zarr store, or its URL, and what of it is used. */
  | ({ readonly kind: 'zarr'; readonly store: string } & DataPart)
  /** Images of textured shapes. */
  | { readonly kind: 'shapes'; readonly seed: number }
  /** Paths of a folder, of an archive, or of files. */
  | { readonly kind: 'images'; readonly paths: readonly string[] };

/** The values of options, as the user wrote them. */
export interface DataArguments extends PartText {
  readonly data?: string;
  /** The number of one member of an ensemble. */
  readonly member?: number;
  readonly days?: number;
  readonly seed?: number;
}

const zarrPrefix = 'zarr:';

export const isUrl = (store: string) => /^https?:\/\//i.test(store);

/** Data that no file is needed for. */
export const isComputed = (data: string | undefined): boolean =>
  data !== undefined && ['embedded', 'synthetic', 'shapes'].includes(data);

/** @throws UsageError for what the preset cannot be trained on, and for options that do not belong to the data */
export function dataSource(given: DataArguments, named: NamedPreset): DataSource {
  const { embedded, store } = named.preset;
  const { data, days, seed = 1 } = given;
  const kind = kindOf(data, named);
  refuseOthers(given, kind);
  switch (kind) {
    case 'embedded':
    case 'shapes':
      return embedded.kind === 'shapes'
        ? { kind: 'shapes', seed }
        : { kind: 'embedded', days: days ?? embedded.days, seed };
    case 'synthetic':
      return { kind, seed };
    case 'images':
      return { kind, paths: pathsOf(data ?? '') };
    case 'files':
      return {
        kind,
        files: pathsOf(data ?? ''),
        ...partOf(partIn(given)),
      };
    case 'zarr':
      return {
        kind,
        store: data === undefined && store ? store.url : storeName(data ?? ''),
        ...storePart(given, store),
      };
  }
}

/** @throws UsageError where the preset is not for such data */
function kindOf(data: string | undefined, { name, preset }: NamedPreset): DataSource['kind'] {
  const own = preset.embedded.kind;
  if (data === undefined) return preset.store ? 'zarr' : own;
  const isField = data === 'embedded' || data === 'synthetic' || data.startsWith(zarrPrefix);
  if (takesImages(preset)) {
    if (data === 'shapes') return own;
    if (!isField) return 'images';
    throw new UsageError(
      `--data ${data} are fields, and ${name} is trained on images: give shapes, a folder, a zip or a .tar.gz, or files separated by commas, or choose ${anotherTask(preset.task.kind)}.`,
    );
  }
  if (data === 'shapes') {
    throw new UsageError(
      `--data shapes are images, and ${name} is trained on fields: choose ${anotherTask(preset.task.kind)}.`,
    );
  }
  if (data === 'embedded' || data === 'synthetic') return data;
  return isField ? 'zarr' : 'files';
}

/** Which options are for which data. */
const owners: readonly (readonly [
  option: string,
  key: keyof DataArguments,
  kinds: readonly DataSource['kind'][],
  words: string,
])[] = [
  ['days', 'days', ['embedded'], 'embedded'],
  ['data-seed', 'seed', ['embedded', 'synthetic', 'shapes'], 'embedded, synthetic or shapes'],
  ['member', 'member', ['files', 'zarr'], 'FILE or zarr:STORE'],
  ...partOptions.map(option => [option, option, ['files', 'zarr'], 'FILE or zarr:STORE'] as const),
];

function refuseOthers(given: DataArguments, kind: DataSource['kind']): void {
  const wrong = owners.find(([, key, kinds]) => given[key] !== undefined && !kinds.includes(kind));
  if (!wrong) return;
  const [option, , , words] = wrong;
  throw new UsageError(`--${option} belongs to --data ${words}; with other data it has no meaning.`);
}

/** @param text separated by commas, as the user wrote it */
function pathsOf(text: string): string[] {
  const paths = text.split(',').filter(name => name !== '');
  if (paths.length > 0) return paths;
  throw new UsageError(
    '--data is empty; give embedded, synthetic, one or more NetCDF files separated by commas, or zarr: and a store; or, ' +
      'for images, shapes, a folder, an archive, or files separated by commas.',
  );
}

function storeName(text: string): string {
  const store = text.slice(zarrPrefix.length);
  if (store.trim() === '') {
    throw new UsageError('--data is "zarr:"; give the folder or the URL of a Zarr store after it.');
  }
  if (isUrl(store) ? URL.canParse(store) : !/^\w+:\/\//.test(store)) return store;
  throw new UsageError(
    `--data: "${store}" is no URL that can be read; it must be one of http or https. A bucket gs://NAME is at https://storage.googleapis.com/NAME.`,
  );
}

/** What of the data the options ask for. @throws UsageError */
export function partIn(given: PartText & { readonly member?: number }): DataPart {
  const part = readPart(
    given,
    (option, text) => new UsageError(`--${option} is "${text}"; it must be ${partForms[option]}.`),
  );
  return given.member === undefined ? part : { member: given.member, ...part };
}

const partOf = (part: DataPart) => (Object.keys(part).length > 0 ? { part } : {});

function storePart(given: DataArguments, store: NamedPreset['preset']['store']): DataPart {
  if (given.variables !== undefined && store?.selection.channels) {
    throw new UsageError('--variables cannot be given with this preset, which names its channels.');
  }
  return partIn(given);
}

/**
 * The data of a run that goes on: from another place perhaps, but the same part of them.
 *
 * @param to as the user wrote it
 * @throws UsageError
 */
export function movedData(before: DataSource, to: string | undefined): DataSource {
  if (to === undefined) return before;
  const isStore = to.startsWith(zarrPrefix);
  switch (before.kind) {
    case 'zarr': {
      const { kind, store, ...part } = before;
      return isStore
        ? { kind, store: storeName(to), ...part }
        : { kind: 'files', files: pathsOf(to), ...partOf(part) };
    }
    case 'files': {
      const { part = {} } = before;
      return isStore
        ? { kind: 'zarr', store: storeName(to), ...part }
        : { kind: 'files', files: pathsOf(to), ...partOf(part) };
    }
    case 'images':
      if (!isStore) return { kind: 'images', paths: pathsOf(to) };
      throw new UsageError(`--data ${to} is a store of fields, and the run is trained on images.`);
    default:
      throw new UsageError(
        `--data ${to} cannot be given: the run is trained on ${before.kind} data, which are computed and have not moved.`,
      );
  }
}

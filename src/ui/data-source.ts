/** Where the data of the page's run come from, and what the session is told of it. */

import type { DataChoice, DataPart, ImagesChoice, ZarrPlace } from '../data/choice/choice.ts';
import { partOf } from '../data/choice/part.ts';
import { proxiedPath } from '../data/choice/weatherbench2.ts';
import { nameInUrl } from '../io/http.ts';
import { embeddedChoice, presets, syntheticChoice } from '../session/api/presets.ts';

/** Two sources are the same only if they are the same object. */
export type DataSource =
  /** What the preset has that needs no file: the model atmosphere, or the textured shapes. */
  | { readonly kind: 'embedded' }
  /** In the shape of what the preset is meant for. */
  | { readonly kind: 'synthetic' }
  | { readonly kind: 'files'; readonly files: readonly File[]; readonly part?: DataPart }
  | { readonly kind: 'zarr'; readonly place: ZarrPlace; readonly part?: DataPart }
  | ImagesChoice;

/** Computed as the preset wants it: the session does so once and keeps it. */
export const embedded: DataSource = { kind: 'embedded' };

export const synthetic: DataSource = { kind: 'synthetic' };

/** The address of a store as this page reaches it: `npm start` passes requests to WeatherBench 2 on, and says so. */
function reachable(url: string): string {
  const hasProxy = document.querySelector('meta[name=isobar-store-proxy]') !== null;
  return hasProxy ? (proxiedPath(url) ?? url) : url;
}

/** By preset: the stores that presets are made for. */
const offered: ReadonlyMap<string, DataSource> = new Map(
  Object.entries(presets).flatMap(([name, { store }]): [string, DataSource][] =>
    store ? [[name, { kind: 'zarr', place: { kind: 'url', url: reachable(store.url) } }]] : [],
  ),
);

/** True for a store that came with a preset, or a part of it: it may be large, so it is read only when the user trains. */
export const isOffered = (data: DataSource): boolean =>
  data.kind === 'zarr' && [...offered.values()].some(own => own.kind === 'zarr' && own.place === data.place);

/** Whether a preset is trained on images; else it is on fields. */
export const wantsImages = (preset: string): boolean => presets[preset].embedded.kind === 'shapes';

/**
 * The data after a change of preset: what the user chose stays where it is of use, what came with a preset goes with it.
 */
export function sourceFor(preset: string, before: DataSource): DataSource {
  const stays =
    before !== embedded && !isOffered(before) && wantsImages(preset) === (before.kind === 'images');
  return stays ? before : (offered.get(preset) ?? embedded);
}

/** Of data that are computed; the seed that the user chooses is the model's. */
const dataSeed = 1;

/** The data of a run with this preset. */
export function choiceOf(data: DataSource, preset: string): DataChoice {
  switch (data.kind) {
    case 'embedded':
      return embeddedChoice(presets[preset], dataSeed);
    case 'synthetic':
      return syntheticChoice(presets[preset], dataSeed);
    case 'images':
      return data;
    case 'files':
      return {
        kind: 'files',
        files: data.files.map(file => ({ name: file.name, blob: file })),
        ...(data.part && Object.keys(data.part).length > 0 && { part: data.part }),
      };
    case 'zarr':
      return {
        kind: 'zarr',
        source: data.place,
        selection: { ...presets[preset].store?.selection, ...data.part },
      };
  }
}

/** The source of a saved run whose data need not be given again. */
export function sourceOf(data: DataChoice): DataSource {
  if (data.kind === 'synthetic') return synthetic;
  if (data.kind === 'images') return data;
  if (data.kind !== 'zarr') return embedded;
  return { kind: 'zarr', place: data.source, part: partOf(data.selection) };
}

/** The same data, of which this part is used; the same object where that is so already. What is computed is used whole. */
export function withPart(data: DataSource, part: DataPart): DataSource {
  if (data.kind !== 'files' && data.kind !== 'zarr') return data;
  // A member is not chosen on the page.
  const { member } = data.part ?? {};
  const wanted = partOf({ ...part, member });
  return JSON.stringify(wanted) === JSON.stringify(partOf(data.part ?? {}))
    ? data
    : { ...data, part: wanted };
}

/** The source of a saved run whose data were given again: its part is that of the run. */
export function givenAgain(source: DataSource, data: DataChoice): DataSource {
  if (source.kind === 'files' && data.kind === 'files') return { ...source, part: data.part };
  if (source.kind === 'zarr' && data.kind === 'zarr') return { ...source, part: partOf(data.selection) };
  return source;
}

/** What the data of a run with this preset are called before they are read. */
export function nameOf(data: DataSource, preset: string): string {
  switch (data.kind) {
    case 'embedded':
      return wantsImages(preset) ? 'The ten textured shapes, computed here' : 'The embedded model atmosphere';
    case 'synthetic':
      return "Synthetic waves in the shape of the preset's own data";
    case 'files':
      return data.files.map(file => file.name).join(', ');
    case 'zarr':
    case 'images':
      return placeName(data.place);
  }
}

function placeName(place: ZarrPlace | ImagesChoice['place']): string {
  if (place.kind === 'url') return nameInUrl(place.url) || place.url;
  return place.kind === 'files' ? place.name : place.folder.name;
}

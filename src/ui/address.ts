/**
 * What the address holds of a run, as one table: where a copied link leads, the same run is set up. An address sets up; it
 * never starts to train, opens no room and admits nobody. What it does not say is as the preset has it.
 */
import { type DataPart, partOptions, readPart, writePart } from '../data/choice/part.ts';
import { meshName, parseMesh } from '../mesh/mesh.ts';
import { presets } from '../session/api/presets.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { isAllowed, isWithin, kindOptionNames, kindOptions } from '../session/api/run-options.ts';
import { onePiece } from './mesh-choices.ts';
import type { Settings } from './run-settings.ts';
import { isLinkName } from './share/links.ts';

/** Files and folders cannot be named by an address; what of them is used can. */
export type AddressSettings = Omit<Settings, 'data'> & {
  readonly data: 'embedded' | 'synthetic';
  readonly part?: DataPart;
};

const firstPreset = 'demo';
const firstSeed = 1;

interface Entry {
  readonly name: string;
  /** What it says; undefined where it says nothing that can be used. */
  readonly read: (text: string, settings: AddressSettings) => Partial<AddressSettings> | undefined;
  /** What it is; undefined where it is what the preset's kinds say. Written only where the preset has it otherwise. */
  readonly write: (settings: AddressSettings) => string | undefined;
}

const wholeOf = (option: Parameters<typeof isAllowed>[0], text: string): number | undefined => {
  const value = Number(text || Number.NaN);
  return isAllowed(option, value) ? value : undefined;
};

const inMesh = (
  name: string,
  read: (text: string) => Partial<MeshConfig> | undefined,
  write: (mesh: MeshConfig) => string | undefined,
): Entry => ({
  name,
  read(text, { mesh }) {
    const change = read(text);
    return change && { mesh: { ...mesh, ...change } };
  },
  write: ({ mesh }) => write(mesh),
});

/** The preset comes first: it says what the others are where they are not named. */
const entries: readonly Entry[] = [
  {
    name: 'preset',
    read: text => (Object.hasOwn(presets, text) ? usual(text) : undefined),
    write: ({ preset }) => preset,
  },
  {
    name: 'steps',
    read(text) {
      const steps = wholeOf('steps', text);
      return steps === undefined ? undefined : { steps };
    },
    write: ({ steps }) => String(steps),
  },
  {
    name: 'seed',
    read(text) {
      const seed = wholeOf('seed', text);
      return seed === undefined ? undefined : { seed };
    },
    write: ({ seed }) => String(seed),
  },
  inMesh('mesh', shapeIn, mesh => meshName({ ...mesh, replicas: 1 })),
  inMesh(
    'replicas',
    text => {
      const replicas = wholeOf('replicas', text);
      return replicas === undefined ? undefined : { replicas };
    },
    ({ replicas }) => String(replicas),
  ),
  inMesh(
    'micro-batches',
    text => {
      const microBatches = wholeOf('microBatches', text);
      return microBatches === undefined ? undefined : { microBatches };
    },
    ({ microBatches = 1 }) => String(microBatches),
  ),
  inMesh(
    'overlap',
    text => (text === 'off' ? { overlap: false } : text === 'on' ? {} : undefined),
    ({ overlap = true }) => (overlap ? 'on' : 'off'),
  ),
  inMesh(
    'wire',
    text => (text === 'f16' ? { wire: text } : text === 'f32' ? {} : undefined),
    ({ wire = 'f32' }) => wire,
  ),
  {
    name: 'link',
    read: text => (isLinkName(text) ? { link: text } : undefined),
    write: ({ link }) => link,
  },
  {
    name: 'batch',
    read(text, { preset }) {
      const batch = wholeOf('batch', text);
      return batch === undefined ? undefined : { batch: batch === presets[preset].batch ? undefined : batch };
    },
    write: ({ batch }) => (batch === undefined ? undefined : String(batch)),
  },
  {
    name: 'accumulate',
    read(text, { preset, batch = presets[preset].batch }) {
      const accumulate = wholeOf('accumulate', text);
      return accumulate !== undefined && batch % accumulate === 0 ? { accumulate } : undefined;
    },
    write: ({ accumulate }) => String(accumulate),
  },
  {
    name: 'recompute',
    read: text => (text === 'off' || text === 'on' ? { recompute: text === 'on' } : undefined),
    write: ({ recompute }) => (recompute ? 'on' : 'off'),
  },
  {
    name: 'data',
    read: text => (text === 'synthetic' ? { data: text } : undefined),
    write: ({ data }) => data,
  },
  ...partOptions.map(
    (name): Entry => ({
      name,
      read(text, { part }) {
        const read = readPart({ [name]: text });
        return Object.keys(read).length > 0 ? { part: { ...part, ...read } } : undefined;
      },
      write: ({ part = {} }) => writePart(part)[name],
    }),
  ),
  ...kindOptionNames.map(
    (name): Entry => ({
      name,
      read(text, { preset, model }) {
        const option = kindOptions(presets[preset]).get(name);
        const value = Number(text || Number.NaN);
        return option && isWithin(option, value) ? { model: { ...model, [name]: value } } : undefined;
      },
      write: ({ model }) => (model[name] === undefined ? undefined : String(model[name])),
    }),
  ),
];

/** @returns undefined where the text is no mesh */
function shapeIn(text: string): Pick<MeshConfig, 'rows' | 'columns'> | undefined {
  try {
    const { rows, columns } = parseMesh(text);
    return { rows, columns };
  } catch {
    return undefined;
  }
}

/** A preset as it is. */
const usual = (preset: string): AddressSettings => ({
  preset,
  steps: presets[preset].steps,
  seed: firstSeed,
  batch: undefined,
  accumulate: 1,
  recompute: false,
  model: {},
  data: 'embedded',
  mesh: onePiece,
  link: 'own',
});

/** @param search of the address, such as `?preset=tiny&mesh=2x2`; what cannot be used is passed over */
export function settingsIn(search: string): AddressSettings {
  const asked = new URLSearchParams(search);
  let settings = usual(firstPreset);
  for (const { name, read } of entries) {
    const text = asked.get(name);
    if (text !== null) settings = { ...settings, ...read(text, settings) };
  }
  return settings;
}

/** An address with other settings, such as `?mesh=1x2`; what they do not say stays. */
export function withSettings(before: string, change: string): string {
  const params = new URLSearchParams(before);
  for (const [name, text] of new URLSearchParams(change)) params.set(name, text);
  return searchOf(settingsIn(params.toString()), before);
}

/** What of an address names no setting, or says what cannot be used of one, as it is written there. */
export function unusable(search: string): string[] {
  const asked = [...new URLSearchParams(search)];
  let settings = settingsIn(search);
  return asked.flatMap(([name, text]) => {
    const change = entries.find(entry => entry.name === name)?.read(text, settings);
    settings = { ...settings, ...change };
    return change ? [] : [`${name}=${text}`];
  });
}

/** @param before of the address until now, of which what is no setting stays */
export function searchOf(settings: AddressSettings, before: string): string {
  const params = new URLSearchParams(before);
  for (const { name, write } of entries) {
    const text = write(settings);
    const base = usual(name === 'preset' ? firstPreset : settings.preset);
    if (text === undefined || text === write(base)) params.delete(name);
    else params.set(name, text);
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** All settings by their names in the address, as they are written there. */
export const settingWords = (settings: AddressSettings): Record<string, string> =>
  Object.fromEntries(
    entries.flatMap(({ name, write }) => {
      const text = write(settings);
      return text === undefined ? [] : [[name, text]];
    }),
  );

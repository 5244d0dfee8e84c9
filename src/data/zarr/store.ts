/**
 * Zarr stores as data sets: what they hold is told from their metadata and coordinates, without reading any field.
 *
 * A store is a group of arrays, each cut into chunks that are compressed one by one. The format (versions 2 and 3,
 * https://zarr-specs.readthedocs.io) is read by zarrita; the meaning of the arrays follows the CF conventions, as in
 * NetCDF files. `readZarr` reads a box of it, `describeSplit` tells what that costs each rank of a mesh.
 */
import * as zarr from 'zarrita';
import { isoDay, parseDay } from '../../io/calendar.ts';
import { DataError } from '../../io/data-error.ts';
import { count } from '../../io/number-text.ts';
import { textAttribute } from '../cf/attributes.ts';
import {
  type AxisKind,
  axisKind,
  gridAdvice,
  horizontalGrid,
  inDegrees,
  memberNumbers,
  pressureScale,
  type Role,
  rolesOf,
  versionOrder,
  whyNoField,
} from '../cf/axes.ts';
import { timeSteps } from '../cf/steps.ts';
import { decodeTimes } from '../cf/time.ts';
import type { ZarrSelection } from '../choice/choice.ts';
import { commonMembers, type MemberChoice } from '../choice/members.ts';
import type { Channel } from '../dataset.ts';
import { fieldChannels } from '../netcdf/fields.ts';
import type { SourceAbout } from '../source-about.ts';
import { chunkBytes, explained, readWhole } from './chunks.ts';
import { type OpenedSource, openSource, type ZarrSource } from './source.ts';
import type { ZarrField, ZarrStore, ZarrVariable } from './types.ts';

/** A variable of more levels, along a dimension without a coordinate, is no field: its metadata alone would fill memory. */
const MOST_UNNAMED_LEVELS = 4096;

/** Coordinates that a store without a list of its arrays is searched for. */
const USUAL_AXES = ['time', 'latitude', 'longitude', 'level', 'lat', 'lon'];

/**
 * Opens a store and reads its coordinates.
 *
 * @param selection needed where the store can list its arrays neither by consolidated metadata nor as a folder
 * @throws DataError where there is no store, it cannot be read, or it is no data set on a grid
 */
export async function openZarr(source: ZarrSource, selection: ZarrSelection = {}): Promise<ZarrStore> {
  const opened = await openSource(source);
  const { name, stamp, marks, names = [], groups, count, absent, faults } = opened;
  const variables = await openArrays(opened, selection);
  if (variables.size === 0 && groups.length > 0) {
    throw new DataError(
      `${name} has its arrays in groups: ${groups.join(', ')}. Give one of them as the store: zarr:${name}/${groups[0]} in the terminal, or that folder or address.`,
    );
  }
  const axes = new Map<AxisKind, ZarrVariable>();
  const kinds = new Map<string, AxisKind>();
  for (const variable of variables.values()) {
    const kind = axisKind(variable);
    if (variable.dimensions.length !== 1 || variable.dimensions[0] !== variable.name || !kind) continue;
    kinds.set(variable.name, kind);
    axes.set(kind, variable);
  }
  const read = async (kind: AxisKind) => {
    const variable = axes.get(kind);
    if (variable) return inDegrees(variable, await readWhole(variable));
    const advice = kind === 'latitude' || kind === 'longitude' ? gridAdvice(variables.values()) : undefined;
    if (advice) throw new DataError(`${name}: ${advice}`);
    const [fault] = [...faults].map(([key, words]) => ` ${key.slice(1)} cannot be read (${words}).`);
    throw new DataError(
      `${name} has no ${kind} axis: an array named as its dimension, with CF units. It has ${[...variables.keys()].join(', ') || 'no arrays'}.${fault ?? ''}`,
    );
  };
  const [latitude, longitude, steps] = [await read('latitude'), await read('longitude'), await read('time')];
  const time = axes.get('time')!.attributes;
  const { times, calendar } = decodeTimes(
    steps,
    textAttribute(time, 'units'),
    textAttribute(time, 'calendar'),
    name,
  );

  const levels = axes.get('level');
  const pressures =
    levels && Float64Array.from(await readWhole(levels), p => p * (pressureScale(levels) ?? 1));
  const onAxes = [...variables.values()].filter(variable => isOnAxes(variable, axes, kinds));
  for (const variable of onAxes) checkSizes(variable, variables, name);
  const alongOf = async (kind: AxisKind) => {
    const variable = axes.get(kind);
    return variable && readWhole(variable);
  };
  const [members, versions] = [await alongOf('member'), await alongOf('version')];
  const coordinates = { levelAxis: levels, levels: pressures, members, versions };
  const fields = onAxes.flatMap(variable => fieldsOf(variable, kinds, coordinates, name));
  const axis = timeSteps(times, calendar, name);
  return {
    name,
    async identity() {
      const found = await stamp();
      return found === undefined ? undefined : { name, stamp: found };
    },
    marks,
    fields: fields.filter(field => field.roles.includes('time')),
    statics: fields.filter(field => !field.roles.includes('time')),
    grid: horizontalGrid(latitude, longitude, name),
    time: axis,
    storedSteps: Array.from(times, axis.stepOf),
    others: [...new Set([...names, ...variables.keys()])]
      .filter(n => !kinds.has(n) && !/^\.|\.json$/.test(n))
      .sort(),
    leftOut: [...variables.values()]
      .filter(variable => !kinds.has(variable.name) && !fields.some(field => field.variable === variable))
      .map(({ name, dimensions }) => ({ name, why: whyNoField(dimensions, kinds) })),
    count,
    absent,
  };
}

export function aboutZarr(store: ZarrStore, selection: ZarrSelection): SourceAbout {
  const { fields, statics } = choose(store, selection);
  const read = new Set([...fields, ...statics].map(({ variable }) => variable));
  const storage = [...read].map(variable => {
    const { name, array, dimensions } = variable;
    const chunks = array.shape.reduce((total, size, d) => total * Math.ceil(size / array.chunks[d]), 1);
    return {
      name,
      dimensions,
      shape: array.shape,
      bytes: chunks * chunkBytes(variable),
      chunks: array.chunks,
    };
  });
  return { source: store.name, format: 'Zarr', leftOut: store.leftOut, storage };
}

/** Opens every array that is listed, or those that the selection names and their axes. */
async function openArrays(
  { name, store, names, absent, faults }: OpenedSource,
  selection: ZarrSelection,
): Promise<ReadonlyMap<string, ZarrVariable>> {
  const { channels = [], statics = [], variables: named = [] } = selection;
  const wanted = [...channels, ...statics].map(({ variable }) => variable).concat(named);
  if (!names && wanted.length === 0) {
    throw new DataError(
      `${name} has no consolidated metadata, so a page cannot list what it holds. Consolidate it (zarr.consolidate_metadata in Python) or name the variables.`,
    );
  }
  const chosen = names
    ? names.filter(n => wanted.length === 0 || wanted.includes(n) || USUAL_AXES.includes(n))
    : wanted;
  const root = zarr.root(store);
  const variables = new Map<string, ZarrVariable>();
  const open = async (variable: string) => {
    if (!isPath(variable)) {
      if (!wanted.includes(variable)) return;
      throw new DataError(`${variable} is no name of an array.`);
    }
    try {
      const array = await zarr.open(root.resolve(`./${variable}`), { kind: 'array' });
      variables.set(variable, describe(variable, array));
    } catch (error) {
      if (!zarr.isZarritaError(error, 'NotFoundError', 'InvalidMetadataError')) {
        throw explained(error, `the metadata of ${variable} in ${name}`);
      }
      // Groups and arrays of text or dates are passed over, unless they are asked for.
      const found = (file: string) => faults.has(`/${variable}/${file}`);
      const there =
        ['.zattrs', '.zarray', 'zarr.json'].find(found) ??
        ['.zarray', 'zarr.json'].find(file => !absent.has(`/${variable}/${file}`));
      if (there && wanted.includes(variable)) {
        const words = faults.get(`/${variable}/${there}`) ?? error.message;
        throw new DataError(`Cannot read ${there} of ${variable} in ${name}: ${words}.`);
      }
    }
  };
  await Promise.all([...new Set(chosen)].map(open));
  // Axes that are called otherwise than usual.
  const dimensions = new Set([
    ...(names ? [] : USUAL_AXES),
    ...[...variables.values()].flatMap(v => v.dimensions),
  ]);
  await Promise.all([...dimensions].filter(d => !variables.has(d) && (names?.includes(d) ?? true)).map(open));
  // By name: all ranks must count channels alike, whoever answered first, and however a folder lists them.
  return new Map([...variables].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A name is resolved as the path of a URL: what means something else there cannot be asked for. */
const isPath = (name: string) => name !== '' && !/[%?#\\]|\p{Cc}|\p{Cs}/u.test(name);

function describe(name: string, array: ZarrVariable['array']): ZarrVariable {
  // Version 3 allows an array to have none, which zarrita's types do not say.
  const given: Readonly<Record<string, unknown>> = array.attrs ?? {};
  // Plain numbers: a document does not say of what type they are.
  const attributes = new Map(
    Object.entries(given).flatMap(([key, value]): [string, string | number[]][] => {
      if (typeof value === 'string') return [[key, value]];
      const numbers = Array.isArray(value) ? value : [value];
      return numbers.every(n => typeof n === 'number') ? [[key, numbers]] : [];
    }),
  );
  // Version 2 has no dimension names of its own; xarray keeps them in this attribute.
  const listed = array.dimensionNames ?? given._ARRAY_DIMENSIONS;
  const isNamed =
    Array.isArray(listed) &&
    listed.length === array.shape.length &&
    // Version 3 leaves some unnamed.
    listed.every(n => n === null || typeof n === 'string');
  return { name, array, attributes, dimensions: isNamed ? listed.map(String) : [] };
}

/** Whether it lies along no other latitude, longitude or time than those of the grid. */
function isOnAxes(
  { dimensions }: ZarrVariable,
  axes: ReadonlyMap<AxisKind, ZarrVariable>,
  kinds: ReadonlyMap<string, AxisKind>,
): boolean {
  return dimensions.every(dimension => {
    const kind = kinds.get(dimension);
    const isMain = kind === 'latitude' || kind === 'longitude' || kind === 'time';
    return !isMain || axes.get(kind)?.name === dimension;
  });
}

/** @throws DataError where an array is longer or shorter than the coordinate of its dimension */
function checkSizes(
  { name, array, dimensions }: ZarrVariable,
  variables: ReadonlyMap<string, ZarrVariable>,
  store: string,
): void {
  dimensions.forEach((dimension, d) => {
    const coordinate = variables.get(dimension);
    if (coordinate?.dimensions.length !== 1 || coordinate.array.shape[0] === array.shape[d]) return;
    throw new DataError(
      `${store} is damaged: ${name} has ${array.shape[d]} values along ${dimension}, and its coordinate ${coordinate.array.shape[0]}.`,
    );
  });
}

/** Values of the axes beside the grid's and time, where there are such. */
interface Coordinates {
  readonly levelAxis: ZarrVariable | undefined;
  /** In hPa, where they are pressures. */
  readonly levels: Float64Array | undefined;
  readonly members: Float64Array | undefined;
  readonly versions: Float64Array | undefined;
}

function fieldsOf(
  variable: ZarrVariable,
  kinds: ReadonlyMap<string, AxisKind>,
  { levelAxis, levels, members, versions }: Coordinates,
  store: string,
): ZarrField[] {
  const { array, dimensions } = variable;
  const roles = rolesOf({ ...variable, shape: array.shape }, kinds, store);
  if (!roles) return [];
  const along = (role: Role, values: Float64Array | undefined) => {
    const at = roles.indexOf(role);
    return at < 0 ? undefined : { count: array.shape[at], values };
  };
  if (!(array.is('number') || array.is('bigint') || array.is('boolean'))) return [];
  const d = roles.indexOf('level');
  const isAxis = d >= 0 && levelAxis?.name === dimensions[d];
  if (d >= 0 && !isAxis && array.shape[d] > MOST_UNNAMED_LEVELS) return [];
  const hPa = isAxis && pressureScale(levelAxis) !== undefined ? levels : undefined;
  const channels = fieldChannels(
    variable,
    d < 0
      ? undefined
      : { dimension: dimensions[d], count: array.shape[d], hPa, values: isAxis ? levels : undefined },
  );
  const version = along('version', versions);
  const field = {
    variable,
    roles,
    members: memberNumbers(along('member', members)),
    versions: versionOrder(version?.count ?? 1, version?.values),
  };
  return channels.map((channel, level) => ({ ...field, channel, level }));
}

/** The fields of a selection and its steps, `from` (included) to `to` (not included), counted without members. */
export interface Chosen {
  readonly ensemble: MemberChoice;
  readonly fields: readonly ZarrField[];
  readonly statics: readonly ZarrField[];
  readonly from: number;
  readonly to: number;
}

/** @throws DataError where the store does not hold what is selected */
export function choose(
  store: ZarrStore,
  { channels, statics, variables, from, to, member }: ZarrSelection,
): Chosen {
  const { times, calendar } = store.time;
  checkNames(store, variables);
  const named = ({ variable }: ZarrField) => variables?.includes(variable.name) ?? true;
  const fields = channels?.map(channel => find(store, store.fields, channel)) ?? store.fields.filter(named);
  if (fields.length === 0) {
    throw new DataError(`${store.name} has no variable with time, latitude and longitude.`);
  }
  const stepAt = (date: string | undefined, otherwise: number) => {
    if (date === undefined) return otherwise;
    const start = parseDay(date, calendar);
    if (Number.isNaN(start)) {
      throw new DataError(`"${date}" is no date of the calendar ${calendar}, such as 2018-01-01.`);
    }
    const index = times.findIndex(time => time >= start);
    return index < 0 ? times.length : index;
  };
  const [first, last] = [stepAt(from, 0), stepAt(to, times.length)];
  if (!(last - first >= 2)) {
    const day = (time: number) => isoDay(time, calendar);
    throw new DataError(
      `${store.name} has ${count(Math.max(0, last - first))} steps from ${from ?? 'its first'} to ${to ?? 'its last'}; it runs from ${day(times[0])} to ${day(times[times.length - 1])}. A forecast needs at least two.`,
    );
  }
  return {
    fields,
    ensemble: commonMembers(
      fields.map(({ channel, members }) => ({ name: channel.name, file: store.name, members })),
      member,
    ),
    statics: statics?.map(channel => find(store, store.statics, channel)) ?? store.statics.filter(named),
    from: first,
    to: last,
  };
}

function checkNames(store: ZarrStore, names: readonly string[] = []): void {
  const fields = [...store.fields, ...store.statics];
  const unknown = names.find(name => !fields.some(({ variable }) => variable.name === name));
  if (unknown === undefined) return;
  throw new DataError(
    `${store.name} has no ${unknown} on latitude and longitude; it has ${store.others.join(', ') || 'no such array'}.`,
  );
}

function find(store: ZarrStore, fields: readonly ZarrField[], channel: Channel): ZarrField {
  const { variable, levelHPa } = channel;
  const levels = fields.filter(field => field.channel.variable === variable);
  const found = levels.find(field => levelHPa === undefined || field.channel.levelHPa === levelHPa);
  if (found) return { ...found, channel };
  throw new DataError(
    levels.length > 0
      ? `${store.name} has ${variable} on ${levels.map(field => field.channel.levelHPa ?? '-').join(', ')} hPa, not on ${levelHPa}.`
      : `${store.name} has no ${fields === store.statics ? 'constant field' : 'field'} ${variable}; it has ${store.others.join(', ') || 'none'}.`,
  );
}

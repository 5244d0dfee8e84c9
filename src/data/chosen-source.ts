/**
 * A part of a source as a source of its own: some levels, a region, a period, thinned. What is behind it knows nothing of the rest.
 * What is not chosen of rows, columns, times and channels is left unread: of files to the byte but for small gaps, of chunks whole ones.
 */
import type { BoxedSource, ColumnSource, ReadData } from './boxed-source.ts';
import { type DataPart, narrows } from './choice/part.ts';
import {
  type ChosenAxis,
  chosenChannels,
  chosenColumns,
  chosenRows,
  chosenTimes,
  goesRound,
} from './chosen-axes.ts';
import type { Dataset, Progress, SourceFields } from './dataset.ts';
import { countMissing } from './missing.ts';
import { membersOf, sliceAxis } from './record-axis.ts';
import { blockStarts } from './record-blocks.ts';
import { type ColumnBox, checkBox, type DataBox } from './slice.ts';

/** What is stored together is so in the part too. */
function chosenBlocks(
  { blocks, members }: SourceFields,
  times: Int32Array,
  records: number,
): Int32Array | undefined {
  const each = members?.length ?? 1;
  return (
    blocks &&
    blockStarts(records, record => {
      const first = times[Math.floor((record * times.length) / records)] * each;
      return blocks.findLastIndex(start => start <= first);
    })
  );
}

/** Of fields that are read at once, before they are cut. */
const PART_BYTES = 2 ** 26;

/** Of the source, in the order of the part. */
interface ChosenIndices {
  readonly channels: readonly number[];
  readonly statics: readonly number[];
  readonly rows: ChosenAxis;
  readonly columns: ChosenAxis;
  /** Columns of the source from the first to the last that is used, eastward; all where absent. */
  readonly span?: readonly number[];
  /** Share of the sphere of every row of the source. */
  readonly areas: Float64Array;
  /** Times, counted without members. */
  readonly times: Int32Array;
}

/** @throws DataError where the source has no such part */
export function chosenSource(source: ColumnSource, part: DataPart): BoxedSource {
  if (!narrows(part)) return source;
  const { fields, about } = source;
  const channels = chosenChannels(fields.channels, part);
  const { chosen: times, ...axis } = chosenTimes(fields, part);
  const [rows, columns] = [chosenRows(fields.latitude, part), chosenColumns(fields.longitude, part)];
  const statics = Array.from({ length: fields.statics }, (_, s) => s);
  const span = part.region && spanOf(columns, fields.longitude.length);
  const indices = { channels, statics, rows, columns, span, areas: rowAreas(fields.latitude), times };
  const own = {
    channels: channels.map(c => fields.channels[c]),
    statics: statics.length,
    latitude: rows.values,
    longitude: columns.values,
    ...axis,
    blocks: chosenBlocks(fields, times, axis.times.length),
  };
  const whole: DataBox = {
    channels: channels.map((_, c) => c),
    statics,
    latitudeFrom: 0,
    latitudeTo: rows.groups.length,
  };
  return {
    ...source,
    fields: own,
    about: about && { ...about, leftOut: [...about.leftOut, ...remainders(rows, columns, part)] },
    async read(box = whole, progress = () => {}) {
      checkBox(box, {
        channels: channels.length,
        statics: statics.length,
        rows: rows.groups.length,
        columns: columns.groups.length,
        steps: axis.times.length,
      });
      const { timeFrom = 0, timeTo = axis.times.length } = box;
      const { dataset, ...read } = await readPart(source, indices, { ...box, timeFrom, timeTo }, progress);
      return {
        ...read,
        dataset: {
          ...dataset,
          latitude: rows.values.slice(box.latitudeFrom, box.latitudeTo),
          longitude: columns.values,
          periodic: goesRound(columns.values),
          ...sliceAxis(axis, timeFrom, timeTo),
        },
      };
    },
    describeSplit: boxes =>
      source.describeSplit(
        boxes.map(box => {
          const { timeFrom = 0, timeTo = axis.times.length } = box;
          const copies = membersOf(axis);
          const [first, last] = [times[timeFrom / copies], times[timeTo / copies - 1]];
          return { ...sourceBox(indices, box), timeFrom: first * copies, timeTo: (last + 1) * copies };
        }),
      ),
  };
}

/** @param all columns of the source */
function spanOf({ groups }: ChosenAxis, all: number): number[] | undefined {
  const used = groups.flat();
  const first = used[0];
  const length = ((used[used.length - 1] - first + all) % all) + 1;
  if (length === all) return undefined;
  return Array.from({ length }, (_, i) => (first + i) % all);
}

/** What means leave over, in words that follow a name. */
function remainders(rows: ChosenAxis, columns: ChosenAxis, { thin }: DataPart) {
  const why = `is left over by means of ${thin?.means} x ${thin?.means} points`;
  const named = (name: string, { left }: ChosenAxis) =>
    left.map(degrees => ({ name: `${name} ${degrees}`, why }));
  return [...named('latitude', rows), ...named('longitude', columns)];
}

/** The channels, static fields, rows and columns of the source that a box of the part is made of. */
function sourceBox({ channels, statics, rows, span }: ChosenIndices, box: DataBox): ColumnBox {
  const used = rows.groups.slice(box.latitudeFrom, box.latitudeTo).flat();
  return {
    channels: box.channels.map(c => channels[c]),
    statics: box.statics.map(s => statics[s]),
    latitudeFrom: used.length > 0 ? Math.min(...used) : 0,
    latitudeTo: used.length > 0 ? Math.max(...used) + 1 : 0,
    ...(span && { columns: span }),
  };
}

async function readPart(
  source: ColumnSource,
  indices: ChosenIndices,
  box: DataBox & { readonly timeFrom: number; readonly timeTo: number },
  progress: Progress,
): Promise<ReadData> {
  const { columns, times } = indices;
  const members = membersOf(source.fields);
  const inner = sourceBox(indices, box);
  const wanted = times.subarray(box.timeFrom / members, box.timeTo / members);
  const points = (box.latitudeTo - box.latitudeFrom) * columns.groups.length;
  const innerColumns = inner.columns?.length ?? source.fields.longitude.length;
  const gather = gatherer(indices, box, inner, innerColumns);
  const values = new Float32Array(wanted.length * members * box.channels.length * points);
  const perTime = 4 * members * box.channels.length * (inner.latitudeTo - inner.latitudeFrom) * innerColumns;
  let statics: Dataset['statics'] = [];
  let [bytesRead, absentChunks] = [0, 0];
  let first: Dataset | undefined;
  let done = 0;
  // Where no time is wanted there are static fields, perhaps, and the description of the source.
  for (const run of wanted.length > 0 ? runsOf(wanted, together(source), perTime) : [[]]) {
    const [from, to] = run.length > 0 ? [run[0], run[run.length - 1] + 1] : [0, 0];
    const read = await source.read(
      {
        ...inner,
        statics: first ? [] : inner.statics,
        timeFrom: from * members,
        timeTo: to * members,
      },
      (stage, fraction, field) =>
        progress(stage, (done + fraction * run.length) / Math.max(1, wanted.length), field),
    );
    bytesRead += read.bytesRead;
    absentChunks += read.absentChunks ?? 0;
    if (!first) statics = read.dataset.statics;
    first ??= read.dataset;
    const blocks = members * box.channels.length;
    for (const time of run) {
      for (let block = 0; block < blocks; block++) {
        gather(read.dataset.values, (time - from) * blocks + block, values, done * blocks + block);
      }
      done++;
    }
  }
  if (!first) throw new RangeError('Nothing was read.');
  return {
    dataset: {
      ...first,
      statics: statics.map(({ channel, values }) => {
        const out = new Float32Array(points);
        gather(values, 0, out, 0);
        return { channel, values: out };
      }),
      values,
      hasMissing: countMissing(values) > 0,
    },
    bytesRead,
    absentChunks,
  };
}

/** Makes a field of the part of one of the source, both by their numbers in their arrays. */
type Gather = (from: Float32Array, field: number, to: Float32Array, target: number) => void;

/**
 * @param inner the box of the source that holds what `box` is made of
 * @param innerColumns of that box
 */
function gatherer(
  { rows, columns, span, areas }: ChosenIndices,
  { latitudeFrom, latitudeTo }: DataBox,
  inner: DataBox,
  innerColumns: number,
): Gather {
  const innerPoints = (inner.latitudeTo - inner.latitudeFrom) * innerColumns;
  const rowGroups = rows.groups.slice(latitudeFrom, latitudeTo);
  /** By their places among the columns that are read. */
  const columnGroups = span
    ? columns.groups.map(group => group.map(column => span.indexOf(column)))
    : columns.groups;
  const points = rowGroups.length * columnGroups.length;
  const placeOf = (row: number, column: number) => (row - inner.latitudeFrom) * innerColumns + column;
  /** Of what is known, by area; a value of one point is that value. */
  const mean = (
    from: Float32Array,
    start: number,
    rowGroup: readonly number[],
    columnGroup: readonly number[],
  ): number => {
    if (rowGroup.length === 1 && columnGroup.length === 1) {
      return from[start + placeOf(rowGroup[0], columnGroup[0])];
    }
    let [sum, weight] = [0, 0];
    for (const row of rowGroup) {
      for (const column of columnGroup) {
        const value = from[start + placeOf(row, column)];
        if (Number.isNaN(value)) continue;
        sum += areas[row] * value;
        weight += areas[row];
      }
    }
    return weight > 0 ? sum / weight : Number.NaN;
  };
  return (from, field, to, target) => {
    let at = target * points;
    for (const rowGroup of rowGroups) {
      for (const columnGroup of columnGroups) {
        to[at++] = mean(from, field * innerPoints, rowGroup, columnGroup);
      }
    }
  };
}

/**
 * Times that are read at once: what lies in one chunk along time is packed together, so it is read together, as far as memory
 * allows.
 */
function runsOf(wanted: Int32Array, together: number, perTime: number): number[][] {
  const most = Math.max(1, Math.floor(PART_BYTES / Math.max(1, perTime)));
  const runs: number[][] = [];
  for (const time of wanted) {
    const run = runs.at(-1);
    const isNear = run && time - run[run.length - 1] <= together && time - run[0] < most;
    if (isNear) run.push(time);
    else runs.push([time]);
  }
  return runs;
}

/** Times of a chunk, of the variable with the most; 1 where every value has a place of its own. */
function together({ fields, about }: ColumnSource): number {
  const times = fields.times.length / membersOf(fields);
  const chunks = about?.storage.flatMap(({ shape, chunks }) =>
    chunks && shape.length > 2 && shape[0] >= times ? chunks[0] : [],
  );
  return Math.max(1, ...(chunks ?? []));
}

/** Between the middles of neighbours, as far as the poles: the same weights as those of errors, but for their scale. */
function rowAreas(latitude: Float64Array): Float64Array {
  const last = latitude.length - 1;
  const sine = (degrees: number) => Math.sin((Math.max(-90, Math.min(90, degrees)) * Math.PI) / 180);
  const edge = (row: number) => {
    if (last === 0) return latitude[0] + (row === 0 ? -0.5 : 0.5);
    if (row === 0) return latitude[0] - (latitude[1] - latitude[0]) / 2;
    if (row > last) return latitude[last] + (latitude[last] - latitude[last - 1]) / 2;
    return (latitude[row - 1] + latitude[row]) / 2;
  };
  return latitude.map((_, row) => Math.abs(sine(edge(row + 1)) - sine(edge(row))));
}

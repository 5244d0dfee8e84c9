/**
 * A gridded data set in memory: what every source (NetCDF file, embedded atmosphere, later Zarr) is turned into,
 * and all that the rest of Isobar knows of data.
 */

import type { RecordAxis } from './record-axis.ts';

/** One field of the state, on one level. */
export interface Channel {
  /** Unique short name, such as `z500` or `slp`. */
  readonly name: string;
  /** Words for people: "geopotential at 500 hPa". */
  readonly longName: string;
  /** UDUNITS string of the stored values, such as `m2 s-2`. */
  readonly units: string;
  /** Field family the channel belongs to (`geopotential`, `u`, `slp`): what variable weights are looked up by. */
  readonly variable: string;
  /** Pressure in hPa, where the channel is on a pressure level. */
  readonly levelHPa?: number;
}

/** A field that does not change in time, such as orography. */
export interface StaticField {
  readonly channel: Channel;
  /** [latitude, longitude], row-major. */
  readonly values: Float32Array;
}

/** What a source says of its fields before any of them is read; see `Dataset`. */
export interface SourceFields extends RecordAxis {
  readonly channels: readonly Channel[];
  /** Number of static fields. */
  readonly statics: number;
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  /**
   * First records of the runs that are stored together, from 0, where that is more than a record: who reads one record of a run
   * reads all of it. See `record-blocks.ts`.
   */
  readonly blocks?: Int32Array;
}

/** Fields of records, by their numbers: [channel, latitude, longitude] each, not to be changed. */
export type States = (record: number) => Float32Array;

export interface Dataset extends RecordAxis {
  /** Where the data came from, for the page and the report. */
  readonly source: string;
  /** True for a model atmosphere: the page must say that these are not observations. */
  readonly synthetic: boolean;
  readonly channels: readonly Channel[];
  readonly statics: readonly StaticField[];
  /** Cell-centre latitudes in degrees north, strictly monotonic, in either direction. */
  readonly latitude: Float64Array;
  /** Cell-centre longitudes in degrees east, increasing. */
  readonly longitude: Float64Array;
  /** True where the last longitude is followed by the first (a whole circle). */
  readonly periodic: boolean;
  /** [record, channel, latitude, longitude], row-major, in `units`; NaN where missing. */
  readonly values: Float32Array;
  /** First record that `values` hold, where they do not hold all: what rank 0 of a mesh scores and shows. */
  readonly firstStep?: number;
  /** True where any value of any record is missing. */
  readonly hasMissing: boolean;
  /** Where `values` are left where they lie: reads the fields of these records. */
  readonly load?: (records: readonly number[]) => Promise<States>;
}

/** The fields of these records, in memory or read now. @throws DataError where they cannot be read */
export async function statesOf(dataset: Dataset, records: readonly number[]): Promise<States> {
  return (await dataset.load?.(records)) ?? (record => stateAt(dataset, record));
}

/**
 * The fields of one record, not copied: [channel, latitude, longitude].
 *
 * @throws RangeError where they are not in memory
 */
export function stateAt(
  { values, times, firstStep = 0 }: Pick<Dataset, 'values' | 'times' | 'firstStep'>,
  step: number,
): Float32Array {
  const size = values.length / (times.length - firstStep);
  if (step >= firstStep && step < times.length) {
    return values.subarray((step - firstStep) * size, (step - firstStep + 1) * size);
  }
  throw new RangeError(`Step ${step} is not in memory: there are steps ${firstStep} to ${times.length - 1}.`);
}

/** A field of what is being computed, to be looked at meanwhile. */
export interface ProgressField {
  readonly channel: Channel;
  /** As in a `Dataset`. */
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  /** [latitude, longitude], in the channel's units. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Days since the computation began, in the time of what is computed. */
  readonly day: number;
}

/** Reported while a source computes or reads, `fraction` from 0 to 1. */
export type Progress = (stage: string, fraction: number, field?: ProgressField) => void;

/**
 * What a task has to show of its data and of what the model makes of them, as plain values: page, terminal and report
 * draw them. Can be structured-cloned.
 */
import type { Channel } from '../data/dataset.ts';
import type { Calendar } from '../io/calendar.ts';

/** One forecast beside the truth, and what it has to beat. Fields are [latitude, longitude] in the channel's units. */
export interface MapView {
  readonly kind: 'map';
  readonly channel: Channel;
  readonly leadHours: number;
  /** Milliseconds since 1970 of the valid time, in the calendar of the data. */
  readonly validTime: number;
  readonly calendar?: Calendar;
  readonly truth: Float32Array;
  readonly forecast: Float32Array;
  readonly persistence: Float32Array;
  readonly climatology: Float32Array;
}

/**
 * The forecasts of one start at every number of model steps, beside the truth: what a slider runs through without asking
 * again. Of several channels where they are small, of the chosen one alone where they are not.
 */
export interface RolloutView {
  readonly kind: 'rollout';
  /** Milliseconds since 1970 of the newest input, in the calendar of the data. */
  readonly startTime: number;
  /** Of every lead; in recordings of earlier versions they are absent, and leads hours. */
  readonly validTimes?: readonly number[];
  readonly calendar?: Calendar;
  /** The channels C that are here, by their numbers. */
  readonly channels: readonly number[];
  /** Of every lead L, in ascending order. */
  readonly leadHours: readonly number[];
  /** Of the newest input, which is also the forecast of persistence: [C, latitude, longitude]. */
  readonly start: Float32Array<ArrayBuffer>;
  /** [L, C, latitude, longitude]; so is `forecast`. */
  readonly truth: Float32Array<ArrayBuffer>;
  readonly forecast: Float32Array<ArrayBuffer>;
  /** Root mean squares over the area, [L, C]; where nothing is known, no number. */
  readonly errors: {
    readonly forecast: Float32Array;
    readonly persistence: Float32Array;
    readonly climatology: Float32Array;
  };
}

/** Images, and what the model takes them for. */
export interface ImagesView {
  readonly kind: 'images';
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** [images, channels, height, width], 0 to 255. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly classes: readonly string[];
  readonly items: readonly ShownImage[];
}

export interface ShownImage {
  /** A class, counted from 0; so is `guess`. */
  readonly label: number;
  readonly guess: number;
  /** Probability of the guess by the model, 0 to 1. */
  readonly confidence: number;
}

/** Counts by row and column. */
export interface TableView {
  readonly kind: 'table';
  /** What the rows are, and the columns: `true class`, `guess`. */
  readonly rowTitle: string;
  readonly columnTitle: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [rows][columns] */
  readonly values: readonly (readonly number[])[];
}

/** The filters of a model's first layer, as they are now. */
export interface FiltersView {
  readonly kind: 'filters';
  /** Of the images that they are laid over. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** [filters, channels, height, width], around 0. */
  readonly values: Float32Array;
}

export type View = MapView | RolloutView | ImagesView | TableView | FiltersView;

/** A view that a run offers. */
export type ViewSpec = MapSpec | RolloutSpec | ImagesSpec | TableSpec | FiltersSpec;

interface NamedView {
  /** What it is asked for by. */
  readonly name: string;
  /** For people. */
  readonly label: string;
}

/** Forecasts on a grid. */
interface GridSpec extends NamedView {
  readonly channels: readonly Channel[];
  /** Degrees north and east of the cells' centres: see `Dataset`. */
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
  /** Of a model step. */
  readonly stepHours: number;
  /** Starts in the test part. */
  readonly starts: number;
}

/** Its choice: `sample`, the number of a test start; `channel`, by number; `steps`, model steps ahead. */
export interface MapSpec extends GridSpec {
  readonly kind: 'map';
}

/** Its choice: `sample`, the number of a test start; `channel`, the number of one that must be there. */
export interface RolloutSpec extends GridSpec {
  readonly kind: 'rollout';
}

/** Its choice: `from`, the number of a test image, and `count`. */
export interface ImagesSpec extends NamedView {
  readonly kind: 'images';
  readonly classes: readonly string[];
  /** Images of the test part. */
  readonly images: number;
}

/** It has no choice. */
export interface TableSpec extends NamedView {
  readonly kind: 'table';
}

/** It has no choice. */
export interface FiltersSpec extends NamedView {
  readonly kind: 'filters';
}

/** Numbers by what is chosen; what is out of range is taken to its nearest end. */
export type ViewChoice = Readonly<Record<string, number>>;

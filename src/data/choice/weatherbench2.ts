/**
 * ERA5 as WeatherBench 2 publishes it (Rasp et al. 2024, https://weatherbench2.readthedocs.io): public Zarr stores
 * with every field that the WeatherMixer of arXiv:2507.05753 is trained on. The data are under the licence of the
 * Copernicus Climate Change Service, which asks to be named, and to say what was changed.
 */
import type { Channel } from '../dataset.ts';
import type { ZarrSelection } from './choice.ts';

const BUCKET = 'https://storage.googleapis.com/weatherbench2/';

/** Where `npm start` passes requests on to the bucket, which may not allow other sites' pages to read it. */
const PROXY = '/weatherbench2/';

const era5 = (name: string) => `${BUCKET}datasets/era5/${name}.zarr`;

/** ERA5 on three grids (longitudes x latitudes), six-hourly, 1959 to January 2023. */
export const weatherBench2Stores = {
  '64x32': era5('1959-2023_01_10-6h-64x32_equiangular_conservative'),
  '240x121': era5('1959-2023_01_10-6h-240x121_equiangular_with_poles_conservative'),
  '1440x721': era5('1959-2023_01_10-wb13-6h-1440x721_with_derived_variables'),
} as const;

/** The path of a store of the bucket on a page that `npm start` serves; undefined for any other URL. */
export function proxiedPath(url: string): string | undefined {
  return url.startsWith(BUCKET) ? PROXY + url.slice(BUCKET.length) : undefined;
}

/** Pressure levels in hPa, in the paper's order. */
const LEVELS = [1000, 925, 850, 700, 600, 500, 400, 300, 250, 200, 150, 100, 50];
/** Weight of each level, against the surface's 1: the stratosphere counts less. */
const LEVEL_WEIGHTS = [1, 1, 1, 1, 1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3];

/** Name, variable of the store, words, units and the paper's weight. */
const SURFACE = [
  ['msl', 'mean_sea_level_pressure', 'mean sea level pressure', 'Pa', 1.5],
  ['u10', '10m_u_component_of_wind', 'eastward wind at 10 m', 'm s-1', 0.77],
  ['v10', '10m_v_component_of_wind', 'northward wind at 10 m', 'm s-1', 0.77],
  ['t2m', '2m_temperature', 'temperature at 2 m', 'K', 3],
] as const;
const PRESSURE = [
  ['z', 'geopotential', 'geopotential', 'm2 s-2', 3],
  ['q', 'specific_humidity', 'specific humidity', 'kg kg-1', 0.6],
  ['t', 'temperature', 'temperature', 'K', 1.5],
  ['u', 'u_component_of_wind', 'eastward wind', 'm s-1', 0.9],
  ['v', 'v_component_of_wind', 'northward wind', 'm s-1', 0.9],
] as const;
/** The paper's runs multiply the weights of all surface variables by this. */
const SURFACE_FACTOR = 4;

/** The 69 prognostic channels in the paper's order: four at the surface, then five on 13 levels, from below. */
export const weatherBench2Channels: readonly Channel[] = [
  ...SURFACE.map(([name, variable, longName, units]) => ({ name, variable, longName, units })),
  ...PRESSURE.flatMap(([name, variable, words, units]) =>
    LEVELS.map(levelHPa => ({
      name: `${name}${levelHPa}`,
      variable,
      longName: `${words} at ${levelHPa} hPa`,
      units,
      levelHPa,
    })),
  ),
];

/** The three constant fields of the paper. */
export const weatherBench2Statics: readonly Channel[] = [
  { name: 'lsm', variable: 'land_sea_mask', longName: 'land-sea mask', units: '1' },
  { name: 'slt', variable: 'soil_type', longName: 'soil type', units: '1' },
  {
    name: 'zs',
    variable: 'geopotential_at_surface',
    longName: 'geopotential at the surface',
    units: 'm2 s-2',
  },
];

/**
 * Weights of the squared errors by channel, for `TaskOptions.variableWeights`. The paper's weights multiply the error
 * before it is squared, so theirs are squared here. (It squares its area weights with them; ours weight the square.)
 */
export const weatherBench2Weights: Readonly<Record<string, number>> = Object.fromEntries([
  ...SURFACE.map(([name, , , , weight]) => [name, (SURFACE_FACTOR * weight) ** 2]),
  ...PRESSURE.flatMap(([name, , , , weight]) =>
    LEVELS.map((level, i) => [`${name}${level}`, (weight * LEVEL_WEIGHTS[i]) ** 2]),
  ),
]);

/**
 * What a run reads unless told otherwise: three years, the last of them the paper's year of validation. Each year of
 * the coarsest store is 0.8 GB in memory; the paper trains on 1980 to 2017.
 */
export const weatherBench2Selection = {
  channels: weatherBench2Channels,
  statics: weatherBench2Statics,
  from: '2016-01-01',
  to: '2019-01-01',
} satisfies ZarrSelection;

/** Where that selection is cut, for `TaskOptions.split`: two years train. */
export const weatherBench2Split = {
  kind: 'date',
  validationFrom: '2018-01-01',
  testFrom: '2018-07-01',
} as const;

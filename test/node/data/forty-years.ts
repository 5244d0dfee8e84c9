/**
 * Forty years of ERA5 as WeatherBench 2 lays them out on its coarsest grid: all 38 arrays of its metadata at their sizes, half a terabyte
 * unpacked. The fields are made when they are asked for.
 */
import { describe2, packed, type ZarrArrayFixture } from './write-zarr.ts';

const LEVELS = [50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 850, 925, 1000];
const [LON, LAT] = [64, 32];
const DAYS = 14_610;
/** 1979-01-01 to 2018-12-31, every six hours. */
export const STEPS = 4 * DAYS;
export const CHUNK_STEPS = 100;

const SURFACE =
  `10m_u_component_of_wind 10m_v_component_of_wind 10m_wind_speed 2m_temperature mean_sea_level_pressure
  sea_ice_cover sea_surface_temperature surface_pressure toa_incident_solar_radiation toa_incident_solar_radiation_6hr
  toa_incident_solar_radiation_12hr toa_incident_solar_radiation_24hr total_cloud_cover total_column_water_vapour
  total_precipitation_6hr total_precipitation_12hr total_precipitation_24hr`.split(/\s+/);
const PRESSURE =
  `geopotential specific_humidity temperature u_component_of_wind v_component_of_wind vertical_velocity
  wind_speed`.split(/\s+/);
const FIXED = `angle_of_sub_gridscale_orography anisotropy_of_sub_gridscale_orography geopotential_at_surface
  high_vegetation_cover lake_cover lake_depth land_sea_mask low_vegetation_cover slope_of_sub_gridscale_orography soil_type
  standard_deviation_of_filtered_subgrid_orography standard_deviation_of_orography type_of_high_vegetation
  type_of_low_vegetation`.split(/\s+/);

type ArrayShape = Omit<ZarrArrayFixture, 'value'>;

const fields: ReadonlyMap<string, ArrayShape> = new Map([
  ...SURFACE.map((name): [string, ArrayShape] => [
    name,
    {
      dimensions: ['time', 'longitude', 'latitude'],
      shape: [STEPS, LON, LAT],
      chunks: [CHUNK_STEPS, LON, LAT],
      attributes: { long_name: name.replaceAll('_', ' '), units: 'K' },
    },
  ]),
  ...PRESSURE.map((name): [string, ArrayShape] => [
    name,
    {
      dimensions: ['time', 'level', 'longitude', 'latitude'],
      shape: [STEPS, LEVELS.length, LON, LAT],
      chunks: [CHUNK_STEPS, LEVELS.length, LON, LAT],
      attributes: { long_name: name.replaceAll('_', ' '), units: 'm**2 s**-2' },
    },
  ]),
  ...FIXED.map((name): [string, ArrayShape] => [
    name,
    {
      dimensions: ['longitude', 'latitude'],
      shape: [LON, LAT],
      chunks: [LON, LAT],
      attributes: { long_name: name.replaceAll('_', ' ') },
    },
  ]),
]);

export interface FortyYears {
  /** Metadata and coordinates, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** A chunk of a field; undefined for what is none. */
  chunk(path: string): Promise<Uint8Array> | undefined;
}

export async function fortyYears(): Promise<FortyYears> {
  const files = new Map<string, Uint8Array>();
  const metadata: Record<string, unknown> = { '.zgroup': { zarr_format: 2 }, '.zattrs': {} };
  const describe = (name: string, array: ArrayShape) => {
    for (const [file, value] of Object.entries(describe2(array))) metadata[`${name}/${file}`] = value;
  };
  const coordinate = async (
    name: string,
    values: Float32Array | BigInt64Array | Int32Array,
    units: string,
  ) => {
    const type =
      values instanceof BigInt64Array ? 'int64' : values instanceof Int32Array ? 'int32' : 'float32';
    const size = [values.length];
    describe(name, { dimensions: [name], shape: size, chunks: size, attributes: { units }, type });
    files.set(`${name}/0`, await packed(values));
  };
  const count = (length: number, value: (i: number) => number) => Array.from({ length }, (_, i) => value(i));
  const hours = count(STEPS, t => 6 * t);
  await coordinate('time', BigInt64Array.from(hours, BigInt), 'hours since 1979-01-01');
  await coordinate('level', Int32Array.from(LEVELS), 'hPa');
  const latitude = count(LAT, i => -87.1875 + 5.625 * i);
  await coordinate('latitude', Float32Array.from(latitude), 'degrees_north');
  await coordinate('longitude', Float32Array.from(count(LON, i => 5.625 * i)), 'degrees_east');
  for (const [name, array] of fields) describe(name, array);
  const listed = { zarr_consolidated_format: 1, metadata };
  files.set('.zmetadata', new TextEncoder().encode(JSON.stringify(listed)));
  /** Chunks of one shape are alike. */
  const made = new Map<string, Promise<Uint8Array>>();
  return {
    files,
    chunk(path) {
      const [name, coordinates] = path.split('/');
      const sizes = fields.get(name)?.chunks;
      if (!sizes || !/^\d+(\.0)*$/.test(coordinates)) return undefined;
      const key = String(sizes);
      if (!made.has(key)) made.set(key, packed(wave(sizes.reduce((a, b) => a * b, 1))));
      return made.get(key)!;
    },
  };
}

/** Waves that move from step to step. */
function wave(length: number): Float32Array {
  const out = new Float32Array(length);
  const points = LON * LAT;
  for (let i = 0; i < length; i++) {
    const [state, point] = [Math.floor(i / points), i % points];
    out[i] = 250 + 10 * Math.sin(0.2 * Math.floor(point / LAT) + 0.3 * (point % LAT) - 0.35 * state);
  }
  return out;
}

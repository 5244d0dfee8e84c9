import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datasetFromNetcdf } from '../../../src/data/netcdf/dataset.ts';
import { failureOf, gridFile } from './fixtures.ts';
import { writeNetcdf } from './write-netcdf.ts';

const read = (...files: Parameters<typeof datasetFromNetcdf>[0]) => datasetFromNetcdf(files);
const failure = (...files: Parameters<typeof datasetFromNetcdf>[0]) => failureOf(() => read(...files));
const zeros = (length: number) => new Array<number>(length).fill(0);

describe('datasetFromNetcdf', () => {
  it('reads a plain file', () => {
    const dataset = read(gridFile('a.nc'));
    expect(dataset).toMatchObject({
      source: 'a.nc',
      synthetic: false,
      periodic: false,
      stepHours: 24,
      hasMissing: false,
      channels: [{ name: 'slp', variable: 'slp', units: 'Pa', longName: 'sea level pressure' }],
    });
    expect([...dataset.values.slice(6, 12)]).toEqual([100, 101, 102, 110, 111, 112]);
    expect(dataset.times[3]).toBe(Date.UTC(2001, 0, 4));
  });

  it('unpacks, masks, and takes levels as channels in any order of dimensions', () => {
    const dataset = read(
      gridFile('a.nc', {
        times: [0, 1],
        dimensions: { plev: 2, height: 1 },
        variables: {
          plev: { dimensions: ['plev'], attributes: { units: 'Pa', axis: 'Z' }, values: [50_000, 85_000] },
          height: { dimensions: ['height'], attributes: { units: 'm', positive: 'up' }, values: [2] },
          // Packed as 10 + value / 2, with longitude before latitude, and the last value of all missing.
          t: {
            dimensions: ['plev', 'time', 'lon', 'lat'],
            type: 'short',
            values: [...Array.from({ length: 23 }, (_, i) => i), -99],
            attributes: { scale_factor: 2, add_offset: 10, _FillValue: -99, units: 'K' },
          },
          t2m: { dimensions: ['time', 'height', 'lat', 'lon'], values: zeros(12) },
          label: { dimensions: ['lat', 'lon'], type: 'char', values: zeros(6) },
          orog: {
            dimensions: ['lat', 'lon'],
            values: [1, 2, 3, 4, 5, 9.969209968386869e36],
            attributes: { units: 'm' },
          },
        },
      }),
    );
    expect(dataset.channels.map(channel => [channel.name, channel.variable, channel.levelHPa])).toEqual([
      ['t500', 't', 500],
      ['t850', 't', 850],
      ['t2m', 't2m', undefined],
    ]);
    // [time, channel, lat, lon]; stored value i = ((level * 2 + time) * 3 + lon) * 2 + lat.
    const stored = (level: number, time: number) =>
      [0, 1].flatMap(lat => [0, 1, 2].map(lon => 10 + 2 * (((level * 2 + time) * 3 + lon) * 2 + lat)));
    expect([...dataset.values.slice(0, 12)]).toEqual([...stored(0, 0), ...stored(1, 0)]);
    expect([...dataset.values.slice(18, 29)]).toEqual([...stored(0, 1), ...stored(1, 1)].slice(0, 11));
    expect(dataset.values[29]).toBeNaN();
    expect(dataset.hasMissing).toBe(true);
    expect(dataset.statics.map(field => [field.channel.name, ...field.values])).toEqual([
      // The last one is what the NetCDF library writes where nothing was written.
      ['orog', 1, 2, 3, 4, 5, Number.NaN],
    ]);
  });

  it('keeps either latitude direction and makes longitude increase', () => {
    const southward = read(gridFile('a.nc', { latitude: [50, 40] }));
    expect([...southward.latitude]).toEqual([50, 40]);
    expect([...southward.values.slice(0, 3)]).toEqual([0, 1, 2]);

    const westward = read(gridFile('a.nc', { longitude: [20, 10, 0] }));
    expect([...westward.longitude]).toEqual([0, 10, 20]);
    expect([...westward.values.slice(0, 3)]).toEqual([2, 1, 0]);

    const acrossGreenwich = read(gridFile('a.nc', { longitude: [350, 0, 10] }));
    expect([...acrossGreenwich.longitude]).toEqual([350, 360, 370]);
    expect([...acrossGreenwich.values.slice(0, 3)]).toEqual([0, 1, 2]);
  });

  it('knows a whole circle, and drops a column that closes it', () => {
    expect(read(gridFile('a.nc', { longitude: [0, 90, 180, 270] })).periodic).toBe(true);
    const closed = read(gridFile('a.nc', { longitude: [0, 90, 180, -90, 0] }));
    expect([...closed.longitude]).toEqual([0, 90, 180, 270]);
    expect(closed.periodic).toBe(true);
    expect([...closed.values.slice(0, 8)]).toEqual([0, 1, 2, 3, 10, 11, 12, 13]);

    // Longitude before latitude, where the last column comes after the rows it must not spill into.
    const a = { dimensions: ['time', 'lon', 'lat'], values: Array.from({ length: 20 }, (_, i) => i) };
    const turned = read(
      gridFile('a.nc', { times: [0, 1], longitude: [0, 90, 180, 270, 360], variables: { a } }),
    );
    expect([...turned.values.slice(0, 8)]).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
  });

  it('finds axes by standard names, by axis letters and by their usual names', () => {
    const { bytes } = gridFile('a.nc');
    const names: Record<'lat' | 'lon', Record<string, string>>[] = [
      { lat: { standard_name: 'latitude' }, lon: { standard_name: 'longitude' } },
      { lat: { axis: 'Y' }, lon: { axis: 'X' } },
      { lat: {}, lon: {} },
    ];
    for (const { lat, lon } of names) {
      const dataset = read({
        name: 'b.nc',
        bytes: writeNetcdf({
          dimensions: { time: 0, lat: 2, lon: 3 },
          records: 4,
          variables: {
            time: {
              dimensions: ['time'],
              type: 'int',
              attributes: { units: 'days since 2001-01-01' },
              values: [0, 1, 2, 3],
            },
            lat: { dimensions: ['lat'], attributes: lat, values: [40, 50] },
            lon: { dimensions: ['lon'], attributes: lon, values: [0, 10, 20] },
            slp: { dimensions: ['time', 'lat', 'lon'], values: read({ name: 'a.nc', bytes }).values },
          },
        }),
      });
      expect(dataset.values).toEqual(read({ name: 'a.nc', bytes }).values);
    }
  });

  it('joins files of following times and of other variables', () => {
    const other = { u: { dimensions: ['time', 'lat', 'lon'], values: zeros(12).fill(7) } };
    const dataset = read(
      gridFile('late.nc', { times: [2, 3] }),
      gridFile('early.nc', { times: [0, 1] }),
      gridFile('u1.nc', { times: [0, 1], variables: other }),
      gridFile('u2.nc', { times: [2, 3], variables: other }),
    );
    expect(dataset.channels.map(channel => channel.name)).toEqual(['slp', 'u']);
    expect([...dataset.times].map(time => new Date(time).getUTCDate())).toEqual([1, 2, 3, 4]);
    // Both slp files hold 0 and 100 at their first point.
    expect([0, 12, 24, 36].map(at => dataset.values[at])).toEqual([0, 100, 0, 100]);
    expect([6, 18, 30, 42].map(at => dataset.values[at])).toEqual([7, 7, 7, 7]);
  });

  it('names variables after their files where they would clash', () => {
    const dataset = read(gridFile('low.nc'), gridFile('high.nc'));
    expect(dataset.channels.map(channel => channel.name)).toEqual(['slp_low', 'slp_high']);
    expect(failure(gridFile('a.nc'), gridFile('a.nc'))).toMatch(/^DataError.*slp_a.*Give each file once/);
  });

  it('reads only the variables asked for', () => {
    const two = gridFile('a.nc', {
      variables: {
        a: { dimensions: ['time', 'lat', 'lon'], values: zeros(24) },
        b: { dimensions: ['time', 'lat', 'lon'], values: zeros(24).fill(3) },
      },
    });
    const dataset = datasetFromNetcdf([two], { variables: ['b'] });
    expect(dataset.channels.map(channel => channel.name)).toEqual(['b']);
    expect(dataset.values).toEqual(new Float32Array(24).fill(3));
    expect(failureOf(() => datasetFromNetcdf([two], { variables: ['c'] }))).toMatch(
      /No variable c .* there are a, b\./,
    );
  });

  it('accepts NaN as missing', () => {
    const values = zeros(24).fill(Number.NaN, 3, 5);
    const dataset = read(
      gridFile('a.nc', { variables: { a: { dimensions: ['time', 'lat', 'lon'], values } } }),
    );
    expect(dataset.hasMissing).toBe(true);
    expect(dataset.values.filter(Number.isNaN).length).toBe(2);
  });

  it('knows a fill value given in double precision for data in single', () => {
    const variables = {
      a: {
        dimensions: ['time', 'lat', 'lon'],
        values: zeros(24).fill(-999.9, 3, 5),
        attributes: { missing_value: Float64Array.of(-999.9) },
      },
    };
    expect(read(gridFile('a.nc', { variables })).values.filter(Number.isNaN).length).toBe(2);
  });

  it('tells times in single precision from unequal ones', () => {
    // Thirds of days since 1900 are up to 3 minutes off in single precision.
    const times = Array.from({ length: 40 }, (_, i) => Math.fround(36_524.1 + i / 3));
    const dataset = read(gridFile('a.nc', { times, timeUnits: 'days since 1900-01-01' }));
    expect(dataset.stepHours).toBeCloseTo(8, 2);
    const last = Date.UTC(1900, 0, 1) + (36_524.1 + 39 / 3) * 86_400_000;
    expect(Math.abs(dataset.times[39] - last)).toBeLessThan(4 * 60_000);
    expect(new Set(dataset.times.slice(1).map((time, i) => time - dataset.times[i])).size).toBe(1);
  });
});

describe('datasetFromNetcdf refuses', () => {
  it('no file, no time axis, no latitude', () => {
    expect(failure()).toBe('DataError: No file was given.');
    const timeless = { orog: { dimensions: ['lat', 'lon'], values: zeros(6) } };
    const { bytes } = gridFile('a.nc');
    expect(
      failure({
        name: 'b.nc',
        bytes: writeNetcdf({
          dimensions: { lat: 2, lon: 3 },
          variables: {
            lat: { dimensions: ['lat'], values: [1, 2] },
            lon: { dimensions: ['lon'], values: [1, 2, 3] },
            ...timeless,
          },
        }),
      }),
    ).toMatch(/^DataError: b\.nc has no time axis: .*Its dimensions are lat, lon\.$/);
    expect(failure(gridFile('a.nc', { variables: timeless }))).toMatch(
      /^DataError: a\.nc has no variable with time, latitude and longitude; it has time, lat, lon, orog\.$/,
    );
    expect(
      failure({
        name: 'c.nc',
        bytes: writeNetcdf({
          dimensions: { time: 1 },
          variables: { time: { dimensions: ['time'], values: [0] } },
        }),
      }),
    ).toMatch(/^DataError: c\.nc has no latitude axis: .*Its dimensions are time\.$/);
    expect(failure({ name: 'a.nc', bytes: bytes.slice(0, -4) })).toMatch(/^DataError: a\.nc is truncated/);
  });

  it('one step, none, and unequal steps', () => {
    expect(failure(gridFile('a.nc', { times: [0] }))).toMatch(/only one time step \(2001-01-01T00:00Z\)/);
    expect(failure(gridFile('a.nc', { times: [0, 1, 2, 3.5, 4.5] }))).toMatch(
      /most are 24 h apart, but 2001-01-03T00:00Z is followed by 2001-01-04T12:00Z \(36 h\)/,
    );
    const empty = writeNetcdf({
      dimensions: { time: 0, lat: 2, lon: 3 },
      records: 0,
      variables: {
        time: { dimensions: ['time'], attributes: { units: 'days since 2001-01-01' }, values: [] },
        lat: { dimensions: ['lat'], values: [1, 2] },
        lon: { dimensions: ['lon'], values: [1, 2, 3] },
        a: { dimensions: ['time', 'lat', 'lon'], values: [] },
      },
    });
    expect(failure({ name: 'e.nc', bytes: empty })).toMatch(/^DataError: e\.nc: the time axis has no steps/);
  });

  it('a time twice with two values; steps in any order, and twice with the same, are sorted', () => {
    const field = (values: readonly number[]) => ({
      slp: {
        dimensions: ['time', 'lat', 'lon'],
        values: values.flatMap(value => Array<number>(6).fill(value)),
      },
    });
    const times = [2, 0, 1, 2];
    const dataset = read(gridFile('a.nc', { times, variables: field([22, 20, 21, 22]) }));
    expect([0, 6, 12].map(at => dataset.values[at])).toEqual([20, 21, 22]);
    expect(dataset.times.length).toBe(3);
    expect(failure(gridFile('a.nc', { times, variables: field([22, 20, 21, 23]) }))).toMatch(
      /^DataError: a\.nc: slp has two values at 2001-01-03T00:00Z, which its time axis names twice\./,
    );
  });

  it('times beyond all dates, and steps too short to tell', () => {
    expect(failure(gridFile('a.nc', { times: [0, 1e12, 3e12] }))).toBe(
      'DataError: a.nc: time step 2 lies 2.74e+9 years from 1970, beyond all dates. Check the units and the values of the time axis.',
    );
    expect(failure(gridFile('a.nc', { times: [-2e8] }))).toMatch(
      /time step 1 lies -5\.48e\+5 years from 1970/,
    );
    const short = gridFile('a.nc', { times: [0, 0.1, 0.2], timeUnits: 'seconds since 2001-01-01' });
    expect(failure(short)).toBe(
      'DataError: a.nc: the time steps are 100 ms apart; at least a second is needed.',
    );
  });

  it('no latitudes, and no steps of more levels than there is memory', () => {
    const of = (dimensions: Record<string, number>) => {
      const bytes = writeNetcdf({
        dimensions: { ...dimensions, member: 2 },
        version: 5,
        variables: {
          time: { dimensions: ['time'], attributes: { units: 'days since 2001-01-01' }, values: [0, 1] },
          lat: { dimensions: ['lat'], values: [1, 2] },
          lon: { dimensions: ['lon'], values: [1, 2, 3] },
          a: { dimensions: ['time', 'member', 'lat', 'lon'], values: [] },
        },
      });
      // Behind the name of the dimension, which is padded to 8 bytes.
      new DataView(bytes).setBigUint64(Buffer.from(bytes).indexOf('member') + 8, 2n ** 40n);
      return { name: 'a.nc', bytes };
    };
    expect(failure(of({ time: 0, lat: 2, lon: 3 }))).toBe('DataError: a.nc: the time axis has no steps.');
    expect(failure(of({ time: 2, lat: 2, lon: 3 }))).toMatch(
      /^DataError: a\.nc is truncated: its variable a ends/,
    );
    const bytes = writeNetcdf({
      dimensions: { lat: 0, lon: 3 },
      variables: {
        lat: { dimensions: ['lat'], values: [] },
        lon: { dimensions: ['lon'], values: [1, 2, 3] },
      },
    });
    expect(failure({ name: 'a.nc', bytes })).toBe(
      'DataError: a.nc has 0 latitudes and 3 longitudes: there is no grid.',
    );
  });

  it('fields on a second grid, or at other times', () => {
    const other = gridFile('a.nc', {
      dimensions: { lat_v: 3, hour: 50 },
      variables: {
        lat_v: { dimensions: ['lat_v'], attributes: { units: 'degrees_north' }, values: [35, 45, 55] },
        hour: {
          dimensions: ['hour'],
          attributes: { units: 'hours since 2001-01-01' },
          values: Array.from({ length: 50 }, (_, i) => i),
        },
        slp: { dimensions: ['time', 'lat', 'lon'], values: zeros(24) },
        v: { dimensions: ['time', 'lat_v', 'lon'], values: zeros(36) },
        rain: { dimensions: ['hour', 'lat', 'lon'], values: zeros(300) },
      },
    });
    expect(read(other).channels.map(({ name }) => name)).toEqual(['slp']);
    expect(read(other).statics).toEqual([]);
  });

  it('curvilinear and unstructured grids, with the names of their coordinates', () => {
    const times = Float64Array.of(0, 1);
    const time = { dimensions: ['time'], attributes: { units: 'days since 2001-01-01' }, values: times };
    const curved = writeNetcdf({
      dimensions: { time: 2, y: 2, x: 3 },
      variables: {
        time,
        lat: { dimensions: ['y', 'x'], values: zeros(6) },
        lon: { dimensions: ['y', 'x'], values: zeros(6) },
        sst: { dimensions: ['time', 'y', 'x'], values: zeros(12) },
      },
    });
    expect(failure({ name: 'a.nc', bytes: curved })).toBe(
      'DataError: a.nc: its coordinates are two-dimensional: lat(y, x) and lon(y, x). A curvilinear grid must be put on a regular one: cdo remapbil,r360x180 in.nc out.nc',
    );
    const mesh = writeNetcdf({
      dimensions: { time: 2, cell: 6 },
      variables: {
        time,
        clat: { dimensions: ['cell'], attributes: { standard_name: 'latitude' }, values: zeros(6) },
        clon: { dimensions: ['cell'], attributes: { standard_name: 'longitude' }, values: zeros(6) },
        t: { dimensions: ['time', 'cell'], values: zeros(12) },
      },
    });
    expect(failure({ name: 'a.nc', bytes: mesh })).toMatch(
      /its points are a list: clat\(cell\) and clon\(cell\)\. .*cdo remapnn/,
    );
  });

  it('rotated and projected grids, whose rows and columns are called axes as well', () => {
    for (const [y, x, units] of [
      ['grid_latitude', 'grid_longitude', 'degrees'],
      ['projection_y_coordinate', 'projection_x_coordinate', 'km'],
    ]) {
      const axis = (name: string, standard: string, letter: string) => ({
        dimensions: [name],
        attributes: { standard_name: standard, units, axis: letter },
        values: [0, 1],
      });
      const bytes = writeNetcdf({
        dimensions: { time: 2, rlat: 2, rlon: 2 },
        variables: {
          time: { dimensions: ['time'], attributes: { units: 'days since 2001-01-01' }, values: [0, 1] },
          rlat: axis('rlat', y, 'Y'),
          rlon: axis('rlon', x, 'X'),
          tas: { dimensions: ['time', 'rlat', 'rlon'], values: zeros(8) },
        },
      });
      expect(failure({ name: 'a.nc', bytes })).toBe(
        `DataError: a.nc: its grid is rotated or projected: rlat (${y}) and rlon (${x}) are no latitudes and longitudes. It must be put on a regular grid: cdo remapbil,r360x180 in.nc out.nc`,
      );
    }
  });

  it('a variable that is missing everywhere', () => {
    const variables = {
      a: { dimensions: ['time', 'lat', 'lon'], values: zeros(24) },
      wet: {
        dimensions: ['time', 'lat', 'lon'],
        values: zeros(24).fill(-9),
        attributes: { missing_value: -9 },
      },
    };
    expect(failure(gridFile('a.nc', { variables }))).toMatch(
      /^DataError: The variable wet of a\.nc is missing everywhere \(all 24 values\)/,
    );
  });

  it('bad coordinates, and files that do not fit together', () => {
    expect(failure(gridFile('a.nc', { latitude: [40, 40] }))).toMatch(/^DataError: a\.nc: latitudes must/);
    expect(failure(gridFile('a.nc', { latitude: [40, 95] }))).toMatch(/number 2 is 95 after 40/);
    expect(failure(gridFile('a.nc', { longitude: [0, 10, 10] }))).toMatch(
      /longitude 10 \(number 3\) repeats/,
    );
    expect(failure(gridFile('a.nc'), gridFile('b.nc', { latitude: [40, 51] }))).toMatch(
      /different grids: a\.nc has 2 x 3 points, .*; b\.nc has 2 x 3 points, latitude 40 to 51/,
    );
    const u = { u: { dimensions: ['time', 'lat', 'lon'], values: zeros(12) } };
    expect(failure(gridFile('a.nc'), gridFile('u.nc', { times: [0, 1], variables: u }))).toMatch(
      /^DataError: u has 2 steps .* but the files together have 4/,
    );
  });
});

/** A storm over North America in six files of Debian's libncarg-data: no units, masked points, four lost fields. */
const STORM = '/usr/share/ncarg/data/cdf/';
describe.runIf(existsSync(`${STORM}Tstorm.cdf`))('the NCAR storm files', () => {
  it('come in together, lost fields missing', () => {
    const files = ['P', 'T', 'U', 'V', 'U500', 'V500'].map(field => {
      const file = readFileSync(`${STORM}${field}storm.cdf`);
      const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
      return { name: `${field}storm.cdf`, bytes };
    });
    const dataset = read(...files);
    const names = ['p', 't', 'u_Ustorm', 'u_U500storm', 'v_Vstorm', 'v_V500storm'];
    expect(dataset.channels.map(channel => channel.name)).toEqual(names);
    expect(dataset).toMatchObject({ stepHours: 6, hasMissing: true, periodic: false });
    expect([dataset.times.length, dataset.latitude.length, dataset.longitude.length]).toEqual([64, 33, 36]);
    expect(new Date(dataset.times[63]).toISOString()).toBe('1996-01-20T18:00:00.000Z');

    const points = 33 * 36;
    const lost: string[] = [];
    let masked = 0;
    for (let t = 0; t < 64; t++) {
      for (let c = 0; c < 6; c++) {
        const field = dataset.values.subarray((t * 6 + c) * points, (t * 6 + c + 1) * points);
        const count = field.filter(Number.isNaN).length;
        if (count === points) lost.push(`${names[c]} ${t}`);
        else masked += count;
      }
    }
    expect(lost).toEqual(['t 17', 'v_Vstorm 17', 'v_V500storm 36', 'v_Vstorm 37']);
    expect(masked).toBe(224 * (64 * 6 - 4));
  });
});

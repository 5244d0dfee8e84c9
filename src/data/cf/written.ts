/** What a data set is called where it is written: variables of channels, and what CF says of axes. */
import type { Channel } from '../dataset.ts';

/** A variable of the file: some channels, on levels or not. */
export interface WrittenField {
  readonly name: string;
  readonly channels: readonly number[];
  /** The dimension, where there is one. */
  readonly levels?: LevelAxis;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LevelAxis {
  readonly name: string;
  /** hPa, in the order of the channels. */
  readonly values: readonly number[];
}

/** Channels of one variable on pressure levels together, all others by themselves. */
export function writtenFields(channels: readonly Channel[]): WrittenField[] {
  const groups = new Map<string, number[]>();
  channels.forEach(({ name, variable, levelHPa }, c) => {
    const key = levelHPa === undefined ? `${name} alone` : variable;
    groups.set(key, [...(groups.get(key) ?? []), c]);
  });
  const axes: LevelAxis[] = [];
  const axisOf = (values: readonly number[]): LevelAxis => {
    const found = axes.find(axis => String(axis.values) === String(values));
    if (found) return found;
    const axis = { name: axes.length === 0 ? 'level' : `level_${axes.length + 1}`, values };
    axes.push(axis);
    return axis;
  };
  return [...groups.values()].map(group => {
    const [first] = group.map(c => channels[c]);
    const values = group.flatMap(c => channels[c].levelHPa ?? []);
    const isOnLevels = values.length > 0;
    return {
      name: nameOf(isOnLevels ? first.variable : first.name),
      channels: group,
      ...(isOnLevels && { levels: axisOf(values) }),
      attributes: {
        long_name: isOnLevels ? first.longName.replace(/ at [\d.]+ hPa$/, '') : first.longName,
        units: first.units,
      },
    };
  });
}

/** What no format takes as a name. */
const nameOf = (name: string) => name.trim().replace(/[/\0]/g, '_');

export const axisAttributes = {
  latitude: { units: 'degrees_north', standard_name: 'latitude', axis: 'Y' },
  longitude: { units: 'degrees_east', standard_name: 'longitude', axis: 'X' },
  level: { units: 'hPa', standard_name: 'air_pressure', long_name: 'pressure', positive: 'down', axis: 'Z' },
  member: { units: '1', standard_name: 'realization' },
} as const;

/** Units of a time axis in which all times, milliseconds since 1970 of a calendar, are whole; of such the longest. */
export function timeUnits(times: readonly number[]): { readonly units: string; readonly ms: number } {
  const known = [
    { unit: 'hours', ms: 3_600_000 },
    { unit: 'seconds', ms: 1000 },
  ];
  const found = known.find(({ ms }) => times.every(time => time % ms === 0));
  const { unit, ms } = found ?? { unit: 'milliseconds', ms: 1 };
  return { units: `${unit} since 1970-01-01 00:00:00`, ms };
}

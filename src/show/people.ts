/**
 * Fields as people know them: the height of a pressure surface in metres for its geopotential, pressure in hPa, temperature
 * in degrees Celsius. Scores keep the units of the data; this is for maps and what is read off them.
 */
import type { Channel } from '../session/api/api.ts';
import { prettyUnits } from './format.ts';

/** How a channel is shown: `value * scale + offset` in `unit`; a difference of two values is `scale` times theirs. */
export interface PeoplesField {
  /** `height of the 500 hPa surface` */
  readonly label: string;
  /** `500 hPa height`: the level, by which many fields differ, stands where a narrow list still shows it. */
  readonly listed: string;
  /** `m`; empty where there is none. */
  readonly unit: string;
  readonly scale: number;
  readonly offset: number;
}

/** Standard gravity, m s-2: geopotential height is geopotential over it (WMO-No. 8, part I, annex 1.A). */
const gravity = 9.80665;
const freezingKelvin = 273.15;

type Known = Pick<PeoplesField, 'unit' | 'scale'> & { readonly offset?: number };

/** Units in one spelling: `m**2 s**-2` and `m2/s2` are `m2 s-2`. */
const plainUnits = (units: string) =>
  units
    .replaceAll('**', '')
    .replaceAll('^', '')
    .replace(/\/\s*([a-z]+)(\d*)/gi, (_, unit, power) => ` ${unit}-${power || 1}`)
    .trim();

function knownUnit({ variable, name, longName, units }: Channel): Known | undefined {
  const about = `${variable} ${name} ${longName}`.toLowerCase();
  switch (plainUnits(units)) {
    case 'Pa':
      return { unit: 'hPa', scale: 0.01 };
    case 'K':
      // A potential temperature, and a difference of temperatures, are not read on a thermometer.
      return /potential|anomaly|difference/.test(about)
        ? undefined
        : { unit: '°C', scale: 1, offset: -freezingKelvin };
    case 'kg kg-1':
      return { unit: 'g/kg', scale: 1000 };
    case 'm s-1':
      return { unit: 'm/s', scale: 1 };
    case 's-1':
      return /vorticity|divergence/.test(about) ? { unit: '10⁻⁵ s⁻¹', scale: 1e5 } : undefined;
    default:
      return undefined;
  }
}

/** What the height of a pressure surface in metres is a multiple of; undefined for what is no such height. */
function metresPer({ units, levelHPa, variable, longName }: Channel): number | undefined {
  if (levelHPa === undefined) return undefined;
  const plain = plainUnits(units);
  if (plain === 'm2 s-2') return 1 / gravity;
  const isHeight = /height|hgt|^zg?$/i.test(variable) || /height/i.test(longName);
  return isHeight && (plain === 'm' || plain === 'gpm') ? 1 : undefined;
}

export function forPeople(channel: Channel): PeoplesField {
  const scale = metresPer(channel);
  if (scale !== undefined) {
    const label = `height of the ${channel.levelHPa} hPa surface`;
    return { label, listed: `${channel.levelHPa} hPa height`, unit: 'm', scale, offset: 0 };
  }
  const known = knownUnit(channel) ?? { unit: prettyUnits(channel.units), scale: 1 };
  return { label: channel.longName, listed: levelFirst(channel.longName), offset: 0, ...known };
}

/** `temperature at 850 hPa` with what fields differ by in front, for where there is little room: `850 hPa temperature`. */
export const levelFirst = (words: string): string => words.replace(/^(.+) at ([\d.]+ hPa)$/, '$2 $1');

/** A field [latitude, longitude] in the units of people. */
export const toPeople = (values: Float32Array, { scale, offset }: PeoplesField): Float32Array =>
  values.map(value => value * scale + offset);

/** The number of the field that a map shows first: the 500 hPa height, else pressure at sea level, else the first. */
export function firstShown(channels: readonly Channel[]): number {
  const height = channels.findIndex(channel => channel.levelHPa === 500 && metresPer(channel) !== undefined);
  if (height >= 0) return height;
  const isSeaLevel = ({ variable, longName }: Channel) =>
    /^(slp|msl|mslp|psl|prmsl)$/i.test(variable) || /sea[ _-]level[ _-]pressure/i.test(longName);
  return Math.max(0, channels.findIndex(isSeaLevel));
}

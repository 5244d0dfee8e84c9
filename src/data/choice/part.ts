/**
 * What of a data set a run uses, and how that is written: in options of the terminal, in the address and in the fields of the page,
 * by the same names and in the same words.
 */
import { list } from '../../io/number-text.ts';

/** All where nothing is said. */
export interface DataPart {
  /** The number of one member of an ensemble. */
  readonly member?: number;
  /** Names of variables, with and without time. */
  readonly variables?: readonly string[];
  /** Pressures in hPa; what lies on no pressure level stays. */
  readonly levels?: readonly number[];
  readonly region?: Region;
  /** ISO dates (UTC): from the first (included) to the last (not included). */
  readonly from?: string;
  readonly to?: string;
  readonly thin?: Thinning;
}

/** A box in degrees. From the west eastward, so it may cross any meridian: 170 to -170 are 20 degrees. */
export interface Region {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Every so many points of both axes, or means over squares of so many; and every so many steps. */
export interface Thinning {
  readonly points?: number;
  readonly means?: number;
  readonly steps?: number;
}

/** A part as it is written, without the member: it has no place in the address. */
export const partOptions = ['variables', 'levels', 'region', 'from', 'to', 'thin'] as const;
export type PartOption = (typeof partOptions)[number];
export type PartText = Readonly<Partial<Record<PartOption, string>>>;

/** What each of them must be, for people. */
export const partForms: Readonly<Record<PartOption, string>> = {
  variables: 'names separated by commas, such as z,t2m',
  levels: 'pressures in hPa separated by commas, such as 850,500',
  region: 'west,south,east,north in degrees, such as -20,35,40,70 or, across the date line, 160,-50,-140,-20',
  from: 'a day, such as 2016-01-01',
  to: 'a day, such as 2016-01-01',
  thin: 'points:N, means:N or steps:N, or one of the first two and steps:N, such as means:4,steps:2',
};

const mostThinned = 10_000;

const numbersIn = (text: string): number[] =>
  text.split(',').map(word => (word.trim() === '' ? Number.NaN : Number(word)));

const readers: { readonly [Option in PartOption]: (text: string) => DataPart[Option] } = {
  variables(text) {
    const names = text.split(',').flatMap(name => name.trim() || []);
    return names.length > 0 ? names : undefined;
  },
  levels(text) {
    const levels = numbersIn(text);
    return levels.every(level => level > 0 && Number.isFinite(level)) ? levels : undefined;
  },
  region(text) {
    const numbers = numbersIn(text);
    const [west, south, east, north] = numbers;
    const isBox =
      numbers.length === 4 &&
      [west, east].every(degrees => degrees >= -360 && degrees <= 360) &&
      south >= -90 &&
      north <= 90 &&
      south < north &&
      west !== east;
    return isBox ? { west, south, east, north } : undefined;
  },
  from: dayIn,
  to: dayIn,
  thin: thinningIn,
};

/** Which days there are depends on the calendar of the data: some have a 30 February. */
function dayIn(text: string): string | undefined {
  return /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text) ? text : undefined;
}

function thinningIn(text: string): Thinning | undefined {
  const thinning: { points?: number; means?: number; steps?: number } = {};
  for (const word of text.split(',')) {
    const [, name, digits] = /^(points|means|steps):(\d+)$/.exec(word.trim()) ?? [];
    const every = Number(digits);
    if (name !== 'points' && name !== 'means' && name !== 'steps') return undefined;
    if (!(every >= 1 && every <= mostThinned) || thinning[name] !== undefined) return undefined;
    thinning[name] = every;
  }
  return thinning.points !== undefined && thinning.means !== undefined ? undefined : thinning;
}

/**
 * @param refuse makes the error where an option is not as `partForms` says; without it such options are passed over
 * @returns only what is said
 */
export function readPart(given: PartText, refuse?: (option: PartOption, text: string) => Error): DataPart {
  const found = partOptions.flatMap((option): [PartOption, DataPart[PartOption]][] => {
    const text = given[option];
    if (text === undefined) return [];
    const value = readers[option](text);
    if (value !== undefined) return [[option, value]];
    if (refuse) throw refuse(option, text);
    return [];
  });
  return Object.fromEntries(found);
}

/** The same as `readPart` reads it. */
export function writePart({ variables, levels, region, from, to, thin }: DataPart): PartText {
  const written: Record<PartOption, string | undefined> = {
    variables: variables?.join(','),
    levels: levels?.join(','),
    region: region && [region.west, region.south, region.east, region.north].join(','),
    from,
    to,
    thin:
      thin &&
      (['points', 'means', 'steps'] as const)
        .flatMap(name => (thin[name] === undefined ? [] : `${name}:${thin[name]}`))
        .join(','),
  };
  return Object.fromEntries(Object.entries(written).filter(([, text]) => text));
}

/** What of a selection the user made, without what was left open: that is the preset's to say. */
export function partOf({ member, variables, levels, region, from, to, thin }: DataPart): DataPart {
  const said = Object.entries({ member, variables, levels, region, from, to, thin });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/** What was chosen, for people; nothing where all is used. */
export function partWords({ member, variables, levels, region, from, to, thin }: DataPart): string[] {
  const every = (n: number, one: string) => (n === 1 ? `every ${one}` : `one in ${n} ${one}s`);
  const degrees = (value: number, [positive, negative]: readonly [string, string]) =>
    `${Math.abs(value)}° ${value < 0 ? negative : positive}`;
  return [
    ...(member === undefined ? [] : [`member ${member}`]),
    ...(variables ? [`variables ${list(variables)}`] : []),
    ...(levels ? [`levels ${list(levels.map(String))} hPa`] : []),
    ...(region
      ? [
          `${degrees(region.west, ['E', 'W'])} to ${degrees(region.east, ['E', 'W'])}, ${degrees(region.south, ['N', 'S'])} to ${degrees(region.north, ['N', 'S'])}`,
        ]
      : []),
    ...(from ? [`from ${from}`] : []),
    ...(to ? [`before ${to}`] : []),
    ...(thin?.points ? [every(thin.points, 'point')] : []),
    ...(thin?.means ? [`means of ${thin.means} x ${thin.means} points`] : []),
    ...(thin?.steps ? [every(thin.steps, 'step')] : []),
  ];
}

/** Whether it takes less than all, beside what readers leave out by themselves: members and variables. */
export const narrows = ({ levels, region, from, to, thin }: DataPart): boolean =>
  [levels, region, from, to, thin].some(said => said !== undefined);

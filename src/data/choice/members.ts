/** The members of an ensemble: of all fields the same, and of them one where it is chosen. */
import { DataError } from '../../io/data-error.ts';
import { list } from '../../io/number-text.ts';

export interface MemberChoice {
  /** Numbers of the members that are read, two or more; undefined where there is one record a time. */
  readonly members: readonly number[] | undefined;
  /** Of every stored member its place among those that are read, -1 for none. */
  readonly places: readonly number[];
}

interface EnsembleField {
  readonly name: string;
  readonly file: string;
  readonly members?: readonly number[];
}

/**
 * @param fields that change in time
 * @param chosen number of a member, all where absent
 * @throws DataError where they have different members, or not the one that is chosen
 */
export function commonMembers(fields: readonly EnsembleField[], chosen: number | undefined): MemberChoice {
  const [first] = fields;
  const { members } = first;
  const wordsOf = (numbers: readonly number[] | undefined) =>
    numbers ? `${numbers.length} members (${list(numbers.map(String))})` : 'one member';
  const other = fields.find(field => JSON.stringify(field.members) !== JSON.stringify(members));
  if (other) {
    throw new DataError(
      `${first.name} of ${first.file} has ${wordsOf(members)}, but ${other.name} of ${other.file} has ${wordsOf(other.members)}. Give all variables for the same members.`,
    );
  }
  if (members && new Set(members).size < members.length) {
    throw new DataError(`${first.file}: two members have the same number (${list(members.map(String))}).`);
  }
  if (chosen === undefined) return { members, places: (members ?? [0]).map((_, i) => i) };
  if (!members?.includes(chosen)) {
    throw new DataError(
      `${first.file} has no member ${chosen}; ${members ? `its members are ${list(members.map(String))}` : 'it has one only, so none can be chosen'}.`,
    );
  }
  return { members: undefined, places: members.map(number => (number === chosen ? 0 : -1)) };
}

/**
 * The teacher's side of groups: pupils are tested with each other, put together by what was found, and the first of each group
 * becomes the host of a room that the others join. The teacher passes on what they signal, and the link into the room.
 */

import { meshName, parseMesh, ranksOf } from '../../mesh/mesh.ts';
import { fittingMesh } from '../../mesh/mesh-fit.ts';
import { type LinkQuality, matchUp, type TestedLink } from './matching.ts';
import type { PupilMessage, TeacherMessage } from './messages.ts';
import { membersOf, type Pupil, type Roll } from './roll.ts';

export interface ClassGroup {
  readonly number: number;
  /** Of the run, such as `1x2`. */
  readonly mesh: string;
  readonly link: LinkQuality;
}

export interface GroupingState {
  /** While links are tested. */
  readonly tests: { readonly done: number; readonly all: number } | undefined;
  readonly groups: readonly ClassGroup[];
}

export interface Pairing {
  state(): GroupingState;
  /** Puts all who are here and can train into groups of such a mesh; groups of before are over. */
  pairUp(mesh: string): Promise<void>;
  /** Everybody has a run of its own again. */
  part(): void;
  hear(id: string, message: PupilMessage): void;
  /** A pupil was let in, one of a group perhaps, with another page. */
  back(id: string): void;
  gone(id: string): void;
}

export interface PairingOptions {
  readonly roll: Roll;
  readonly tell: (id: string, message: TeacherMessage) => void;
  readonly changed: () => void;
}

/** Longer than a link has to come about. */
const testMs = 30_000;
const silent = 'one of the two pages did not answer';
const ended = 'the test was ended';

interface Test {
  readonly pages: readonly [string, string];
  readonly found: (link: TestedLink) => void;
}

export function createPairing({ roll, tell, changed }: PairingOptions): Pairing {
  const tests = new Map<number, Test>();
  let lastTest = 0;
  let lastGroup = 0;
  /** Counts the times that pupils were put together: of one that is over nothing is done any more. */
  let round = 0;
  let progress: GroupingState['tests'];
  let groups: readonly ClassGroup[] = [];
  /** The links into the rooms of groups. */
  const invitations = new Map<number, string>();

  const isHere = ({ presence }: Pupil) => presence === 'here';
  const find = (id: string) => roll.pupils().find(pupil => pupil.id === id);

  const test = (a: string, b: string): Promise<TestedLink> =>
    new Promise(resolve => {
      const pair = ++lastTest;
      const found = (link: TestedLink) => {
        clearTimeout(timer);
        tests.delete(pair);
        resolve(link);
      };
      const timer = setTimeout(() => found({ fault: silent }), testMs);
      tests.set(pair, { pages: [a, b], found });
      tell(a, { type: 'test', pair, isFirst: true });
      tell(b, { type: 'test', pair, isFirst: false });
    });

  /** The first opens its room, and lets in who is here of the others. */
  const lead = (group: ClassGroup) => {
    const [first, ...others] = membersOf(group.number, roll.pupils());
    const members = others.filter(isHere).map(({ id }) => id);
    if (first?.group?.place !== 0 || !isHere(first) || members.length === 0) return;
    tell(first.id, { type: 'lead', group: group.number, mesh: group.mesh, members });
  };
  const join = (group: number, { id }: Pupil) => {
    const invitation = invitations.get(group);
    if (invitation !== undefined) tell(id, { type: 'join', group, invitation });
  };
  const part = () => {
    round++;
    for (const { found } of [...tests.values()]) found({ fault: ended });
    progress = undefined;
    for (const { id, group } of roll.pupils()) if (group) tell(id, { type: 'part' });
    groups = [];
    invitations.clear();
    roll.group(new Map(), new Map());
    changed();
  };

  return {
    state: () => ({ tests: progress, groups }),
    async pairUp(name) {
      part();
      const own = round;
      const mesh = parseMesh(name);
      const ids = roll
        .pupils()
        .filter(pupil => isHere(pupil) && pupil.webgpu && pupil.report?.guided !== false)
        .sort((a, b) => a.name.localeCompare(b.name, 'en-GB', { numeric: true }))
        .map(({ id }) => id);
      const testNow = (a: string, b: string): Promise<TestedLink> =>
        own === round ? test(a, b) : Promise.resolve({ fault: ended });
      const { matches, alone } = await matchUp(ids, ranksOf(mesh), testNow, (done, all) => {
        if (own !== round) return;
        progress = { done, all };
        changed();
      });
      if (own !== round) return;
      progress = undefined;
      groups = matches.map(({ members, link }) => ({
        number: ++lastGroup,
        mesh: meshName(fittingMesh(mesh, members.length, () => true) ?? mesh),
        link,
      }));
      const placed = matches.flatMap(({ members }, i) =>
        members.map((id, place) => [id, { number: groups[i].number, place }] as const),
      );
      roll.group(new Map(placed), new Map(alone.map(({ id, why }) => [id, why])));
      for (const group of groups) lead(group);
      changed();
    },
    part,
    hear(id, message) {
      switch (message.type) {
        case 'signal': {
          const pages = tests.get(message.pair)?.pages;
          const other = pages?.find(page => page !== id);
          if (pages?.includes(id) && other !== undefined) tell(other, message);
          break;
        }
        case 'tested': {
          const found = tests.get(message.pair);
          // The first of the two measures; that there is no way is for either to say.
          if (found?.pages[0] === id) found.found(message.link);
          break;
        }
        case 'room': {
          const pupil = find(id);
          if (pupil?.group?.number !== message.group || pupil.group.place !== 0) break;
          invitations.set(message.group, message.invitation);
          for (const member of membersOf(message.group, roll.pupils()))
            if (member.id !== id && isHere(member)) join(message.group, member);
          break;
        }
        case 'apart': {
          const own = find(id)?.group;
          if (own?.number !== message.group) break;
          // Without its first rank there is no group.
          const leaving = own.place === 0 ? membersOf(own.number, roll.pupils()) : [{ id }];
          for (const { id: member } of leaving) {
            roll.ungroup(member, message.fault);
            if (member !== id) tell(member, { type: 'part' });
          }
          if (membersOf(own.number, roll.pupils()).length === 0)
            groups = groups.filter(({ number }) => number !== own.number);
        }
      }
    },
    back(id) {
      const place = find(id)?.group;
      const group = groups.find(({ number }) => number === place?.number);
      if (!group) return;
      lead(group);
      const pupil = find(id);
      if (pupil && place?.place !== 0) join(group.number, pupil);
    },
    gone(id) {
      for (const { pages, found } of [...tests.values()])
        if (pages.includes(id)) found({ fault: 'one of the two pages is gone' });
    },
  };
}

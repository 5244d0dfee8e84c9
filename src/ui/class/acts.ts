/** What a teacher may do on the wall. */
import type { RoomKind } from '../../crew/api.ts';
import type { Class } from '../../crew/class/teacher.ts';

/** While the class is open. */
export type WallActs = Pick<
  Class,
  | 'admit'
  | 'admitAll'
  | 'remove'
  | 'start'
  | 'pause'
  | 'eyes'
  | 'send'
  | 'ask'
  | 'setUpRace'
  | 'startRace'
  | 'pairUp'
  | 'part'
>;

export interface ClassDoors {
  /** @param again with the link that the class of this tab had before */
  readonly open: (kind: RoomKind, again: boolean) => void;
  readonly close: () => void;
}

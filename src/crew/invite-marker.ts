/** What a link leads to is told by how its fragment begins. Apart from `invite.ts`, which reads the rest. */

/** A rank of somebody's run, or a class in which everybody has a run of their own. */
export type InvitePurpose = 'join' | 'class';

/** What the fragment of an invitation begins with. */
export const inviteMarker = (purpose: InvitePurpose) => `#${purpose}=`;

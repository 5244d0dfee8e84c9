/** The class that this tab is in, kept while the tab is there: a page that is loaded again comes back to it. */
import { type Invite, inviteLink, parseInvite } from '../../crew/invite.ts';
import { keep, kept, type Side, sideKey } from './kept-text.ts';

/** @param invite undefined: nothing is kept any more */
export function keepInvite(side: Side, invite: Invite | undefined): void {
  keep(sideKey(side), invite && new URL(inviteLink('https://class.invalid', invite, 'class')).hash);
}

/** Undefined where none is kept, or what is kept is damaged. */
export function keptInvite(side: Side): Invite | undefined {
  try {
    return parseInvite({ hash: kept(sideKey(side)) ?? '' }, 'class');
  } catch {
    return undefined;
  }
}

const nameKey = 'isobar-class-name';
const tokenKey = 'isobar-class-token';

export const keptName = (): string => kept(nameKey) ?? '';

/** By which the teacher's page knows a page that is loaded again. */
export function tokenOf(invite: Invite): string {
  const [room, token] = (kept(tokenKey) ?? '').split(' ');
  if (room === invite.room && token) return token;
  const fresh = crypto.randomUUID();
  keep(tokenKey, `${invite.room} ${fresh}`);
  return fresh;
}

export const keepName = (name: string): void => keep(nameKey, name);

/** Nothing of a class is kept any more. */
export function forgetClass(): void {
  for (const name of [sideKey('pupil'), nameKey, tokenKey]) keep(name, undefined);
}

/** What this tab keeps of a class, as text under names; a browser that keeps nothing asks again after a reload. */

export type Side = 'teacher' | 'pupil';

export const sideKey = (side: Side) => `isobar-class-${side}`;

/** Whether the tab was in a class when its page was left. */
export const isKept = (side: Side): boolean => kept(sideKey(side)) !== null;

/** @param value undefined: nothing is kept any more */
export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // It is of this page only.
  }
}

export function kept(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

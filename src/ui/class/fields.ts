/** What is written in fields, and times of day as a field has them. */

export const textOf = ({ target }: Event): string =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : '';

export const isChecked = ({ target }: Event): boolean => target instanceof HTMLInputElement && target.checked;

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `09:15`, by the clock of this machine. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** The next time that the clock says so; undefined for no time. */
export function atTime(text: string, now: number): number | undefined {
  const [hours, minutes] = text.split(':').map(Number);
  if (!Number.isFinite(hours) || !Number.isFinite(minutes)) return undefined;
  const date = new Date(now);
  date.setHours(hours, minutes, 0, 0);
  if (date.getTime() <= now) date.setDate(date.getDate() + 1);
  return date.getTime();
}

/** Whether this browser's user lets its pages tell hosts what power its machine takes, and the words of it. Small: loaded to join. */
import type { SettingsStore } from '../energy/kept-settings.ts';

const key = 'isobar-tell-power';

/** Nobody who has not said so tells anything. */
export const tellsPower = (store: SettingsStore | undefined): boolean => store?.getItem(key) === 'yes';

export function keepTelling(store: SettingsStore | undefined, tells: boolean): void {
  try {
    store?.setItem(key, tells ? 'yes' : 'no');
  } catch {
    // Its room is used up: it is asked again the next time.
  }
}

export const powerWords = {
  title: (tells: boolean) => `Power of this machine: ${tells ? 'told' : 'not told'}`,
  tell: 'Tell the host what power this machine takes',
  about:
    'For the sum of what the run takes: the model of your card, the threads of your processor and how busy it is, whether there is a battery, and what you have said of its power on this page: a card, watts, readings of a wall meter. Without it the host estimates all that by the name of your card.',
  told: (text: string) => `The host counts by it: ${text}.`,
  untold: (text: string) =>
    `The host estimates it by the name of your card alone. It would be told: ${text}.`,
  change: 'What is known of the power',
} as const;

/** Keeps the two choices of a channel, above the maps and above the skill curves, on the same one. */
import type { RunInfo } from '../session/api/api.ts';
import { element, make } from './dom.ts';

export interface ChannelLink {
  /** Offers the channels of this run, as the map controls do. */
  restart(info: RunInfo): void;
}

/** @param onChannel called with the name of the channel that is now chosen. */
export function createChannelLink(onChannel: (name: string) => void): ChannelLink {
  const maps = element('channel', HTMLSelectElement);
  const skill = element('skill-channel', HTMLSelectElement);
  let names: readonly string[] = [];
  const choose = () => onChannel(names[maps.selectedIndex] ?? '');

  maps.addEventListener('change', () => {
    skill.selectedIndex = maps.selectedIndex;
    choose();
  });
  skill.addEventListener('change', () => {
    maps.selectedIndex = skill.selectedIndex;
    // The maps listen to their own choice only.
    maps.dispatchEvent(new Event('change'));
  });

  return {
    restart(info) {
      names = info.channels.map(c => c.name);
      skill.replaceChildren(...info.channels.map(c => make('option', c.longName)));
      skill.selectedIndex = maps.selectedIndex;
      choose();
    },
  };
}

/**
 * Keeps the two choices of a channel, above the maps and above the score curves, on the same one. Where a run has no maps
 * the choice above the curves stands alone, and where its scores are of one thing there is none.
 */

import type { RunInfo } from '../session/api/api.ts';
import { levelFirst } from '../show/people.ts';
import { specOf } from './ask-view.ts';
import { element, make } from './dom.ts';
import type { WeatherElement } from './weather/weather.ts';

export interface ChannelLink {
  /** Offers what the scores of this run are of, as the map controls do. */
  restart(info: RunInfo): void;
}

interface Thing {
  readonly name: string;
  readonly label: string;
}

/** Those of the scores; where nothing is scored while the run trains, those of the maps. */
function thingsOf(info: RunInfo): readonly Thing[] {
  const scored = new Map(info.validationScores.flatMap(({ of }) => (of ? [[of.name, of.label]] : [])));
  if (scored.size > 0) return [...scored].map(([name, label]) => ({ name, label }));
  const channels = info.validationScores.length > 0 ? [] : (specOf(info, 'map')?.channels ?? []);
  return channels.map(({ name, longName }) => ({ name, label: longName }));
}

/** Of the maps; it is made with them, and may not be there yet. */
const mapChoice = () => document.querySelector<HTMLSelectElement>('#channel');

/** @param onThing called with the name of what is now chosen; empty where there is no choice */
export function createChannelLink(maps: WeatherElement, onThing: (name: string) => void): ChannelLink {
  const scores = element('skill-channel', HTMLSelectElement);
  let things: readonly Thing[] = [];
  /** Both have the same choices. */
  let linked = false;
  const choose = () => onThing(things[scores.selectedIndex]?.name ?? '');

  const follow = () => {
    if (linked && things.length > 0) scores.selectedIndex = mapChoice()?.selectedIndex ?? 0;
    choose();
  };
  maps.addEventListener('change', event => {
    if (event.target === mapChoice()) follow();
  });
  scores.addEventListener('change', () => {
    if (!linked) {
      choose();
      return;
    }
    const own = mapChoice();
    if (!own) return;
    own.selectedIndex = scores.selectedIndex;
    // The maps listen to their own choice only.
    own.dispatchEvent(new Event('change', { bubbles: true }));
  });

  return {
    restart(info) {
      things = thingsOf(info);
      linked = specOf(info, 'rollout') !== undefined;
      scores.replaceChildren(...things.map(({ label }) => make('option', levelFirst(label))));
      scores.hidden = things.length === 0;
      follow();
      // The maps choose a channel of their own when they see another run.
      void maps.updateComplete.then(follow);
    },
  };
}

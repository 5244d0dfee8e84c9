/** What the cards of a room take: of this page by what the user has said of it, of guests by what they told of their adapter. */
import type { Card } from '../../session/api/cut-settings.ts';
import { keptMachines, storageHere } from '../energy/kept-settings.ts';
import { type MoreClues, thisMachine } from '../energy/this-machine.ts';
import type { RoomView } from './room-forecast.ts';
import { powerIn } from './room-ways.ts';

/** @param more of this machine. @returns by the place of a browser in the room */
export function powerOfRoom(
  { browsers, isOneCard }: RoomView,
  more: MoreClues,
): (index: number) => Card['power'] {
  const [own] = browsers;
  const places = browsers.map(({ id, adapter }, rank) =>
    rank === 0 || isOneCard
      ? {
          rank,
          host: thisMachine,
          clues: { ...own.adapter, ...more },
          threads: navigator.hardwareConcurrency,
        }
      : { rank, host: id, clues: adapter },
  );
  return powerIn(keptMachines(storageHere(), places).machines);
}

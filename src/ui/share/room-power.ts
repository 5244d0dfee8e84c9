/**
 * What the cards of a room take: of this page by what the user has said of it, of guests by what they told of their adapter. The
 * table of GPUs comes with it, so it is loaded when something is worked out.
 */
import type { Card } from '../../session/api/cut-settings.ts';
import { keptMachines, storageHere } from '../energy/kept-settings.ts';
import { moreClues, thisMachine } from '../energy/this-machine.ts';
import type { RoomView } from './room-forecast.ts';
import { powerIn } from './room-ways.ts';

/** @returns by the place of a browser in the room */
export async function powerOfRoom({
  browsers,
  isOneCard,
}: RoomView): Promise<(index: number) => Card['power']> {
  const more = await moreClues();
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

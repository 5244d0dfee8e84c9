/**
 * What the cards of a room take: of this page by what the user has said of it, of guests by what they told. The table of GPUs
 * comes with it, so it is loaded when something is worked out.
 */
import type { PlaceOfRank } from '../../energy/machines.ts';
import type { Card } from '../../session/api/cut-settings.ts';
import { thisMachine } from '../energy/guests.ts';
import { keptMachines, storageHere } from '../energy/kept-settings.ts';
import { moreClues } from '../energy/this-machine.ts';
import type { RoomView } from './room-forecast.ts';
import { powerIn } from './room-ways.ts';

/** @returns by the place of a browser in the room */
export async function powerOfRoom({
  browsers,
  isOneCard,
}: RoomView): Promise<(index: number) => Card['power']> {
  const more = await moreClues();
  const [own] = browsers;
  const places = browsers.map(({ id, name, adapter, machine }, rank): PlaceOfRank => {
    if (rank === 0 || isOneCard) {
      const clues = { ...own.adapter, ...more };
      return { rank, host: thisMachine, clues, threads: navigator.hardwareConcurrency };
    }
    const mark = machine?.mark;
    const isHere = mark !== undefined && mark === own.machine?.mark;
    return { rank, host: isHere ? thisMachine : (mark ?? id), clues: adapter, name, said: machine?.power };
  });
  return powerIn(keptMachines(storageHere(), places).machines);
}

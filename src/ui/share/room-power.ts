/**
 * What the cards of a room take: of this page by what the user has said of it, of guests by what they told. The table of GPUs
 * comes with it, so it is loaded when something is worked out.
 */
import { onOneMachine } from '../../crew/cards.ts';
import type { PlaceOfRank } from '../../energy/machines.ts';
import type { Card } from '../../session/api/cut-settings.ts';
import { placeOfGuest, thisMachine } from '../energy/guests.ts';
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
  const places = browsers.map((browser, rank): PlaceOfRank => {
    if (rank > 0 && !isOneCard) return placeOfGuest(rank, browser, onOneMachine(browser, own));
    const clues = { ...own.adapter, ...more };
    return { rank, host: thisMachine, clues, threads: navigator.hardwareConcurrency };
  });
  return powerIn(keptMachines(storageHere(), places).machines);
}

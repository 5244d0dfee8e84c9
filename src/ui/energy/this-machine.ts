/** The machine that this page is on, as far as its browser tells. */
import { cardId, type PlaceOfRank } from '../../energy/machines.ts';
import type { GpuClues } from '../../energy/recognise.ts';
import type { RunInfo } from '../../session/api/api.ts';
import { batteryHere } from './evidence.ts';
import { thisMachine } from './guests.ts';

/** What browsers say beside WebGPU: `renderer` of `webglRenderer`, `hasBattery` of `batteryHere`. */
export type MoreClues = Pick<GpuClues, 'renderer' | 'hasBattery'>;

/**
 * Where the ranks of a run compute.
 *
 * @param guests those that are not in this page
 */
export function placesOf(
  info: Pick<RunInfo, 'ranks' | 'adapter'>,
  more: MoreClues,
  guests: readonly PlaceOfRank[],
): readonly PlaceOfRank[] {
  const byRank = new Map(guests.map(place => [place.rank, place]));
  return ownPlaces(info, more).map(own => {
    const place = byRank.get(own.rank);
    if (!place) return own;
    // Of its own card this page knows more than another page of the same machine tells.
    return cardId(place.host, place.clues) === cardId(own.host, own.clues) ? own : place;
  });
}

/** Where the ranks of a run compute that are all in this page. */
export function ownPlaces(
  { ranks, adapter }: Pick<RunInfo, 'ranks' | 'adapter'>,
  more: MoreClues,
): readonly PlaceOfRank[] {
  const clues = { ...adapter, ...more };
  const threads = navigator.hardwareConcurrency;
  const all = ranks.length > 0 ? ranks.map(({ rank }) => rank) : [0];
  return all.map(rank => ({ rank, host: thisMachine, clues, threads }));
}

/** WebGL may name the model of the GPU where WebGPU names a generation. Undefined where it is not to be had, or does not say. */
export function webglRenderer(): string | undefined {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return undefined;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
  // Contexts are few: the next one may be needed elsewhere.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** All that this browser says beside WebGPU. */
export async function moreClues(): Promise<MoreClues> {
  const renderer = webglRenderer();
  const hasBattery = await batteryHere();
  return { ...(renderer !== undefined && { renderer }), ...(hasBattery && { hasBattery }) };
}

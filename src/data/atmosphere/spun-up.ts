/**
 * Where the spin-up of the usual atmosphere ends: its hundred days are most of what a small run waits for, and always the same.
 * The state is kept as a file beside this one (`npm run spin-up`), for one seed; any other atmosphere spins up where it is used.
 */
import { initialState, run, standardClimate } from './climate.ts';
import { STATE } from './model.ts';

/** Days run and thrown away by default: four times the relaxation time, so that the jets have forgotten the start. */
export const SPIN_UP_DAYS = 100;

/** Of the atmosphere that a page trains on. */
export const SPUN_UP_SEED = 1;

/** The state [3, SIZE], s-1, after the days of spin-up that are usual; undefined for other seeds, and where the file cannot be had. */
export async function spunUpState(seed: number): Promise<Float64Array | undefined> {
  if (seed !== SPUN_UP_SEED) return undefined;
  try {
    const answer = await fetch(new URL('./spun-up.bin', import.meta.url));
    return answer.ok ? stateFrom(await answer.arrayBuffer()) : undefined;
  } catch {
    // Without a server, as in Node, it is computed: the same bits, later.
    return undefined;
  }
}

/** The same state, computed: what the file is made of. */
export function spinUp(): Float64Array {
  const climate = standardClimate();
  const q = initialState(climate, SPUN_UP_SEED);
  run(climate.model, q, 24 * SPIN_UP_DAYS);
  return q;
}

/** Eight bytes a number, the lowest first. */
function stateFrom(bytes: ArrayBuffer): Float64Array | undefined {
  if (bytes.byteLength !== STATE * Float64Array.BYTES_PER_ELEMENT) return undefined;
  const view = new DataView(bytes);
  return Float64Array.from({ length: STATE }, (_, i) =>
    view.getFloat64(i * Float64Array.BYTES_PER_ELEMENT, true),
  );
}

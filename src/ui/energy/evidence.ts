/**
 * What a browser offers of the machine's load and power, where it does: compute pressure, which says about how much of the
 * processor is in use, and the battery, which says that the machine is one that has one. Neither is read where it is not
 * offered, or where the page may not.
 */
import type { Band } from '../../energy/band.ts';

export const pressureStates = ['nominal', 'fair', 'serious', 'critical'] as const;
export type PressureState = (typeof pressureStates)[number];

/**
 * Share of the processor that is in use. The specification leaves that to browsers, and what is told of them differs (0.6,
 * 0.75 and 0.9 as bounds, or 0.3, 0.6 and 0.9), with some blur so that pages cannot tell each other: these hold all of it.
 * https://www.w3.org/TR/compute-pressure/
 */
const inUse: Readonly<Record<PressureState, Band>> = {
  nominal: { low: 0, central: 0.3, high: 0.65 },
  fair: { low: 0.25, central: 0.55, high: 0.8 },
  serious: { low: 0.55, central: 0.75, high: 0.95 },
  critical: { low: 0.85, central: 0.95, high: 1 },
};

export interface Pressure {
  readonly state: PressureState;
  readonly inUse: Band;
}

/** The parts of the browser's interfaces that are used; no library of types has them. */
export interface PressureRecord {
  readonly source: string;
  readonly state: string;
}
export type PressureWatch = new (
  told: (records: readonly PressureRecord[]) => void,
) => { observe(source: 'cpu', options: { readonly sampleInterval: number }): Promise<void> };
interface BatteryFacts {
  readonly charging: boolean;
  /** 0 to 1. */
  readonly level: number;
}
declare global {
  var PressureObserver: PressureWatch | undefined;
  interface Navigator {
    readonly getBattery?: () => Promise<BatteryFacts>;
  }
}

const sampleMs = 2000;

/** @param told of every change, from now on, where the browser offers it */
export function watchPressure(
  told: (pressure: Pressure) => void,
  Observer = globalThis.PressureObserver,
): void {
  if (!Observer) return;
  const observer = new Observer(records => {
    const last = records.at(-1)?.state;
    const state = pressureStates.find(known => known === last);
    if (state) told({ state, inUse: inUse[state] });
  });
  // Where a policy forbids it, or the system does not tell, the meter does without.
  observer.observe('cpu', { sampleInterval: sampleMs }).catch(() => {});
}

/**
 * Whether this machine has a battery, as far as its browser tells: one that is full and charging may be none.
 *
 * @returns undefined where nothing tells
 */
export async function batteryHere(
  from: Pick<Navigator, 'getBattery'> = navigator,
): Promise<true | undefined> {
  try {
    const battery = await from.getBattery?.();
    return battery && (!battery.charging || battery.level < 1) ? true : undefined;
  } catch {
    return undefined;
  }
}

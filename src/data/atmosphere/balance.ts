/**
 * From streamfunction to geopotential and temperature, which the learner sees.
 *
 * Geopotential is by linear balance, del2 Phi = div(f grad psi), with the full f of latitude: smooth across the equator,
 * where f psi with a constant f would make winds far too strong for their heights. Harmonics couple to the next degree
 * only (Lorenz 1960, "Energy and numerical weather prediction", Tellus 12, 364-373):
 *
 *   Phi[n] = 2 Omega ( eps[n] (n - 1) / n psi[n - 1] + eps[n + 1] (n + 2) / (n + 1) psi[n + 1] ).
 *
 * Balance says nothing of the global mean; it is that of the ISO 2533 standard atmosphere. Temperature between two
 * levels is the layer mean by the hypsometric equation.
 */
import { GAS_CONSTANT, GRAVITY, ROTATION } from './coefficients.ts';
import { at, epsilon, PLANE, TRUNCATION } from './spectral.ts';

/** Phi [SIZE], m2 s-2, as a deviation from its global mean, of psi [SIZE], m2 s-1. */
export function linearBalance(psi: Float64Array, phi: Float64Array): void {
  phi.fill(0);
  for (let m = 0; m <= TRUNCATION; m++) {
    for (let n = Math.max(m, 1); n <= TRUNCATION; n++) {
      // At n = m epsilon is zero, and beyond the truncation there is nothing: neighbours there count nothing.
      const below = (2 * ROTATION * epsilon(n, m) * (n - 1)) / n;
      const above = n < TRUNCATION ? (2 * ROTATION * epsilon(n + 1, m) * (n + 2)) / (n + 1) : 0;
      const c = at(n, m);
      phi[c] = below * psi[c - 1] + above * psi[c + 1];
      phi[PLANE + c] = below * psi[PLANE + c - 1] + above * psi[PLANE + c + 1];
    }
  }
}

// ISO 2533: sea-level pressure and temperature, lapse rate of the troposphere, and the isothermal layer above 11 km.
const SEA_LEVEL_HPA = 1013.25;
const SEA_LEVEL_KELVIN = 288.15;
const LAPSE_RATE = 0.0065;
const TROPOPAUSE_METRES = 11_000;

/** Geopotential of a pressure surface in the standard atmosphere, m2 s-2. Valid up to 20 km, about 55 hPa. */
export function standardGeopotential(hPa: number): number {
  const exponent = (GAS_CONSTANT * LAPSE_RATE) / GRAVITY;
  const height = (SEA_LEVEL_KELVIN / LAPSE_RATE) * (1 - (hPa / SEA_LEVEL_HPA) ** exponent);
  if (height <= TROPOPAUSE_METRES) return GRAVITY * height;
  const tropopauseKelvin = SEA_LEVEL_KELVIN - LAPSE_RATE * TROPOPAUSE_METRES;
  const tropopauseHPa = SEA_LEVEL_HPA * (tropopauseKelvin / SEA_LEVEL_KELVIN) ** (1 / exponent);
  return GRAVITY * TROPOPAUSE_METRES + GAS_CONSTANT * tropopauseKelvin * Math.log(tropopauseHPa / hPa);
}

/** Mean temperature, K, of the layer between two pressures, per m2 s-2 of its geopotential thickness. */
export function kelvinPerThickness(lowerHPa: number, upperHPa: number): number {
  return 1 / (GAS_CONSTANT * Math.log(lowerHPa / upperHPa));
}

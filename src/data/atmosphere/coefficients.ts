/**
 * Every constant of the embedded atmosphere, with its unit and source.
 * MM93 is Marshall and Molteni (1993), "Toward a dynamical understanding of planetary-scale flow regimes",
 * Journal of the Atmospheric Sciences 50, 1792-1818.
 */

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Mean radius of the earth, m. */
export const EARTH_RADIUS = 6.371e6;
/** Rotation rate of the earth, s-1. */
export const ROTATION = 7.292e-5;
/** Acceleration of gravity, m s-2. */
export const GRAVITY = 9.80665;
/** Gas constant of dry air, J kg-1 K-1. */
export const GAS_CONSTANT = 287.05;

/** Pressure of the three levels, hPa, top first (MM93). */
export const LEVELS_HPA: readonly number[] = [200, 500, 800];
/** Rossby radius of deformation between 200 and 500 hPa, m (MM93). */
export const ROSSBY_RADIUS_UPPER = 700e3;
/** Rossby radius of deformation between 500 and 800 hPa, m (MM93). */
export const ROSSBY_RADIUS_LOWER = 450e3;
/** Height scale by which orography enters the lowest potential vorticity as f h / H0, m (MM93). */
export const OROGRAPHY_SCALE_HEIGHT = 9000;

/** Rate of relaxation of temperature towards equilibrium, s-1: 25 days (MM93). */
export const RELAXATION_RATE = 1 / (25 * DAY);
/** Rate of Ekman friction at 800 hPa over the sea, s-1: 3 days (MM93). */
export const EKMAN_RATE = 1 / (3 * DAY);
/** Share by which friction grows over land, and again over high ground (MM93: both 0.5). */
export const EKMAN_LAND = 0.5;
export const EKMAN_HEIGHT = 0.5;
/** Height over which friction takes up its high-ground share, as 1 - exp(-h / scale), m (MM93). */
export const EKMAN_HEIGHT_SCALE = 1000;
/** Rate of the selective dissipation (del to the eighth) at wavenumber 21, s-1: 2 days (MM93). */
export const DISSIPATION_RATE = 1 / (2 * DAY);

/** Largest noise in each wave of the first potential vorticity, s-1: a hundredth of the planetary vorticity. */
export const INITIAL_VORTICITY_NOISE = 1e-6;
/**
 * Time step of the Runge-Kutta scheme, s. It must divide six hours. Steps of 1.5, 2 and 3 hours give the same climate
 * and error growth; 1.5 is the longest of them whose own damping leaves potential enstrophy within 0.1 % in ten days.
 */
export const TIME_STEP = 1.5 * HOUR;

/**
 * Equilibrium shear of a jet of strength 1, m s-1: zonal wind at 200 over 500 hPa, and at 500 over 800 hPa.
 * Tuned here (no source) so that the climate has jets and an error growth like the atmosphere's in winter.
 */
export const EQUILIBRIUM_SHEAR_UPPER = 40;
export const EQUILIBRIUM_SHEAR_LOWER = 25;
/** Centre of the two jets in degrees north, and their strength: winter in the north, summer in the south. */
export const EQUILIBRIUM_JETS: readonly { readonly north: number; readonly strength: number }[] = [
  { north: 30, strength: 1 },
  { north: -35, strength: 0.8 },
];
/** Standard deviation of the jets' Gaussian profile, degrees of latitude. */
export const EQUILIBRIUM_JET_WIDTH = 10;

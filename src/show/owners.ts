/**
 * How what a rank owns is told apart: by a colour, a hatch and its number, everywhere alike. Any two of the colours lie
 * 40 of 441 or more apart in RGB, as they are, for deuteranopes, and in grey.
 */

export interface OwnerLook {
  /** The fill, in light and in dark. */
  readonly colour: string;
  /** For numbers on it. */
  readonly ink: string;
  /** Angle of the hatch's lines in degrees, and how far they are apart in px. */
  readonly hatch: { readonly angle: number; readonly gap: number };
}

const dark = '#101820';
const light = '#ffffff';

const looks: readonly OwnerLook[] = [
  { colour: '#1c559c', ink: light, hatch: { angle: 45, gap: 7 } },
  { colour: '#f0a030', ink: dark, hatch: { angle: -45, gap: 7 } },
  { colour: '#2ca68a', ink: dark, hatch: { angle: 0, gap: 7 } },
  { colour: '#b53cb8', ink: light, hatch: { angle: 90, gap: 7 } },
  { colour: '#f8e998', ink: dark, hatch: { angle: 45, gap: 4 } },
  { colour: '#5a3418', ink: light, hatch: { angle: -45, gap: 4 } },
  { colour: '#a8d4f2', ink: dark, hatch: { angle: 0, gap: 4 } },
  { colour: '#2a1a48', ink: light, hatch: { angle: 90, gap: 4 } },
];

/** Ranks whose colours are all different. */
export const distinctOwners = looks.length;

/** Beyond eight ranks colours come round again, and the number tells them apart. */
export const ownerLook = (rank: number): OwnerLook => looks[rank % looks.length];

/**
 * What a step's time goes to: own work on the device, waiting for a device that others work on too, waiting for an exchange,
 * waiting for data, and exchanges that work hides. By lightness first, so that grey and colour-blind readers tell them apart.
 */
export const timeKinds = ['work', 'card', 'exchange', 'data', 'hidden'] as const;
export type TimeKind = (typeof timeKinds)[number];

export const timeColours: Readonly<Record<'light' | 'dark', Readonly<Record<TimeKind, string>>>> = {
  light: { work: '#0b6b8f', card: '#96b9d3', exchange: '#d84f37', data: '#eace30', hidden: '#404a55' },
  dark: { work: '#58b6d8', card: '#2f6478', exchange: '#e06f69', data: '#f1e37d', hidden: '#c0c8d0' },
};

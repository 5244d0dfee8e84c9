/** How a kept run is drawn: a colour and dashes for each slot, told apart without the colour too. */
export interface KeptLook {
  /** Custom property of the style sheet. */
  readonly colour: string;
  readonly dash: string;
}

const looks: readonly KeptLook[] = [
  { colour: '--kept-1', dash: '8 3' },
  { colour: '--kept-2', dash: '2 2' },
  { colour: '--kept-3', dash: '8 3 2 3' },
  { colour: '--kept-4', dash: '14 4' },
];

export const keptLook = (slot: number): KeptLook => looks[slot % looks.length];

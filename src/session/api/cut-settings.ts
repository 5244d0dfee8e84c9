/** Where the ranks of a mesh might be: on which cards, and how they are linked. */

/** A graphics card as far as a prediction goes by it. */
export interface Card {
  /** Of a product; that of a laptop's where it is not known. */
  readonly gigaflops?: number;
  /** It computes on the cores that carry its exchanges too. */
  readonly software?: boolean;
}

/** Where the ranks of a mesh are, and how they are linked: all alike. */
export interface Setting {
  readonly name: string;
  /** The card of every rank, by its place in `cards`; each has one of its own where absent. */
  readonly cardOf?: readonly number[];
  /** Ranks with a card of their own have cards like the first. */
  readonly cards: readonly Card[];
  readonly latencyMs: number;
  readonly megabytesPerSecond: number;
}

/** GFLOP/s of a product on a laptop's card. */
export const usualGigaflops = 500;

/** A card that all ranks share, then cards of their own on links from slow to fast. */
export const usualSettings = (ranks: number, card: Card = {}): readonly Setting[] => [
  {
    name: 'here',
    cards: [card],
    cardOf: new Array<number>(ranks).fill(0),
    latencyMs: 0.05,
    megabytesPerSecond: 2000,
  },
  { name: 'wifi', cards: [card], latencyMs: 3, megabytesPerSecond: 10 },
  { name: 'lan', cards: [card], latencyMs: 0.5, megabytesPerSecond: 60 },
  { name: 'fast', cards: [card], latencyMs: 0.1, megabytesPerSecond: 1000 },
];

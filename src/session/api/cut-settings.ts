/** Where the ranks of a mesh might be: on which cards, and how they are linked. */
import type { GpuPower } from '../../energy/gpu-power.ts';
import type { HostPower } from '../../energy/settings.ts';

/** A graphics card as far as a prediction goes by it. */
export interface Card {
  /** Of a product; that of a laptop's where it is not known. */
  readonly gigaflops?: number;
  /** It computes on the cores that carry its exchanges too. */
  readonly software?: boolean;
  /** What it takes, and the machine that it is in: where energy is to be told. */
  readonly power?: { readonly gpu: GpuPower; readonly host: HostPower };
}

export interface CardLink {
  /** One way. */
  readonly latencyMs: number;
  readonly megabytesPerSecond: number;
}

/** Between ranks on one card, through the memory of its machine. */
export const linkOnCard: CardLink = { latencyMs: 0.05, megabytesPerSecond: 2000 };

/** Where the ranks of a mesh are, and how they are linked. */
export interface Setting extends CardLink {
  readonly name: string;
  /** The card of every rank, by its place in `cards`; each has one of its own where absent. */
  readonly cardOf?: readonly number[];
  /** Ranks with a card of their own have cards like the first. */
  readonly cards: readonly Card[];
  /**
   * Where links differ, the way of every card to the others: what goes from one to another goes as slowly as the slower of
   * their ways. Absent: all ranks are linked alike.
   */
  readonly ways?: readonly CardLink[];
}

/** GFLOP/s of a product on a laptop's card. */
export const usualGigaflops = 500;

/** Of a card that was not measured: two cores that are taken for one have a small part of it (docs/performance.md). */
export const usualSpeed = (software: boolean): number => (software ? 3 : usualGigaflops);

/** A card that all ranks share, then cards of their own on links from slow to fast. */
export const usualSettings = (ranks: number, card: Card = {}): readonly Setting[] => [
  {
    name: 'here',
    cards: [card],
    cardOf: new Array<number>(ranks).fill(0),
    ...linkOnCard,
  },
  { name: 'wifi', cards: [card], latencyMs: 3, megabytesPerSecond: 10 },
  { name: 'lan', cards: [card], latencyMs: 0.5, megabytesPerSecond: 60 },
  { name: 'fast', cards: [card], latencyMs: 0.1, megabytesPerSecond: 1000 },
];

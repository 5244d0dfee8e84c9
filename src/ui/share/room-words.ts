/** The words of what a room could do. */
export const roomWords = {
  title: 'What the browsers in this room could do',
  nobody: 'Once others are in the room, it can be worked out here what they and this page would do together.',
  about:
    'Predicted for the model that is wanted, with a rank in each browser: from how fast each does a product, and from its link to this page. Guests are taken to reach each other as slowly as the slower of their links.',
  oneCard: 'These are tabs of one browser: their ranks take turns on its one card, so nothing gets faster.',
  most: (count: number) => `The first ${count} browsers are taken; more would take minutes to work out.`,
  rate: 'Links carry, MB/s, where you know it',
  rateUsual: 'as seen or assumed',
  work: 'Work it out',
  working: 'Ways that are worked out',
  stale: 'Worked out before the room or the model changed.',
  rests:
    'The plans that would run, on the simulator: memory and bytes are theirs; times rest on the speeds and links above. Energy is an estimate of each card with its machine, as under Details.',
  laptops: 'How many laptops make one A100?',
  make: 'To make one',
  gpu: 'A GPU to be equalled',
  count: 'Count laptops',
  counting: 'Counting',
  laptopsAbout: (gpu: string) =>
    `Laptops that give as many samples a second as one ${gpu} alone, for the model that is wanted, with this batch for each copy: by their kernels alone, and with what is sent. Rates are the table's; shares of them that our kernels reach are assumed.`,
} as const;

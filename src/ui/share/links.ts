/**
 * Links that ranks of this page can be given instead of their own, which is as good as none: a real run over them shows what
 * a network costs. Typical figures, one way; what a page measures of other machines is in the table of ranks.
 */
import type { Emulation } from '../../crew/api.ts';

export const linkNames = ['own', 'cable', 'wifi', 'far'] as const;
export type LinkName = (typeof linkNames)[number];

interface LinkChoice {
  readonly label: string;
  readonly emulation?: Emulation;
}

export const links: Readonly<Record<LinkName, LinkChoice>> = {
  own: { label: 'as they are: one machine' },
  cable: { label: 'like a cable: 0.5 ms, 60 MB/s', emulation: { latencyMs: 0.5, megabytesPerSecond: 60 } },
  wifi: { label: 'like Wi-Fi: 3 ms, 10 MB/s', emulation: { latencyMs: 3, megabytesPerSecond: 10 } },
  far: {
    label: 'like another continent: 80 ms, 5 MB/s',
    emulation: { latencyMs: 80, megabytesPerSecond: 5 },
  },
};

export const isLinkName = (text: string): text is LinkName => linkNames.some(name => name === text);

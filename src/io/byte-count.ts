import { unitSpace } from './number-text.ts';

/** What a source has cost so far: bytes as they came, still compressed, and how many times it was asked. */
export interface ByteCount {
  bytes: number;
  requests: number;
}

export const noBytes = (): ByteCount => ({ bytes: 0, requests: 0 });

/** `3.2 MB`, in powers of a thousand. */
export function byteText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)}${unitSpace}${units[power]}`;
}

/** What a source has cost so far: bytes as they came, still compressed, and how many times it was asked. */
export interface ByteCount {
  bytes: number;
  requests: number;
}

export const noBytes = (): ByteCount => ({ bytes: 0, requests: 0 });

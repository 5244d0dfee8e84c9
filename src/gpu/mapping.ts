/**
 * Buffers mapped for reading. When a device is lost, what waits for a buffer of it is refused before the loss is told, in
 * words about buffers: here whoever waits hears of the loss itself.
 */

import { MAP_FOR_READING } from './usage.ts';

/** How long after a refused mapping a loss of the device counts as its cause, in ms: both are told at nearly one time. */
const NOTICE_MS = 1000;

/** The device was lost; the message goes on from the name of who had it. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  /** In the words of the browser; may be empty. */
  readonly reason: string;

  constructor(reason: string) {
    super(`its graphics device was lost${reason && `: ${reason}`}`);
    this.reason = reason;
  }
}

/**
 * Maps a buffer's first bytes, all of them by default, when what was submitted before has written it.
 *
 * @throws DeviceLostError, or what the browser says where the buffer was destroyed
 */
export async function mapForReading(device: GPUDevice, buffer: GPUBuffer, bytes?: number): Promise<void> {
  try {
    await buffer.mapAsync(MAP_FOR_READING, 0, bytes);
  } catch (error) {
    const lost = await Promise.race([device.lost, soon()]);
    throw lost ? new DeviceLostError(lost.message) : error;
  }
}

const soon = () => new Promise<undefined>(resolve => setTimeout(resolve, NOTICE_MS, undefined));

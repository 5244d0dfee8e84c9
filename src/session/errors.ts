/**
 * What the user is told of an exception. What he can do something about has a class of its own, and a code; all else is a
 * fault of ours, and is told with the place where it was thrown.
 */
import { NoWebGpuError } from '../gpu/device.ts';
import { DeviceLostError } from '../gpu/mapping.ts';
import { DataError } from '../io/data-error.ts';
import { ConfigError } from '../models/model.ts';
import { DivergedError, PeerError } from '../parallel/faults.ts';
import { TooLargeError } from '../plan/limits.ts';
import { CheckpointError } from '../train/checkpoint-error.ts';
import type { ErrorCode, RunError } from './api/api.ts';

/** Ends a run for a reason that has a code of its own. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly code: ErrorCode;
  readonly resumable: boolean;

  constructor(code: ErrorCode, message: string, resumable: boolean) {
    super(message);
    this.code = code;
    this.resumable = resumable;
  }
}

/** @param reason in the words of the browser; may be empty */
export const deviceLost = (reason: string): RunFailure =>
  new RunFailure(
    'device-lost',
    `The graphics device was lost${reason && ` (${reason})`}, most often for lack of memory. ` +
      'Resume continues from the last checkpoint; a smaller batch or preset may help.',
    true,
  );

export function runErrorOf(error: unknown): RunError {
  if (error instanceof DeviceLostError) return runErrorOf(deviceLost(error.reason));
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RunFailure) return { code: error.code, message, resumable: error.resumable };
  if (error instanceof PeerError) return { code: 'peer-lost', message, resumable: true, rank: error.rank };
  const code = codeOf(error);
  const stack = code === 'internal' && error instanceof Error ? { stack: error.stack } : {};
  return { code, message, resumable: code === 'loss-nan', ...stack };
}

/** The browser keeps no more for this page. */
export const isStorageFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError';

function codeOf(error: unknown): ErrorCode {
  if (error instanceof DivergedError) return 'loss-nan';
  if (error instanceof NoWebGpuError) return 'no-webgpu';
  if (error instanceof TooLargeError) return 'too-large';
  if (error instanceof ConfigError) return 'bad-config';
  if (error instanceof CheckpointError) return 'bad-checkpoint';
  if (error instanceof DataError) return 'bad-data';
  if (isStorageFull(error)) return 'storage-full';
  return 'internal';
}

/** All that is fuzzed: everything that reads what comes from elsewhere. */
import type { Target } from './target.ts';
import { answerTarget } from './targets/answers.ts';
import { callTarget } from './targets/calls.ts';
import { chapterTarget } from './targets/chapters.ts';
import { checkpointTarget, safetensorsTarget } from './targets/checkpoints.ts';
import { faultyTarget } from './targets/faulty.ts';
import { frameTarget, linkTarget } from './targets/frames.ts';
import { cifarTarget, idxTarget, imageFolderTarget } from './targets/images.ts';
import {
  classTarget,
  crewTarget,
  inviteTarget,
  machineTarget,
  roomTarget,
  signalTarget,
} from './targets/messages.ts';
import { installedNetcdfTarget, netcdfTarget } from './targets/netcdf.ts';
import { recordingTarget } from './targets/recordings.ts';
import { zarrTarget } from './targets/zarr.ts';

export const allTargets: readonly Target[] = [
  frameTarget,
  linkTarget,
  callTarget,
  roomTarget,
  crewTarget,
  machineTarget,
  classTarget,
  signalTarget,
  inviteTarget,
  netcdfTarget,
  installedNetcdfTarget,
  zarrTarget,
  idxTarget,
  cifarTarget,
  imageFolderTarget,
  safetensorsTarget,
  checkpointTarget,
  recordingTarget,
  chapterTarget,
  answerTarget,
];

/** @throws Error where there is none of that name */
export function targetNamed(name: string): Target {
  const found = [...allTargets, faultyTarget].find(target => target.name === name);
  if (found) return found;
  throw new Error(
    `There is no target "${name}"; there are ${allTargets.map(target => target.name).join(', ')}.`,
  );
}

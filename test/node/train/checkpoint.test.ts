import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint, readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import { wholeLayout } from '../../../src/train/plans.ts';
import { freshPlateau } from '../../../src/train/schedule.ts';
import type { CheckpointInfo } from '../../../src/train/trainer-state.ts';
import { infoOf, wholeState } from '../parallel/shards.ts';

test('a checkpoint of before the first loss and evaluation comes back as it was', () => {
  const info: CheckpointInfo = { ...infoOf(4), lossLast: Number.NaN, plateau: freshPlateau };
  const layout = wholeLayout(info.model);
  const state = wholeState(4);
  const bytes = encodeCheckpoint({ info, state }, layout);
  expect(readCheckpointInfo(bytes)).toEqual(info);
  expect(decodeCheckpoint(bytes, info.model, layout, Object.keys(state))).toEqual({ info, state });
});

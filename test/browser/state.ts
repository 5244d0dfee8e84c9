import type { MeshTrainer } from '../../src/parallel/mesh-trainer.ts';
import type { CheckpointLabel, TrainerState } from '../../src/train/trainer-state.ts';

/** The state of a trainer as it is now. @param label where ranks are to keep it */
export async function stateOf(
  trainer: Pick<MeshTrainer, 'snapshot'>,
  label?: CheckpointLabel,
): Promise<TrainerState> {
  const { state } = await trainer.snapshot(() => label);
  return state;
}

/** Tells the user of data that the preset does not suit, and offers one that does. */
import type { RunInfo } from '../../session/api/api.ts';
import { presets } from '../../session/api/presets.ts';
import { showAlert } from '../alerts.ts';
import { misfitOf } from './fitting-preset.ts';

/** @param use takes the preset of this name */
export function proposePreset(info: RunInfo, use: (preset: string) => void): void {
  const misfit = misfitOf(info);
  if (!misfit) return;
  const { message, better } = misfit;
  showAlert({
    topic: 'misfit',
    kind: 'notice',
    title: 'Another model fits these data',
    message,
    actions: better ? [{ label: `Use ${presets[better].label}`, run: () => use(better) }] : [],
  });
}

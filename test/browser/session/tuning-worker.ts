/** A rank's worker as far as tuning goes: it says when its device is open, and, when told to, chooses forms for its plans. */
import { openGpu } from '../../../src/gpu/device.ts';
import { PipelineCache } from '../../../src/gpu/pipelines.ts';
import { chooseForms } from '../../../src/parallel/tuning.ts';
import { jobOf } from '../../../src/session/api/plan-report.ts';
import { presetOf } from '../../../src/session/api/settings.ts';
import { formStore } from '../../../src/session/form-storage.ts';
import { plansOf, rankPlans } from '../../../src/train/plans.ts';
import { splitTuning } from './split-products.ts';

const gpu = await openGpu(navigator.gpu);
const pipelines = new PipelineCache(gpu.device);
const tiny = presetOf('tiny');
const plans = plansOf(rankPlans(jobOf(tiny), 2, tiny.optimizer));
self.onmessage = async () => {
  let measured = false;
  const chosen = await chooseForms(
    { gpu, pipelines },
    {},
    () => plans,
    splitTuning(formStore),
    () => {
      measured = true;
    },
  );
  postMessage({ measured, forms: chosen?.forms });
};
postMessage('open');

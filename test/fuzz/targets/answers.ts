/** What a host answers a guest that walks through its step, and the story and the sums that are read off the plan in it. */
import { DataError } from '../../../src/io/data-error.ts';
import { meshAt } from '../../../src/mesh/mesh.ts';
import { jobOf } from '../../../src/session/api/plan-report.ts';
import { presets } from '../../../src/session/api/presets.ts';
import { picturesOf } from '../../../src/show/beat-pictures.ts';
import { beatsOf, layersOf } from '../../../src/show/beats.ts';
import { loadAllKinds } from '../../../src/train/load-kinds.ts';
import { trainingPlan } from '../../../src/train/plans.ts';
import { readAnswer, writeAnswer } from '../../../src/ui/guest/step-answer.ts';
import { fromBase64, gunzipped, toBase64 } from '../../../src/ui/recording/packed.ts';
import { mutateJson } from '../mutate-json.ts';
import { type Target, textInput, textOf } from '../target.ts';

const name = 'answer.json';

const plain = async (told: string) => new TextDecoder().decode(await gunzipped(fromBase64(told), 8e6));

async function packed(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return toBase64(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** A part of a plan is enough: it has all kinds of steps. */
const steps = 60;

export const answerTarget: Target = {
  name: 'answer',
  about: "what a host answers a guest's step mode, and the story of the step in it",
  allows: error => error instanceof DataError,
  async corpus() {
    await loadAllKinds();
    const preset = presets.tiny;
    const shape = { rows: 1, columns: 2, replicas: 1 };
    const { plan } = trainingPlan(jobOf(preset), preset.batch, preset.optimizer, { mesh: meshAt(shape, 0) });
    const seen = [{ rows: 2, columns: 2, values: Float32Array.of(1, 2, 3, 4) }];
    const part = { hash: 'hash', steps: plan.steps.slice(0, steps), inputs: plan.inputs };
    const answers = [
      await writeAnswer({ of: 'plan', run: 1, plan: part }),
      await writeAnswer({ of: 'values', seen }),
      await writeAnswer({ of: 'refused', why: 'The run is training.' }),
    ];
    return Promise.all(answers.map(async answer => textInput(name, await plain(answer))));
  },
  mutate: (input, random, corpus) => textInput(name, mutateJson(textOf(input), random, corpus.map(textOf))),
  async run(input) {
    const answer = await readAnswer(await packed(textOf(input)));
    if (answer.of !== 'plan') return;
    const [of] = layersOf(answer.plan);
    if (!of) return;
    for (const beat of beatsOf([answer.plan], of)) picturesOf(answer.plan, beat, 0);
  },
};

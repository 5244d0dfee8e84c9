/** Models as files and peers name them, each checked by its kind's schema: loaded where there is such a file or peer. */
import * as v from 'valibot';
import type { ModelConfig } from './model.ts';
import { resNetSchema } from './resnet-schema.ts';
import { weatherMixerSchema } from './weathermixer-schema.ts';

/** Of configs, by the names of the kinds in `index.ts`. */
const schemas: Readonly<Record<string, v.GenericSchema>> = {
  weathermixer: weatherMixerSchema,
  resnet: resNetSchema,
};

export const modelConfigSchema: v.GenericSchema<unknown, ModelConfig> = v.pipe(
  v.object({ kind: v.picklist(Object.keys(schemas)), config: v.unknown() }),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const parsed = v.safeParse(schemas[value.kind], value.config, { abortEarly: true });
    if (parsed.success) return { kind: value.kind, config: parsed.output };
    const [issue] = parsed.issues;
    const config: v.IssuePathItem = {
      type: 'object',
      origin: 'value',
      input: value,
      key: 'config',
      value: value.config,
    };
    addIssue({ message: issue.message, path: [config, ...(issue.path ?? [])] });
    return NEVER;
  }),
);

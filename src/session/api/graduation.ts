/** A run as a project for PyTorch, for the terminal. */
export type { ArrayKind, ArraySink, ArrayWriter } from '../../tasks/array-sink.ts';
export {
  type EmbeddedChoice,
  embeddedFields,
  type FieldsWithoutValues,
} from '../../tasks/forecast/project-fields.ts';
export {
  makeProject,
  type Project,
  type ProjectRequest,
  type ProjectSettings,
} from '../project.ts';

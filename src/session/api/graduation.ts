/** A run as a project for PyTorch, for the terminal. */
export type { ArrayKind, ArraySink, ArrayWriter } from '../graduation/array-sink.ts';
export {
  makeProject,
  type Project,
  type ProjectRequest,
  type ProjectSettings,
} from '../graduation/project.ts';

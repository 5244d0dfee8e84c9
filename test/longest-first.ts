/**
 * The order of test files: those that take longest begin first, so that the last of them is not alone at the end. Vitest
 * itself goes by the size of files where it has no times of an earlier run, and a killed command takes few lines.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longest = [
  'e2e/lessons',
  'e2e/train-mesh',
  'e2e/screen',
  'e2e/class',
  'e2e/kill-train-mesh',
  'e2e/faults',
  'e2e/crew',
  'e2e/takeover-page',
  'e2e/kill-train',
  'e2e/train',
  'e2e/kill',
  'e2e/takeover',
  'node/data/atmosphere/climate',
  'node/scripts/gpu-pack',
].map(name => `/test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex(end => moduleId.endsWith(end));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

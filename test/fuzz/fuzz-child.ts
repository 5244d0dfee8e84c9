/**
 * The process that runs the cases of a target, and that may hang or end. Before each case it writes the case's number
 * to a file, which tells its parent where it was.
 *
 * Arguments: target, seed, first case, cases, seconds, file.
 */
import { openSync, writeSync } from 'node:fs';
import { type Finding, inputOfCase, runCase } from './cases.ts';
import { targetNamed } from './targets.ts';

export type Report =
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'done'; readonly cases: number; readonly read: number };

const [name, seed, first, cases, seconds, file] = process.argv.slice(2);
const target = targetNamed(name);
const corpus = await target.corpus();
const place = openSync(file, 'w');
const number = new Float64Array(1);
const send = (report: Report) => new Promise(resolve => process.send?.(report, resolve));

const begun = performance.now();
const end = Number(first) + Number(cases);
let index = Number(first);
let read = 0;
for (; index < end && performance.now() - begun < Number(seconds) * 1000; index++) {
  number[0] = index;
  writeSync(place, number, 0, 8, 0);
  const input = inputOfCase(target, corpus, Number(seed), index);
  const { finding, isRead } = await runCase(target, input, { seed: Number(seed), index });
  if (isRead) read++;
  if (finding) await send({ type: 'finding', finding });
}
await send({ type: 'done', cases: index - Number(first), read });
process.exit();

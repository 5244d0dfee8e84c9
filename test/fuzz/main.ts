/** `npm run fuzz`: all targets or one, for a while, and what was found with the command that repeats it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, inputOfCase } from './cases.ts';
import { fuzzTarget } from './fuzz-target.ts';
import { allTargets, targetNamed } from './targets.ts';

const help = `npm run fuzz -- [options]

  --seconds N    for every target (20)
  --cases N      at most so many for every target
  --seed S       0 to 4294967295 (by chance, and printed)
  --target NAME  one of ${allTargets.map(({ name }) => name).join(', ')} (all)
  --case N       this one case alone
  --write DIR    write the inputs of what is found
  --hang N       a case that takes so many seconds by the clock hangs (20)
`;

/** @returns the exit code: 0 nothing found, 1 something, 2 not understood */
export async function main(parameters: readonly string[]): Promise<number> {
  const { values, problem } = understood(parameters);
  if (problem !== undefined || values.help) {
    console.log(problem === undefined ? help : `${problem}\n\n${help}`);
    return problem === undefined ? 0 : 2;
  }
  const number = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : Number(text);
  const seed = number(values.seed, Math.floor(Math.random() * 2 ** 32));
  const single = values.case !== undefined;
  const range = {
    seed,
    first: number(values.case, 0),
    cases: single ? 1 : number(values.cases, Number.MAX_SAFE_INTEGER),
    seconds: number(values.seconds, 20),
    hangSeconds: number(values.hang, 20),
  };
  let total = 0;
  for (const { name, corpus } of values.target === undefined ? allTargets : [targetNamed(values.target)]) {
    if ((await corpus()).length === 0) {
      console.log(`${name}: its files are not installed here.`);
      continue;
    }
    /** The first of its kind, and how many there were. */
    const kinds = new Map<string, { readonly finding: Finding; count: number }>();
    const begun = performance.now();
    const { cases, read } = await fuzzTarget(name, range, finding => {
      const kind = kindOf(finding);
      const known = kinds.get(kind);
      if (known) known.count++;
      else kinds.set(kind, { finding, count: 1 });
    });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(
      `${name}: ${cases} cases (${read} read) in ${seconds} s, seed ${seed}: ${kinds.size || 'no'} findings`,
    );
    for (const { finding, count } of kinds.values()) console.log(await words(finding, count, values.write));
    total += kinds.size;
  }
  return total === 0 ? 0 : 1;
}

function understood(parameters: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = {
    ...{
      seconds: string,
      cases: string,
      seed: string,
      target: string,
      case: string,
      write: string,
      hang: string,
    },
    help: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...parameters], options });
    for (const key of ['seconds', 'cases', 'seed', 'case', 'hang'] as const) {
      if (values[key] !== undefined && !(Number(values[key]) >= 0)) {
        return { values, problem: `--${key} is "${values[key]}"; it must be a number of at least 0.` };
      }
    }
    if (values.target !== undefined) targetNamed(values.target);
    return { values, problem: undefined };
  } catch (error) {
    return { values: {}, problem: (error as Error).message };
  }
}

/** Findings that differ in numbers and names only are one. */
const kindOf = ({ kind, detail }: Finding) =>
  kind === 'error' ? detail.replace(/"[^"]*"|\d+/g, '#').slice(0, 60) + detail.split('\n').at(-1) : kind;

async function words(finding: Finding, count: number, folder: string | undefined): Promise<string> {
  const { target, seed, index, kind, detail } = finding;
  const lines = [
    `- ${kind}${count > 1 ? ` (${count} like it)` : ''}: ${detail}`,
    `  npm run fuzz -- --target ${target} --seed ${seed} --case ${index}`,
  ];
  if (folder !== undefined) lines.push(`  ${await write(finding, folder)}`);
  return lines.join('\n');
}

/** @returns the folder of the input's files */
async function write({ target: name, seed, index }: Finding, folder: string): Promise<string> {
  const target = targetNamed(name);
  const own = join(folder, `${name}-${seed}-${index}`);
  for (const [path, bytes] of inputOfCase(target, await target.corpus(), seed, index)) {
    const file = join(own, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return own;
}

/**
 * Sums over measured numbers, as a lesson writes them: `memory@1x2 / memory@1x1 as percent`. Numbers, `+ - * /`, brackets,
 * `apart(a, b)` for a relative difference, and measures: a name, in brackets what it is of, and behind `@` the mesh.
 */
import { parseMesh } from '../../mesh/mesh.ts';
import { paced } from '../board/pace.ts';
import { isLinkName } from '../share/links.ts';
import { isUnit, type Measure, measures, type Unit, units } from './measures.ts';
import { type Note, type Notebook, placeName } from './notebook.ts';

/** A measure as it is asked for. */
export interface Asked {
  readonly measure: Measure;
  readonly argument: string;
  /** As `placeName` has it; undefined: the mesh that is wanted now. */
  readonly place: string | undefined;
}

type Node =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'measure'; readonly asked: Asked }
  | {
      readonly kind: '+' | '-' | '*' | '/' | 'apart';
      readonly left: Node;
      readonly right: Node;
    };

/** A sum, and the unit that its number is shown in. */
export interface Measured {
  readonly sum: Node;
  readonly unit: Unit;
}

/** What a sum says that no number can be made of, for people. */
export class SumError extends Error {}

type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'sign'; readonly sign: string }
  | {
      readonly kind: 'name';
      readonly name: string;
      readonly argument: string | undefined;
      readonly place: string | undefined;
    };

const token =
  /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<name>[a-z]+(?:\.[a-z]+)?)(?:\[(?<argument>[^\]]*)\])?(?:@(?<place>[\w-]+))?|(?<sign>[-+*/(),]))\s*/y;

/** @throws SumError where it cannot be read */
export function readMeasured(text: string): Measured {
  const [, sumText, unitName] = /^(.*?)(?:\s+as\s+(\S+))?\s*$/s.exec(text) ?? ['', text, undefined];
  if (unitName !== undefined && !isUnit(unitName)) {
    throw new SumError(`there is no unit "${unitName}"; there are ${Object.keys(units).join(', ')}`);
  }
  const tokens = tokensOf(sumText);
  const sum = readSum(tokens);
  const [rest] = tokens;
  if (rest) throw new SumError(`"${sumText.trim()}" goes on with ${named(rest)} where it should end`);
  const own = sum.kind === 'measure' ? sum.asked.measure.unit : 'number';
  return { sum, unit: unitName === undefined ? own : (unitName as Unit) };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    const found = token.exec(text);
    if (!found?.groups) throw new SumError(`"${text.slice(at).trim()}" is no number, measure or sign`);
    at = token.lastIndex;
    const { number, name, argument, place, sign } = found.groups;
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (name !== undefined) tokens.push({ kind: 'name', name, argument, place });
    else tokens.push({ kind: 'sign', sign });
  }
  return tokens;
}

const named = (token: Token | undefined) => {
  if (!token) return 'nothing';
  if (token.kind === 'sign') return `"${token.sign}"`;
  return `"${token.kind === 'number' ? token.value : token.name}"`;
};

const signAt = ([first]: readonly Token[]) => (first?.kind === 'sign' ? first.sign : undefined);

function readSum(tokens: Token[]): Node {
  let left = readProduct(tokens);
  for (let sign = signAt(tokens); sign === '+' || sign === '-'; sign = signAt(tokens)) {
    tokens.shift();
    left = { kind: sign, left, right: readProduct(tokens) };
  }
  return left;
}

function readProduct(tokens: Token[]): Node {
  let left = readAtom(tokens);
  for (let sign = signAt(tokens); sign === '*' || sign === '/'; sign = signAt(tokens)) {
    tokens.shift();
    left = { kind: sign, left, right: readAtom(tokens) };
  }
  return left;
}

function readAtom(tokens: Token[]): Node {
  const first = tokens.shift();
  if (first?.kind === 'number') return first;
  if (first?.kind === 'name' && first.name === 'apart') {
    expectSign(tokens, '(');
    const left = readSum(tokens);
    expectSign(tokens, ',');
    const right = readSum(tokens);
    expectSign(tokens, ')');
    return { kind: 'apart', left, right };
  }
  if (first?.kind === 'name') return { kind: 'measure', asked: askedFor(first) };
  if (first?.kind === 'sign' && first.sign === '(') {
    const inner = readSum(tokens);
    expectSign(tokens, ')');
    return inner;
  }
  throw new SumError(`a number or a measure should stand where ${named(first)} is`);
}

function expectSign(tokens: Token[], sign: string): void {
  const found = tokens.shift();
  if (found?.kind !== 'sign' || found.sign !== sign)
    throw new SumError(`"${sign}" should stand where ${named(found)} is`);
}

function askedFor({ name, argument = '', place }: Extract<Token, { kind: 'name' }>): Asked {
  const measure = measures.get(name);
  if (!measure)
    throw new SumError(`there is no measure "${name}"; there are ${[...measures.keys()].join(', ')}`);
  if (measure.argument && !argument) {
    throw new SumError(`"${name}" needs ${argumentWords[measure.argument]} in square brackets behind it`);
  }
  if (!measure.argument && argument)
    throw new SumError(`"${name}" takes nothing in square brackets, not "${argument}"`);
  if (measure.argument === 'step' && !/^[1-9]\d*$/.test(argument))
    throw new SumError(`"${argument}" is no step: the first is 1`);
  return { measure, argument, place: place === undefined ? undefined : readPlace(place) };
}

const argumentWords = {
  step: 'a step',
  parameter: "a parameter's name",
  beginning: "the beginning of parameters' names",
  baseline: "a baseline's name, such as persistence,",
} as const;

function readPlace(text: string): string {
  const [shape, ...beside] = text.split('-');
  const [, cut, copies = '1'] = /^(\d+x\d+)(?:x(\d+))?$/.exec(shape) ?? [];
  const link = beside.find(isLinkName);
  const known = beside.every(word => word === 'waits' || word === 'recompute' || word === link);
  try {
    if (!known || cut === undefined) throw new RangeError(text);
    const mesh = { ...parseMesh(cut, Number(copies)), overlap: !beside.includes('waits') };
    return placeName(mesh, { link, recompute: beside.includes('recompute') });
  } catch {
    throw new SumError(
      `"${text}" is no mesh: write rows x columns such as 1x2, 1x1x2 for two copies, and behind it -waits, -recompute or a link such as -wifi`,
    );
  }
}

/** Every measure in it, once, in the order of the text. */
export function askedIn({ sum }: Measured): readonly Asked[] {
  const found = (node: Node): Asked[] => {
    if (node.kind === 'measure') return [node.asked];
    return node.kind === 'number' ? [] : [...found(node.left), ...found(node.right)];
  };
  const isSame = (a: Asked, b: Asked) =>
    a.measure === b.measure && a.argument === b.argument && a.place === b.place;
  return found(sum).filter((asked, i, all) => all.findIndex(other => isSame(asked, other)) === i);
}

export const valueOfAsked = ({ measure, argument, place }: Asked, { notes, now, pace }: Notebook) => {
  const own = notes.get(place ?? now);
  const of = (note: Note) => measure.of({ ...note, prediction: paced(note.prediction, pace) }, argument);
  const value = own && of(own);
  if (value !== undefined || !measure.isOfAll) return value;
  return [...notes.values()].map(of).find(other => other !== undefined);
};

/** Undefined until all that it asks for is measured. */
export function numberOf({ sum }: Measured, notebook: Notebook): number | undefined {
  const value = (node: Node): number | undefined => {
    if (node.kind === 'number') return node.value;
    if (node.kind === 'measure') return valueOfAsked(node.asked, notebook);
    const left = value(node.left);
    const right = value(node.right);
    return left === undefined || right === undefined ? undefined : combine[node.kind](left, right);
  };
  const found = value(sum);
  return found !== undefined && Number.isFinite(found) ? found : undefined;
}

const combine: Readonly<Record<'+' | '-' | '*' | '/' | 'apart', (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  apart: (a, b) => (a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b))),
};

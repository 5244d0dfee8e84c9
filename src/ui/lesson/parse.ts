/**
 * Reads a lesson's file, see docs/lessons.md: a head between lines of `---`, pages that begin with `## `, prose, and
 * directives in lines that begin with `:::`. What is wrong is said with its line, all of it at once.
 */
import { isWithin, runOptions } from '../../session/api/run-options.ts';
import { unusable } from '../address.ts';
import { readMeasured, SumError } from './expression.ts';
import type { Block, Choice, Fault, Inline, Lesson, LessonPage } from './format.ts';
import { isView, readLine, readProse } from './prose.ts';

/** A page fits beside the machine: about 150 words, and no more than this. */
export const mostWords = 220;

type Result = { readonly lesson: Lesson } | { readonly faults: readonly Fault[] };

export function readLesson(text: string): Result {
  const faults: Fault[] = [];
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const reader: Reader = {
    lines,
    at: 0,
    questions: 0,
    wrong: (line, message) => faults.push({ line: line + 1, message }),
  };
  const head = readHead(reader);
  const pages = readPages(reader);
  if (pages.length === 0) reader.wrong(reader.at, 'there is no page: begin one with "## " and its title');
  if (faults.length > 0) return { faults: faults.sort((a, b) => a.line - b.line) };
  return { lesson: { ...head, pages } };
}

interface Reader {
  readonly lines: readonly string[];
  /** The line that is read next, from 0. */
  at: number;
  /** How many there were so far. */
  questions: number;
  readonly wrong: (line: number, message: string) => void;
}

const headNames = ['number', 'title', 'minutes', 'needs'] as const;
type HeadName = (typeof headNames)[number];

function readHead(reader: Reader): Omit<Lesson, 'pages'> {
  const { lines, wrong } = reader;
  const found = new Map<HeadName, string>();
  const end = lines.indexOf('---', 1);
  if (lines[0] !== '---' || end < 0) {
    wrong(0, `a lesson begins with "---", lines of ${headNames.join(', ')}, and "---"`);
  } else {
    for (let at = 1; at < end; at++) {
      const [, name = '', value = ''] = /^(\w+):\s*(.*?)\s*$/.exec(lines[at]) ?? [];
      const known = headNames.find(each => each === name);
      if (!known)
        wrong(at, `"${lines[at]}" is not in the head of a lesson; there stand ${headNames.join(', ')}`);
      else if (found.has(known)) wrong(at, `"${known}" stands there twice`);
      else found.set(known, value);
    }
    for (const name of headNames) if (!found.get(name)) wrong(end, `the head does not say "${name}: ..."`);
    for (const name of ['number', 'minutes'] as const) {
      const value = found.get(name);
      if (value && !/^[1-9]\d*$/.test(value)) wrong(end, `"${name}: ${value}" is no whole number from 1`);
    }
    reader.at = end + 1;
  }
  return {
    number: Number(found.get('number')),
    title: found.get('title') ?? '',
    minutes: Number(found.get('minutes')),
    needs: found.get('needs') ?? '',
  };
}

function readPages(reader: Reader): LessonPage[] {
  const { lines, wrong } = reader;
  const pages: LessonPage[] = [];
  while (reader.at < lines.length) {
    const begun = reader.at;
    const line = lines[reader.at++];
    if (line.startsWith('## ')) {
      const blocks = readBlocks(reader);
      const isEmpty = lines.slice(begun + 1, reader.at).every(each => each.trim() === '');
      if (isEmpty) wrong(begun, `the page "${line.slice(3)}" is empty`);
      const words = lines
        .slice(begun + 1, reader.at)
        .join(' ')
        .split(/\s+/).length;
      if (words > mostWords)
        wrong(begun, `the page "${line.slice(3)}" has ${words} words; beside the machine fit ${mostWords}`);
      pages.push({ title: line.slice(3).trim(), blocks });
    } else if (line.trim() !== '') wrong(begun, 'this stands before the first page: begin one with "## "');
  }
  return pages;
}

/** Up to the next page. */
function readBlocks(reader: Reader): Block[] {
  const { lines, wrong } = reader;
  const blocks: Block[] = [];
  let prose: string[] = [];
  let begun = reader.at;
  const endProse = () => {
    blocks.push(...readProse(prose.join('\n'), (line, message) => wrong(begun + line, message)));
    prose = [];
  };
  while (reader.at < lines.length && !lines[reader.at].startsWith('## ')) {
    const line = lines[reader.at];
    if (line.startsWith(':::')) {
      endProse();
      const block = readDirective(reader);
      if (block) blocks.push(block);
      begun = reader.at;
    } else {
      prose.push(line);
      reader.at++;
    }
  }
  endProse();
  return blocks;
}

/** @returns undefined where it is wrong */
function readDirective(reader: Reader): Block | undefined {
  const at = reader.at++;
  const wrong = (message: string) => {
    reader.wrong(at, message);
    return undefined;
  };
  const [, name = '', rest = ''] = /^:::\s*(\w*)\s*(.*?)\s*$/.exec(reader.lines[at]) ?? [];
  switch (name) {
    case 'do':
      return readDo(rest, wrong);
    case 'run':
      return readRun(rest, wrong);
    case 'ask':
      return readQuestion(reader, rest, wrong);
    case '':
      return wrong('":::" ends nothing here');
    default:
      return wrong(`there is no ":::${name}"; there are :::do, :::run and :::ask`);
  }
}

type Refuse = (message: string) => undefined;

function readDo(rest: string, wrong: Refuse): Block | undefined {
  const [label, address, ...more] = rest.split('|').map(part => part.trim());
  if (!label || !address || more.length > 0) {
    return wrong('write ":::do LABEL | ADDRESS", such as ":::do Cut it in two | ?mesh=1x2"');
  }
  if (address.startsWith('#')) {
    return isView(address)
      ? { kind: 'go', label, hash: address }
      : wrong(`"${address}" is no view of the page`);
  }
  if (!address.startsWith('?')) {
    return wrong(`"${address}" is no address: settings begin with "?", views with "#/"`);
  }
  const [first] = unusable(address);
  return first === undefined
    ? { kind: 'set', label, search: address }
    : wrong(`"${first}" in "${address}" is no setting that the page takes from an address`);
}

function readRun(rest: string, wrong: Refuse): Block | undefined {
  const [, number = '', label = ''] = /^steps=(\S+)\s*(?:\|\s*(.*))?$/.exec(rest) ?? [];
  const steps = Number(number || Number.NaN);
  if (!isWithin(runOptions.steps, steps)) {
    return wrong(
      'write ":::run steps=10", with a whole number of steps from 1, and behind "|" a label if you like',
    );
  }
  return { kind: 'run', steps, label: label || (steps === 1 ? 'Train 1 step' : `Train ${steps} steps`) };
}

/** `:::ask TEXT`, `answer: SUM`, lines of `- LABEL | below NUMBER`, `why: TEXT`, `:::` */
function readQuestion(reader: Reader, text: string, wrong: Refuse): Block | undefined {
  const { lines } = reader;
  const end = lines.findIndex(
    (line, at) => at >= reader.at && (/^:::\s*$/.test(line) || line.startsWith('## ')),
  );
  if (end < 0 || lines[end].startsWith('## ')) return wrong('the question has no end: close it with ":::"');
  const begun = reader.at;
  reader.at = end + 1;
  if (!text) return wrong('the question asks nothing: write it behind ":::ask"');
  const choices: Choice[] = [];
  let answer: ReturnType<typeof readMeasured> | undefined;
  let why: Inline[] = [];
  let isRight = true;
  for (let at = begun; at < end; at++) {
    const say = (message: string) => {
      reader.wrong(at, message);
      isRight = false;
    };
    const line = lines[at].trim();
    if (line === '') continue;
    if (line.startsWith('answer:')) answer = readAnswer(line.slice('answer:'.length), say);
    else if (line.startsWith('why:')) why = readLine(line.slice('why:'.length).trim(), say);
    else if (line.startsWith('- ')) choices.push(readChoice(line.slice(2), choices, say));
    else
      say(
        `"${line}" does not belong in a question: there stand "answer:", "- CHOICE | below NUMBER" and "why:"`,
      );
  }
  if (!isRight) return undefined;
  if (!answer) return wrong('the question has no "answer:": say what the run measures');
  if (choices.length < 2)
    return wrong('the question has fewer than two choices, lines of "- CHOICE | below NUMBER"');
  if (choices.at(-1)?.below !== undefined)
    return wrong('the last choice must have no "below", so that every number is one of them');
  if (why.length === 0) return wrong('the question has no "why:": say why the answer is what it is');
  return { kind: 'ask', number: reader.questions++, text, answer, choices, why };
}

function readAnswer(text: string, say: (message: string) => void) {
  try {
    return readMeasured(text.trim());
  } catch (cause) {
    if (!(cause instanceof SumError)) throw cause;
    say(cause.message);
    return undefined;
  }
}

function readChoice(text: string, before: readonly Choice[], say: (message: string) => void): Choice {
  const [label, limit, ...more] = text.split('|').map(part => part.trim());
  const below =
    limit === undefined ? undefined : Number(/^below (-?\d+(?:\.\d+)?)$/.exec(limit)?.[1] ?? Number.NaN);
  if (!label || more.length > 0 || Number.isNaN(below)) {
    say('write "- CHOICE | below NUMBER", and the last one "- CHOICE"');
  }
  const last = before.at(-1);
  if (last && last.below === undefined)
    say(`"${last.label}" takes all that is left, so nothing can stand behind it`);
  else if (last?.below !== undefined && below !== undefined && below <= last.below) {
    say(`${below} is not more than ${last.below}, where the choice before ends: put them in order`);
  }
  return { label, below };
}

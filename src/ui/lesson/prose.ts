/** Prose of a lesson, from Markdown to what a page may show: paragraphs, lists, and words that name things. No HTML. */
import { lexer, type Token, type Tokens } from 'marked';
import type { ThingId } from '../cursor.ts';
import { routeOf } from '../shell/route.ts';
import { readMeasured, SumError } from './expression.ts';
import type { Block, Inline } from './format.ts';

/** @param wrong told of what cannot be shown, by the line in `text`, from 0 */
export function readProse(text: string, wrong: (line: number, message: string) => void): Block[] {
  const blocks: Block[] = [];
  let line = 0;
  for (const token of lexer(text)) {
    const at = line + leadingLines(token.raw);
    const say = (message: string) => wrong(at, message);
    if (token.type === 'paragraph') {
      blocks.push({ kind: 'paragraph', parts: inlines((token as Tokens.Paragraph).tokens, say) });
    } else if (token.type === 'list') {
      const { items } = token as Tokens.List;
      blocks.push({ kind: 'list', items: items.map(({ tokens }) => inlines(tokens, say)) });
    } else if (token.type !== 'space' && token.type !== 'def') {
      say(`${kindWords[token.type] ?? token.type} cannot stand in a lesson`);
    }
    line += token.raw.split('\n').length - 1;
  }
  return blocks;
}

const leadingLines = (raw: string) => /^\n*/.exec(raw)?.[0].length ?? 0;

/** A line of prose. */
export function readLine(text: string, wrong: (message: string) => void): Inline[] {
  return readProse(text, (_, message) => wrong(message)).flatMap(block =>
    block.kind === 'paragraph' ? block.parts : [],
  );
}

const kindWords: Readonly<Record<string, string>> = {
  html: 'HTML',
  image: 'an image',
  heading: 'a heading other than ##, which begins a page,',
  code: 'a block of code',
  table: 'a table',
  blockquote: 'a quotation',
  hr: 'a rule',
  del: 'crossed-out text',
};

function inlines(tokens: readonly Token[] | undefined, wrong: (message: string) => void): Inline[] {
  return (tokens ?? []).flatMap((token): Inline[] => {
    switch (token.type) {
      case 'text':
      case 'escape':
      case 'paragraph': {
        const { tokens: inner, text } = token as Tokens.Text;
        return inner ? inlines(inner, wrong) : numbersIn(text, wrong);
      }
      case 'strong':
      case 'em':
        return [{ kind: token.type, parts: inlines(token.tokens, wrong) }];
      case 'codespan':
        return [{ kind: 'code', text: (token as Tokens.Codespan).text }];
      case 'br':
        return [{ kind: 'text', text: ' ' }];
      case 'link': {
        const { href, tokens: inner } = token as Tokens.Link;
        return linkTo(href, inlines(inner, wrong), wrong);
      }
      default:
        wrong(`${kindWords[token.type] ?? token.type} cannot stand in a lesson: "${token.raw.trim()}"`);
        return [];
    }
  });
}

const isThing = (text: string): text is ThingId => /^[wrxsl]:[\w.-]+$/.test(text);

function linkTo(address: string, parts: readonly Inline[], wrong: (message: string) => void): Inline[] {
  if (isThing(address)) return [{ kind: 'thing', id: address, parts }];
  if (isView(address) || /^https:\/\//.test(address)) return [{ kind: 'link', address, parts }];
  wrong(
    `"${address}" names nothing: write w:PARAMETER, r:RANK, x:EXCHANGE, s:STEP, l:LAYER, #/VIEW or https://...`,
  );
  return [];
}

/** The address of a view that there is. */
export const isView = (hash: string) =>
  hash.startsWith('#/') && (hash === '#/' || routeOf(hash).view !== 'home');

/** Text with numbers of the run in it: `{memory@1x1}`. */
function numbersIn(text: string, wrong: (message: string) => void): Inline[] {
  return text.split(/(\{[^}]*\})/).flatMap((part): Inline[] => {
    if (part === '') return [];
    if (!part.startsWith('{') || !part.endsWith('}')) return [{ kind: 'text', text: part }];
    try {
      return [{ kind: 'measured', value: readMeasured(part.slice(1, -1)) }];
    } catch (cause) {
      if (!(cause instanceof SumError)) throw cause;
      wrong(`in ${part}: ${cause.message}`);
      return [];
    }
  });
}

/** A lesson as it is read from its file: pages of prose, buttons and questions. See docs/lessons.md. */
import type { ThingId } from '../cursor.ts';
import type { Measured } from './expression.ts';

export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em'; readonly parts: readonly Inline[] }
  /** Words that name a thing, and light it up while they are pointed at. */
  | { readonly kind: 'thing'; readonly id: ThingId; readonly parts: readonly Inline[] }
  | { readonly kind: 'link'; readonly address: string; readonly parts: readonly Inline[] }
  /** A number that the run gives. */
  | { readonly kind: 'measured'; readonly value: Measured };

export interface Choice {
  readonly label: string;
  /** It is the answer where the number is below this, and not below that of the choice before; the last one has none. */
  readonly below: number | undefined;
}

export interface Question {
  readonly kind: 'ask';
  /** Its place among the questions of the lesson, from 0. */
  readonly number: number;
  readonly text: string;
  readonly answer: Measured;
  readonly choices: readonly Choice[];
  readonly why: readonly Inline[];
}

export type Block =
  | { readonly kind: 'paragraph'; readonly parts: readonly Inline[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Inline[])[] }
  /** A button that changes settings: the part of an address behind `?`. */
  | { readonly kind: 'set'; readonly label: string; readonly search: string }
  /** A button that leads to a view: the part of an address from `#` on. */
  | { readonly kind: 'go'; readonly label: string; readonly hash: string }
  /** A button that trains so many steps. */
  | { readonly kind: 'run'; readonly label: string; readonly steps: number }
  | Question;

export interface LessonPage {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Lesson {
  readonly number: number;
  readonly title: string;
  readonly minutes: number;
  /** What the reader must have, for people. */
  readonly needs: string;
  readonly pages: readonly LessonPage[];
}

/** What is wrong with a lesson's text, and where. */
export interface Fault {
  /** Of the file, from 1. */
  readonly line: number;
  readonly message: string;
}

/** Which choice a number makes right. */
export function rightChoice({ choices }: Question, value: number): number {
  const found = choices.findIndex(({ below }) => below !== undefined && value < below);
  return found < 0 ? choices.length - 1 : found;
}

export const questionsOf = ({ pages }: Lesson): readonly Question[] =>
  pages.flatMap(({ blocks }) => blocks.filter(block => block.kind === 'ask'));

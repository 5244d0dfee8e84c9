/** The lessons of this build, in their order. */
import type { Lesson } from './format.ts';
import { readLesson } from './parse.ts';

const texts = import.meta.glob<string>('./texts/*.md', { query: '?raw', import: 'default', eager: true });

/** @throws Error where one is wrong: the check of lessons would have said so */
export const lessons: readonly Lesson[] = Object.entries(texts)
  .map(([name, text]) => {
    const result = readLesson(text);
    if ('lesson' in result) return result.lesson;
    const [{ line, message }] = result.faults;
    throw new Error(`${name}, line ${line}: ${message}`);
  })
  .sort((a, b) => a.number - b.number);

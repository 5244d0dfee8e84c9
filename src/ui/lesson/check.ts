/** What the check of a lesson's file says, for the terminal. */
import { questionsOf } from './format.ts';
import { readLesson } from './parse.ts';

/** @param file its name, for the words */
export function checkLesson(
  file: string,
  text: string,
): { readonly lines: string[]; readonly isRight: boolean } {
  const result = readLesson(text);
  if ('faults' in result) {
    return { lines: result.faults.map(({ line, message }) => `${file}:${line}: ${message}`), isRight: false };
  }
  const { number, title, pages } = result.lesson;
  const questions = questionsOf(result.lesson).length;
  return {
    lines: [
      `${file}: lesson ${number}, "${title}", ${pages.length} pages, ${questions} questions: all right`,
    ],
    isRight: true,
  };
}

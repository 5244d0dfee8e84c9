/**
 * The forms of products that were measured to be the fastest on the adapters of this machine, in a file of the user's
 * cache: the terminal's browser keeps nothing beyond a run, and every run is to use the same ones.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FormsByAdapter, joinedByAdapter, readForms } from '../session/api/kept-forms.ts';
import { cacheFolder } from './cache-folder.ts';
import { replaceFile } from './output-folder.ts';

export const formsFile = (env = process.env, platform = process.platform): string =>
  join(cacheFolder(env, platform), 'forms.json');

/** Nothing where there is no file, or none of ours. @throws Error naming the file */
export async function readFormsFile(path: string): Promise<FormsByAdapter> {
  if (!existsSync(path)) return {};
  try {
    return readForms(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${(error as Error).message}): which kernels are fastest is measured anew.`,
    );
  }
}

/** Adds what the file does not have: another run may have written meanwhile. @throws Error naming the file */
export async function addToFormsFile(path: string, forms: FormsByAdapter): Promise<void> {
  const before = await readFormsFile(path).catch(() => ({}));
  const text = textOf(joinedByAdapter(before, forms));
  if (text === textOf(before)) return;
  try {
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, text);
  } catch (error) {
    throw new Error(
      `Which kernels are fastest could not be kept in ${path} (${(error as Error).message}): it is measured again in ` +
        'the next run.',
    );
  }
}

const textOf = (forms: FormsByAdapter) => `${JSON.stringify(forms, null, 2)}\n`;

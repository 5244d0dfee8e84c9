/** Measured forms of products in a file, by the adapter that they were measured on: the same ones in every run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { MeasuredForms } from '../../src/engine/form-choice.ts';

type Kept = Readonly<Record<string, MeasuredForms>>;

const all = (file: string): Kept => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

/** @returns none where the file has none of this adapter */
export const readForms = (file: string, adapter: string): MeasuredForms => all(file)[adapter] ?? [];

export function keepForms(file: string, adapter: string, forms: MeasuredForms): void {
  writeFileSync(file, `${JSON.stringify({ ...all(file), [adapter]: forms }, null, 2)}\n`);
}

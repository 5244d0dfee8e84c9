/**
 * The contract between the terminal (Node) and its headless page: `SessionApi` with what Playwright cannot carry, or
 * should not, taken out. Data and checkpoints go over HTTP, so that a gigabyte is never a base64 string; failures are
 * answers.
 */

import type { Emulation } from '../crew/api.ts';
import type { StepWork } from '../energy/elsewhere.ts';
import type { MeshShape } from '../mesh/mesh.ts';
import type {
  ForecastRequest,
  HashedPlan,
  RunError,
  RunEvent,
  RunInfo,
  RunResult,
  RunStatus,
  SavedForecasts,
  View,
  ViewChoice,
} from '../session/api/api.ts';
import type { EmbeddedChoice, FieldsWithoutValues } from '../session/api/graduation.ts';
import type { FormsByAdapter } from '../session/api/kept-forms.ts';
import type { MeshConfig, RunConfig } from '../session/api/run-config.ts';

/** What of a plan is needed to read a trace. */
export type KnownPlan = Pick<HashedPlan, 'hash' | 'steps'>;

/** What the host's page puts on `window.isobar`. */
export interface PageRun {
  hasAdapter(): Promise<boolean>;
  /** Opens a room for pages of this browser, which lets in whoever comes; resolves with the invitation. */
  openRoom(): Promise<string>;
  /** Seats the ranks of a mesh: one with each guest, the others in this page, linked over a network like `link`. */
  assemble(mesh: MeshShape, link?: Emulation): Promise<void>;
  /**
   * The data of the config are addresses on the local server.
   *
   * @param checkpoint address of that which is imported next
   */
  prepare(config: RunConfig, checkpoint?: string): Promise<RunInfo>;
  /** Both as in `SessionApi`: between the page, which is gone after the run, and a file. */
  keptForms(): Promise<FormsByAdapter>;
  keepForms(forms: FormsByAdapter): Promise<void>;
  train(): Promise<RunStatus>;
  pause(): Promise<void>;
  /** Goes on from the last checkpoint with the ranks that `assemble` seated; resolves with its step. */
  regroup(mesh: MeshConfig): Promise<number>;
  /** The steps of all plans of the run, with their hashes. */
  plans(ranks: number): Promise<readonly KnownPlan[]>;
  /** Of a training step of `passes`, by rank. */
  work(ranks: number, passes: number): Promise<readonly StepWork[]>;
  result(): Promise<RunResult>;
  /** As in `SessionApi`. */
  view(name: string, choice: ViewChoice): Promise<View>;
  /** Computes the embedded atmosphere, as a run here has it, and sends its values with PUT; resolves with the rest of it. */
  embeddedFields(choice: EmbeddedChoice, url: string): Promise<FieldsWithoutValues>;
  /** Fetches a checkpoint and restores it; resolves with its step. */
  importCheckpoint(url: string): Promise<number>;
  /** Sends the checkpoint with PUT; resolves with its step once the server has kept it. */
  exportCheckpoint(url: string): Promise<number>;
  /**
   * Forecasts by the model of a checkpoint: see `SessionApi`.
   *
   * @param checkpoint its address
   * @param files below which parts of files are sent with PUT
   */
  forecast(
    config: RunConfig,
    checkpoint: string,
    request: ForecastRequest,
    files: string,
  ): Promise<SavedForecasts>;
}

/** What a call comes to, as data: of an exception only a text would arrive, among Playwright's words. */
export type Answer<T> = { readonly value: T } | { readonly failure: RunError };

/** The same calls, whose promises never reject. */
export type Answering<Api> = {
  [Name in keyof Api]: Api[Name] extends (...given: infer Given) => Promise<infer T>
    ? (...given: Given) => Promise<Answer<T>>
    : never;
};

/** A call that the page could not carry out. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly failure: RunError;

  constructor(failure: RunError) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The value of an answer from the page. @throws PageError */
export async function answerOf<T>(asked: Promise<Answer<T>>): Promise<T> {
  const answer = await asked;
  if ('failure' in answer) throw new PageError(answer.failure);
  return answer.value;
}

declare global {
  interface Window {
    isobar: Answering<PageRun>;
    /** Of a guest's page: when the host has let it in, or has not. */
    isobarAdmission: Promise<Answer<void>>;
    /** Put there by Playwright before the page loads. Resolves when Node has heard of it. */
    isobarEvent(event: RunEvent): Promise<void>;
  }
}

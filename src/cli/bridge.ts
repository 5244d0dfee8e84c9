/**
 * The contract between the terminal (Node) and its headless page: `SessionApi` with what Playwright cannot carry, or
 * should not, taken out. Files and checkpoints go over HTTP, so that a gigabyte is never a base64 string.
 */
import type { ForecastMap, RunConfig, RunEvent, RunInfo, RunResult, RunStatus } from '../session/api.ts';

/** A `RunConfig` whose files are addresses on the local server. */
export type PageConfig = Omit<RunConfig, 'data'> & {
  readonly data:
    | Extract<RunConfig['data'], { kind: 'embedded' }>
    | { readonly kind: 'files'; readonly files: readonly { readonly name: string; readonly url: string }[] };
};

/** What the page puts on `window.isobar`. */
export interface PageRun {
  hasAdapter(): Promise<boolean>;
  prepare(config: PageConfig): Promise<RunInfo>;
  train(): Promise<RunStatus>;
  pause(): Promise<void>;
  result(): Promise<RunResult>;
  forecast(sample: number, channel: number, leadSteps: number): Promise<ForecastMap>;
  /** Fetches a checkpoint and restores it; resolves with its step. */
  importCheckpoint(url: string): Promise<number>;
  /** Sends the checkpoint with PUT; resolves once the server has kept it. */
  exportCheckpoint(url: string): Promise<void>;
}

declare global {
  interface Window {
    isobar: PageRun;
    /** Put there by Playwright before the page loads. */
    isobarEvent(event: RunEvent): void;
  }
}

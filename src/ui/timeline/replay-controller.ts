/** Moves the cursor through the recorded step, frame by frame, so that all views of it light up what was computed then. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Cursor } from '../cursor.ts';
import type { StepReading } from './reading.ts';
import { createReplay, type Replay } from './replay.ts';

export interface Replayed {
  readonly cursor: Cursor | undefined;
  /** The step that is replayed; a newer one takes its place as it goes. */
  readonly reading: StepReading | undefined;
  /** It begins again. */
  readonly onAgain?: () => void;
}

/** Which replay moves a cursor: there is one at a time. */
const playing = new WeakMap<Cursor, ReplayController>();

export class ReplayController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #replayed: () => Replayed;
  #replay: Replay | undefined;
  #wallMs = 0;
  #frame: number | undefined;

  constructor(host: ReactiveControllerHost, replayed: () => Replayed) {
    this.#host = host;
    this.#replayed = replayed;
    host.addController(this);
  }

  get isPlaying(): boolean {
    return this.#replay?.isPlaying() ?? false;
  }

  /** How many times slower than it was; undefined as long as nothing is replayed. */
  get slowdown(): number | undefined {
    return this.#replay?.slowdown;
  }

  hostDisconnected(): void {
    this.stop();
  }

  toggle(): void {
    if (this.isPlaying) this.stop();
    else this.play();
  }

  /** The cursor stays where it is. */
  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#replay?.pause(performance.now());
    this.#host.requestUpdate();
  }

  play(): void {
    const { reading, cursor } = this.#replayed();
    if (!reading || !cursor) return;
    const other = playing.get(cursor);
    if (other !== this) other?.stop();
    playing.set(cursor, this);
    this.#begin(reading, cursor.state().at ?? 0);
    this.#host.requestUpdate();
    const tick = () => {
      const { reading: newest, cursor } = this.#replayed();
      if (!newest || !cursor || !this.#replay) {
        this.stop();
        return;
      }
      const at = Math.min(this.#replay.at(performance.now()), newest.lanes.wallMs);
      if (at < (cursor.state().at ?? 0)) this.#again();
      cursor.set({ at });
      this.#frame = requestAnimationFrame(tick);
    };
    tick();
  }

  /** From its beginning, as slow as the step that is there by now takes. */
  #again(): void {
    this.#replayed().onAgain?.();
    const { reading } = this.#replayed();
    if (!reading || reading.lanes.wallMs === this.#wallMs) return;
    this.#begin(reading, 0);
    this.#host.requestUpdate();
  }

  #begin(reading: StepReading, at: number): void {
    const now = performance.now();
    this.#wallMs = reading.lanes.wallMs;
    this.#replay = replayOf(reading);
    this.#replay.seek(at, now);
    this.#replay.play(now);
  }
}

function replayOf({ lanes }: StepReading): Replay {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const begins = () =>
    lanes.ranks.flatMap(({ spans }) => spans.map(({ begun }) => begun)).sort((a, b) => a - b);
  return createReplay({ wallMs: lanes.wallMs, ...(calm ? { moments: begins() } : {}) });
}

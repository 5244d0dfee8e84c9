/** What the terminal shows while a run goes on: one line rewritten in place, or plain lines now and then in a log. */
import { rangeText } from '../show/energy-words.ts';
import { duration } from '../show/format.ts';
import type { EnergyStamp } from '../show/run-meter.ts';

/** The part of `process.stderr` that is needed. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** Work before training: reading data, computing the atmosphere. `fraction` from 0 to 1. */
  stage(name: string, fraction: number): void;
  training(state: TrainingState): void;
  /** A line that stays, above the bar. */
  note(text: string): void;
  /** Ends the line in place. */
  finish(): void;
}

export interface TrainingState {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
  readonly energy?: EnergyStamp;
}

const cells = 24;
const clearLine = '\r\x1b[K';

/** In a log, a line is written for every so much of a stage. */
const logFraction = 0.1;

export function progressBar(terminal: Terminal): ProgressBar {
  let line = '';
  let stage = '';
  let loggedPart = -1;

  const show = (name: string, fraction: number, text: string) => {
    if (terminal.isTTY) {
      line = text.slice(0, (terminal.columns ?? 80) - 1);
      terminal.write(clearLine + line);
      return;
    }
    const part = Math.floor(fraction / logFraction + 1e-9);
    if (name === stage && part <= loggedPart) return;
    stage = name;
    loggedPart = part;
    terminal.write(`${text}\n`);
  };

  return {
    stage: (name, fraction) => show(name, fraction, `${bar(fraction)} ${percent(fraction)}  ${name}`),
    training: state => {
      const fraction = state.steps > 0 ? state.step / state.steps : 1;
      show('training', fraction, `${bar(fraction)} ${percent(fraction)}  ${describe(state)}`);
    },
    note: text => {
      terminal.write(terminal.isTTY ? `${clearLine}${text}\n${line}` : `${text}\n`);
    },
    finish: () => {
      if (terminal.isTTY && line !== '') terminal.write('\n');
      line = '';
    },
  };
}

function describe({ step, steps, loss, samplesPerSecond, secondsLeft, energy }: TrainingState): string {
  const left = duration(secondsLeft);
  const parts = [
    `step ${step}/${steps}`,
    `loss ${loss.toPrecision(4)}`,
    `${samplesPerSecond.toPrecision(3)} samples/s`,
    ...(left === '' ? [] : [`${left} left`]),
    ...(energy ? [rangeText(energy.watts, 'W'), rangeText(energy.wattHours, 'Wh')] : []),
  ];
  return parts.join('  ');
}

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells);
  return '█'.repeat(full) + '░'.repeat(cells - full);
}

const percent = (fraction: number) => `${Math.floor(100 * fraction + 1e-9)}%`.padStart(4);

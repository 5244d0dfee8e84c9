/** The graphics device of a session or a rank: opened at first use, kept, and opened again after it was lost. */
import type { Gpu } from '../gpu/device.ts';
import { PipelineCache } from '../gpu/pipelines.ts';

export interface OpenDevice {
  readonly gpu: Gpu;
  readonly pipelines: PipelineCache;
}

export interface DeviceListeners {
  /** A fault in a command, which would otherwise pass in silence: the model would not train. */
  readonly onRefused: (message: string) => void;
  /** Not told of a device that was closed on purpose. The message may be empty. */
  readonly onLost: (message: string) => void;
}

export class SessionDevice {
  readonly #openGpu: () => Promise<Gpu>;
  readonly #listeners: DeviceListeners;
  #opened: Promise<OpenDevice> | undefined;

  constructor(openGpu: () => Promise<Gpu>, listeners: DeviceListeners) {
    this.#openGpu = openGpu;
    this.#listeners = listeners;
  }

  open(): Promise<OpenDevice> {
    if (this.#opened) return this.#opened;
    const opened = this.#openGpu().then(gpu => ({ gpu, pipelines: new PipelineCache(gpu.device) }));
    this.#opened = opened;
    const forget = () => {
      if (this.#opened !== opened) return false;
      this.#opened = undefined;
      return true;
    };
    opened.then(({ gpu: { device } }) => {
      device.addEventListener('uncapturederror', ({ error }) => this.#listeners.onRefused(error.message));
      void device.lost.then(({ message }) => {
        if (forget()) this.#listeners.onLost(message);
      });
      // The next call tries again.
    }, forget);
    return opened;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    (await opened)?.gpu.device.destroy();
  }
}

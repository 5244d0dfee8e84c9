/** Forms of products as they were measured on the device of a session: given to who asks, and joined with those of others. */
import type { Tuning } from '../parallel/tuning.ts';
import { type FormsByAdapter, formsOn, joinedForms } from '../train/measured-forms.ts';
import type { SessionDevice } from './session-device.ts';

export class FormKeeper {
  readonly #device: SessionDevice;
  readonly #tuning: Tuning;

  constructor(device: SessionDevice, tuning: Tuning) {
    this.#device = device;
    this.#tuning = tuning;
  }

  /** Nothing where none are measured. */
  async kept(): Promise<FormsByAdapter> {
    return (await this.#tunes()) ? this.#tuning.store.read() : {};
  }

  /** @param forms as another page or a file has them. @throws Error where they are none */
  async keep(forms: unknown): Promise<void> {
    if (!(await this.#tunes())) return;
    const { store } = this.#tuning;
    const { readForms } = await import('../train/read-forms.ts');
    for (const [adapter, own] of Object.entries(readForms(forms))) {
      await store.alone(adapter, async () => {
        await store.write(adapter, joinedForms(formsOn(adapter, await store.read()), own));
      });
    }
  }

  /** Whether it is measured which forms are fastest: a software adapter's are fixed. */
  async #tunes(): Promise<boolean> {
    const { gpu } = await this.#device.open();
    return this.#tuning.candidatesFor(gpu) !== undefined;
  }
}

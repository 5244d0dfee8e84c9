/**
 * Power of a processor's packages, from the energy that Linux counts (`/sys/class/powercap`, of Intel and AMD alike).
 * Counters start again from 0 at the end of their range. Most systems let only root read them.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const powercapFolder = '/sys/class/powercap';

interface Counter {
  readonly path: string;
  /** µJ. */
  readonly range: number;
}

/** µJ of every package, at one time. */
export type PackageEnergy = readonly number[];

export class Rapl {
  readonly #counters: readonly Counter[];
  #last: { readonly energy: PackageEnergy; readonly at: number } | undefined;

  private constructor(counters: readonly Counter[]) {
    this.#counters = counters;
  }

  /**
   * @param folder of the powercap classes; another one in tests
   * @throws Error that says why there is nothing to read
   */
  static async open(folder: string = powercapFolder): Promise<Rapl> {
    const zones = await readdir(folder).catch(() => {
      throw new Error(`this system has no ${folder}`);
    });
    const counters: Counter[] = [];
    for (const zone of zones.filter(name => /^intel-rapl:\d+$/.test(name)).sort()) {
      const path = join(folder, zone);
      const name = await readFile(join(path, 'name'), 'utf8').catch(() => '');
      if (!name.startsWith('package')) continue;
      const range = Number(await readFile(join(path, 'max_energy_range_uj'), 'utf8').catch(() => 'none'));
      counters.push({ path: join(path, 'energy_uj'), range });
    }
    if (counters.length === 0) throw new Error(`${folder} counts no processor package`);
    const rapl = new Rapl(counters);
    await rapl.#energy();
    return rapl;
  }

  /**
   * Mean W of all packages since the call before.
   *
   * @param now ms, of a clock that only goes on
   * @returns undefined the first time, and where the time between is none
   */
  async watts(now: number): Promise<number | undefined> {
    const energy = await this.#energy();
    const last = this.#last;
    this.#last = { energy, at: now };
    if (!last || now <= last.at) return undefined;
    const joules = energy.map((uj, i) => {
      const more = uj - last.energy[i];
      return (more >= 0 ? more : more + this.#counters[i].range) / 1e6;
    });
    const watts = (1000 * joules.reduce((sum, j) => sum + j, 0)) / (now - last.at);
    return Number.isFinite(watts) && watts >= 0 ? watts : undefined;
  }

  async #energy(): Promise<PackageEnergy> {
    return Promise.all(
      this.#counters.map(async ({ path }) => {
        const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new Error(
            error.code === 'EACCES'
              ? `only root may read ${path}; "sudo chmod a+r ${path}" allows it until the next start`
              : `${path} cannot be read (${error.code})`,
          );
        });
        return Number(text);
      }),
    );
  }
}

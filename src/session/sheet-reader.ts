/** Reads data sheets for whoever shows them, in a worker of its own: never in the way of the one that trains. */
import type { FieldsChoice } from '../data/choice/choice.ts';
import { ConfigError } from '../models/model.ts';
import type { SheetReading } from '../tasks/forecast/data-sheet.ts';
import { isForecast } from '../tasks/forecast/sample-options.ts';
import type { MeshConfig, RunConfig } from './api/run-config.ts';
import { settingsOf } from './api/settings.ts';

/** What a sheet is asked of. */
export interface SheetOrder extends Pick<RunConfig, 'preset' | 'overrides'> {
  readonly data: FieldsChoice;
  /** The ranks that would share the data. */
  readonly mesh: Pick<MeshConfig, 'rows' | 'columns'>;
  /** Bytes of fields in memory: of data that have more a sample is read. */
  readonly most?: number;
}

/** All can be structured-cloned; pass `told` as a `comlink.proxy`. */
export interface SheetsApi {
  /** @param told hears what has been found while the rest is read */
  read(order: SheetOrder, told: (reading: SheetReading) => void): Promise<SheetReading>;
}

export const sheetReader: SheetsApi = {
  async read({ data, preset, overrides, mesh, most }, told) {
    const { task } = settingsOf({ preset, overrides, steps: 1, seed: 0 });
    if (!isForecast(task.options)) throw new ConfigError('The data sheet is of fields, not of images.');
    // Loaded on demand: a worker that trains reads no sheets.
    const { dataSheet } = await import('../tasks/forecast/data-sheet.ts');
    return dataSheet(data, task.options, mesh, { most, told });
  },
};

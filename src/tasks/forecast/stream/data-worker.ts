/** The worker in which data are read while a model trains: see `data-reader.ts`. */
import { expose, transfer } from 'comlink';
import { createDataReader, type DataReader } from './data-reader.ts';

const reader = createDataReader();

const sent: DataReader = {
  ...reader,
  async sample(time) {
    const read = await reader.sample(time);
    const { input, target, mask } = read;
    return transfer(read, [input.buffer, target.buffer, ...(mask ? [mask.buffer] : [])]);
  },
  async states(order, records) {
    const read = await reader.states(order, records);
    return transfer(
      read,
      [...new Set(read.states)].map(({ buffer }) => buffer),
    );
  },
};

expose(sent);

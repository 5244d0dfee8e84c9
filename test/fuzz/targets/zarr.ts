/** Zarr stores whose metadata, of either version, say something else; now and then a chunk of a coordinate does. */

import { readZarr, wholeBox } from '../../../src/data/zarr/read.ts';
import { describeSplit } from '../../../src/data/zarr/split.ts';
import { openZarr } from '../../../src/data/zarr/store.ts';
import { DataError } from '../../../src/io/data-error.ts';
import { writeZarr, type ZarrFixture } from '../../node/data/write-zarr.ts';
import { weatherStore } from '../../node/data/zarr-fixture.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { encode, type Input, type Target } from '../target.ts';

const stores: readonly ZarrFixture[] = [
  weatherStore(2),
  weatherStore(2, {}, { consolidated: false }),
  weatherStore(3),
  weatherStore(3, {}, { consolidated: false }),
  weatherStore(3, { time: 4, level: 3 }, { shards: [2, 3, 1, 1], consolidated: false }),
];

const isMetadata = (path: string) => /(^|\/)(\.z\w+|zarr\.json)$/.test(path);
/** What is read where a store is opened. */
const isCoordinate = (path: string) => /^(time|level|latitude|longitude)\/(c\/)?\d/.test(path);

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export const zarrTarget: Target = {
  name: 'zarr',
  about: 'metadata and coordinates of Zarr stores of versions 2 and 3, up to the data set',
  allows: error => error instanceof DataError,
  corpus: () => Promise.all(stores.map(store => writeZarr(store))),
  mutate(input, random, corpus) {
    const files = new Map(input);
    for (let left = 1 + random.below(2); left > 0; left--) {
      const paths = [...files.keys()].filter(random.chance(0.85) ? isMetadata : isCoordinate);
      if (paths.length === 0) return files;
      const path = random.pick(paths);
      const bytes = files.get(path)!;
      const others = [...random.pick(corpus)].flatMap(([other, value]) =>
        isMetadata(other) ? decode(value) : [],
      );
      if (random.chance(0.03)) files.delete(path);
      else if (isMetadata(path) && bytes === input.get(path))
        files.set(path, encode(mutateJson(decode(bytes), random, others)));
      else files.set(path, mutateBytes(bytes, random, { others: [], littleEndian: true }));
    }
    return files;
  },
  async run(input: Input) {
    const blobs = new Map([...input].map(([path, bytes]) => [path, new Blob([bytes])]));
    const store = await openZarr({ kind: 'files', name: 'weather.zarr', files: blobs }, { variables: [] });
    const box = wholeBox(store, {});
    describeSplit(store, {}, [box]);
    await readZarr(store, {}, box);
  },
};

/** One replica of a ResNet in a worker: it trains for a few steps on random images and tells where their time went. */
import { expose } from 'comlink';
import type { RunTimes } from '../src/engine/executor.ts';
import { openGpu } from '../src/gpu/device.ts';
import { PipelineCache } from '../src/gpu/pipelines.ts';
import { meshAt } from '../src/mesh/mesh.ts';
import { Links } from '../src/parallel/links.ts';
import { typicalMachine } from '../src/plan/machine.ts';
import { loadAllKinds } from '../src/train/load-kinds.ts';
import { momentum } from '../src/train/optimizer-options.ts';
import { Trainer } from '../src/train/trainer.ts';
import { imageJob } from '../test/reference/jobs.ts';
import { normalValues } from './measure.ts';

await loadAllKinds();

const job = imageJob(18);
const { channels, height, width, classes } = job.frame.sizes;

export interface ReplicaRequest {
  /** To the other replicas, by rank; null at the own place. */
  readonly ports: readonly (MessagePort | null)[];
  readonly rank: number;
  /** Samples of this replica. */
  readonly batch: number;
  readonly steps: number;
}

export interface ReplicaTimes {
  readonly steps: readonly RunTimes[];
  readonly losses: readonly number[];
  readonly bytesSent: number;
  readonly messagesSent: number;
}

const opened = openGpu(navigator.gpu).then(gpu => ({ gpu, pipelines: new PipelineCache(gpu.device) }));

const api = {
  /** Trains anew, from the same parameters as the others. */
  async train({ ports, rank, batch, steps }: ReplicaRequest): Promise<ReplicaTimes> {
    const { gpu, pipelines } = await opened;
    const replicas = ports.length;
    const linked = ports.flatMap((port, peer): [number, MessagePort][] => (port ? [[peer, port]] : []));
    const links = new Links({ rank, ports: new Map(linked), generation: 1 });
    links.begin(1);
    const mesh = meshAt({ rows: 1, columns: 1, replicas }, rank);
    const options = { ...job, optimizer: momentum, batch, seed: 1, mesh, overlap: typicalMachine };
    const trainer = await Trainer.create(gpu, pipelines, options, links);
    const image = normalValues(batch * channels * height * width, rank + 1);
    const label = Uint32Array.from({ length: batch }, (_, i) => (3 * i + rank) % classes);
    const times: RunTimes[] = [];
    for (let step = 0; step < steps; step++) {
      await trainer.trainStep({ image, label }, 0.01, 0);
      times.push(trainer.times);
    }
    const { losses } = await trainer.losses.readSteps();
    const { bytesSent, messagesSent } = links.counts;
    links.close();
    trainer.destroy();
    return {
      steps: times,
      losses: [...losses],
      bytesSent: bytesSent / steps,
      messagesSent: messagesSent / steps,
    };
  },
};

export type ReplicaApi = typeof api;

expose(api);

/** What a terminal run does with its pages: seat the ranks, prepare, train, and go on when a rank was lost. */
import { readdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { DataChoice } from '../data/choice/choice.ts';
import { meshName, ranksOf } from '../mesh/mesh.ts';
import type { RunInfo, RunResult, RunStatus } from '../session/api/api.ts';
import { syntheticChoice } from '../session/api/presets.ts';
import type { MeshConfig } from '../session/api/run-config.ts';
import { presetOf } from '../session/api/settings.ts';
import { count } from '../show/format.ts';
import type { TrainSettings } from './arguments.ts';
import { answerOf } from './bridge.ts';
import type { HeadlessPage } from './browser.ts';
import { isUrl } from './data-source.ts';
import { addToFormsFile, formsFile, readFormsFile } from './forms-file.ts';
import { listImages } from './image-files.ts';
import type { MeshSettings } from './mesh-settings.ts';
import type { RunPaths } from './output-folder.ts';
import type { ProgressBar } from './progress-bar.ts';
import type { Recorder } from './recorder.ts';
import type { RunEnergy } from './run-energy.ts';
import type { RunServer } from './server.ts';
import type { TraceFile } from './trace-file.ts';
import { writeReport } from './write-report.ts';

/** A run ready to start: its folder, and the checkpoint to start from. */
export interface PlannedRun {
  readonly run: RunPaths;
  readonly settings: TrainSettings;
  readonly checkpoint?: string;
  /** It was begun by an earlier version. */
  readonly isCarriedOver?: boolean;
}

/** What a run is seen and stopped with. */
export interface Console {
  readonly stop: AbortSignal;
  readonly bar: ProgressBar;
  readonly recorder: Recorder;
  readonly energy: RunEnergy;
  /** Where steps are sampled. */
  readonly traces?: TraceFile;
}

/** After so many lost ranks something is wrong that going on does not mend. */
const mostRecoveries = 5;

/** Trains to the end, or to the moment of `stop`: then the checkpoint is saved and there is no result. */
export async function conduct(
  headless: HeadlessPage,
  { run, settings, checkpoint }: PlannedRun,
  server: RunServer,
  console: Console,
): Promise<RunResult | undefined> {
  const { page } = headless;
  const { stop, bar, recorder, energy, traces } = console;
  const { mesh } = settings;
  const checkpointUrl = checkpoint === undefined ? undefined : server.serveFile(checkpoint);
  const prepare = async () => {
    const forms = await withKeptForms(page, bar);
    if (mesh) await gather(headless, mesh, bar);
    const data = await pageData(settings, server);
    const config = { ...settings, data, mesh: mesh && meshConfig(mesh), trace: traces?.detail };
    const info = await answerOf(
      page.evaluate(([c, url]) => window.isobar.prepare(c, url), [config, checkpointUrl] as const),
    );
    await forms.keep();
    const ranks = mesh ? ranksOf(mesh) : 1;
    if (traces) {
      traces.learn(await answerOf(page.evaluate(all => window.isobar.plans(all), ranks)));
    }
    return info;
  };
  const info = await Promise.race([rejectOnAbort(stop), prepare()]);
  bar.note(
    `${info.adapter.description || `${info.adapter.vendor} ${info.adapter.architecture}`}; ${info.source}`,
  );
  for (const note of info.dataNotes) bar.note(note);
  const passes = settings.overrides.accumulate ?? 1;
  const work = await answerOf(
    page.evaluate(([all, each]) => window.isobar.work(all, each), [
      mesh ? ranksOf(mesh) : 1,
      passes,
    ] as const),
  );
  // By what power is known is told when it is: the first reading takes a second.
  energy.begin(info, work).then(known => bar.note(known));
  if (checkpointUrl === undefined) await recorder.begin(info);
  else {
    const step = await answerOf(page.evaluate(u => window.isobar.importCheckpoint(u), checkpointUrl));
    await recorder.resume(step, info);
    bar.note(`Resumed at step ${count(recorder.step)} of ${count(settings.steps)}.`);
  }

  stop.throwIfAborted();
  stop.addEventListener('abort', () => {
    bar.note('Saving a checkpoint; press Ctrl-C again to end without it.');
    // A page that cannot pause any more has died, or has failed: train() says so.
    page.evaluate(() => window.isobar.pause()).catch(() => {});
  });
  const status = await trainThroughLosses(page, mesh, info, console);
  if (status === 'failed') throw new Error('The run failed.');
  recorder.saveCheckpoint();
  await recorder.written();
  if (status === 'paused') return undefined;
  const result = await answerOf(page.evaluate(() => window.isobar.result()));
  await writeReport(run, settings, info, result, energy, page);
  return result;
}

/** Hands the page what earlier runs have measured on this machine. What is in the way of it is said, and no more. */
async function withKeptForms(page: Page, bar: ProgressBar) {
  const file = formsFile();
  const unlessInTheWay = (work: Promise<void>) =>
    work.catch(({ message }: Error) => {
      bar.note(message);
    });
  const give = async () => {
    const forms = await readFormsFile(file);
    if (Object.keys(forms).length > 0) {
      await answerOf(page.evaluate(kept => window.isobar.keepForms(kept), forms));
    }
  };
  const keep = async () => {
    await addToFormsFile(file, await answerOf(page.evaluate(() => window.isobar.keptForms())));
  };
  await unlessInTheWay(give());
  return { keep: () => unlessInTheWay(keep()) };
}

/** Opens what pages the mesh needs beside the first, and seats its ranks. */
async function gather(headless: HeadlessPage, mesh: MeshSettings, bar: ProgressBar): Promise<void> {
  const ranks = ranksOf(mesh);
  if (mesh.transport === 'webrtc') {
    bar.note(`Opening ${ranks} pages for the mesh ${meshName(mesh)}.`);
    const invitation = await answerOf(headless.page.evaluate(() => window.isobar.openRoom()));
    await Promise.all(Array.from({ length: ranks - 1 }, () => headless.openGuest(invitation)));
  }
  await assemble(headless.page, mesh);
}

const assemble = (page: Page, mesh: MeshSettings) =>
  answerOf(
    page.evaluate(([shape, link]) => window.isobar.assemble(shape, link), [
      meshConfig(mesh),
      mesh.link,
    ] as const),
  );

/** Trains; where a rank is lost, goes on from the last checkpoint with that rank in the first page. */
async function trainThroughLosses(
  page: Page,
  mesh: MeshSettings | undefined,
  info: RunInfo,
  { stop, bar, recorder }: Console,
): Promise<RunStatus> {
  for (let recoveries = 0; ; recoveries++) {
    try {
      if (mesh && recoveries > 0) {
        await assemble(page, mesh);
        const step = await answerOf(page.evaluate(m => window.isobar.regroup(m), meshConfig(mesh)));
        await recorder.regroup(step, info);
        bar.note(
          `Going on from the checkpoint of step ${count(step)}, with the lost rank in the first page.`,
        );
        if (stop.aborted) return 'paused';
      }
      return await answerOf(page.evaluate(() => window.isobar.train()));
    } catch (error) {
      const lost = recorder.error?.code === 'peer-lost' ? recorder.error.message : undefined;
      if (!mesh || lost === undefined || recoveries === mostRecoveries) throw error;
      bar.note(lost);
    }
  }
}

function meshConfig({ rows, columns, replicas, microBatches, overlap, wire }: MeshSettings): MeshConfig {
  return { rows, columns, replicas, microBatches, overlap, wire };
}

/** The data as the pages read them: from the local server, whatever site they are of. */
export async function pageData(
  { data, preset }: Pick<TrainSettings, 'data' | 'preset'>,
  server: RunServer,
): Promise<DataChoice> {
  switch (data.kind) {
    case 'embedded':
    case 'shapes':
      return data;
    case 'images': {
      const { name, files } = await listImages(data.paths);
      return {
        kind: 'images',
        place: { kind: 'url', url: server.serveFiles(name, files), paths: [...files.keys()] },
      };
    }
    case 'synthetic':
      return syntheticChoice(presetOf(preset), data.seed);
    case 'files':
      return { ...data, files: data.files.map(path => ({ url: server.serveFile(path) })) };
    case 'zarr': {
      const { kind, store, ...part } = data;
      const names = isUrl(store) ? undefined : await readdir(store);
      return {
        kind,
        source: { kind: 'url', url: server.serveStore(store), names },
        selection: { ...presetOf(preset).store?.selection, ...part },
      };
    }
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // After preparation nobody waits for it any more.
  aborted.catch(() => {});
  return aborted;
}

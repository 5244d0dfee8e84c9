/**
 * The worker of a page, for one of three tasks: it trains, a session behind comlink that bears the id of its page as its name;
 * or it compiles plans to be looked at, without a device or data, or reads data to tell what they are, never in the way of the
 * one that trains.
 */
import { expose } from 'comlink';
import { openGpu } from '../gpu/device.ts';
import { cutsWorker, sheetWorker, studyWorker } from './api/worker-name.ts';
import { createCutter } from './cutter.ts';
import { heldRun } from './held-run.ts';
import { SavedRuns } from './saved-runs.ts';
import { Session } from './session.ts';
import { sheetReader } from './sheet-reader.ts';

if (self.name === cutsWorker) expose(createCutter(() => new Promise(resolve => setTimeout(resolve))));
else if (self.name === sheetWorker) expose(sheetReader);
else {
  const runs = self.name === studyWorker ? heldRun() : new SavedRuns(self.name);
  expose(new Session(() => openGpu(navigator.gpu), runs));
}

// A worker of the page as a thread of Node, for bench/data.ts: what is imported finds the messages where a browser has them.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
Object.assign(globalThis, {
  self: globalThis,
  postMessage: parentPort?.postMessage.bind(parentPort),
  addEventListener: parentPort?.addEventListener.bind(parentPort),
  removeEventListener: parentPort?.removeEventListener.bind(parentPort),
});
await import(workerData);

/** The two libraries that we measure ourselves against, each on a WebGPU device of its own. */
import { defaultDevice, init } from '@jax-js/jax';
import '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';

/** @throws Error where tfjs finds no adapter. */
export async function openTfjs(): Promise<void> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs has no WebGPU backend here');
  await tf.ready();
}

/** Resolves once all that tfjs was asked to do is done. */
export function tfjsDone(): Promise<undefined> {
  const backend = tf.backend() as WebGPUBackend;
  backend.endComputePassEncoder();
  // It submits by itself after so many dispatches, and then has nothing left to finish.
  if (Reflect.get(backend, 'commandEncoder')) backend.submitQueue();
  return backend.device.queue.onSubmittedWorkDone();
}

/** @throws Error where jax-js finds no adapter. */
export async function openJax(): Promise<void> {
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js has no WebGPU device here');
  defaultDevice('webgpu');
}

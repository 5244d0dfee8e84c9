/** The worker that compiles plans to be looked at: without a device or data, and never in the way of one that trains. */
import { expose } from 'comlink';
import { createCutter } from './cutter.ts';

expose(createCutter(() => new Promise(resolve => setTimeout(resolve))));

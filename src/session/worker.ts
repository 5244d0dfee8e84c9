/** The worker that trains: a session behind comlink. */
import { expose } from 'comlink';
import { openGpu } from '../gpu/device.ts';
import { Session } from './session.ts';

expose(new Session(() => openGpu(navigator.gpu)));

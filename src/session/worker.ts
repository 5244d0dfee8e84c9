/** The worker that trains: a session behind comlink. It bears the id of its page as its name. */
import { expose } from 'comlink';
import { openGpu } from '../gpu/device.ts';
import { SavedRuns } from './saved-runs.ts';
import { Session } from './session.ts';

expose(new Session(() => openGpu(navigator.gpu), new SavedRuns(self.name)));

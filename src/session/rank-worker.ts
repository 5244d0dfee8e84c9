/** The worker of a rank other than the first. It bears the power preference of its device as its name. */
import { expose } from 'comlink';
import { openGpu } from '../gpu/device.ts';
import { RankSession } from './rank-session.ts';

const preference = self.name === 'low-power' ? 'low-power' : 'high-performance';

expose(new RankSession(() => openGpu(navigator.gpu, preference)));

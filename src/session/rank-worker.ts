/** The worker of a rank other than the first. */
import { expose } from 'comlink';
import { openGpu } from '../gpu/device.ts';
import { RankSession } from './rank-session.ts';

const power = new URL(self.location.href).searchParams.get('power');
const preference = power === 'low-power' ? 'low-power' : 'high-performance';

expose(new RankSession(() => openGpu(navigator.gpu, preference)));

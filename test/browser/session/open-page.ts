/** A worker in place of a page: it is open until it is terminated. */
import { lockPage } from '../../../src/session/api/page-lock.ts';

postMessage(lockPage());

/** How a page that was a guest goes on with the run of its host. */
import type { Remote } from 'comlink';
import type { SavedRun, SessionApi } from '../session/api/api.ts';
import type { Crew, TakenRoom } from './api.ts';

/**
 * Gathers the newest checkpoint from this page and the guests that are left, and saves it as the run of this browser, on
 * a mesh with at most one rank a page. May be called again, when another page has come.
 *
 * @throws Error which says whose shards are missing, or which page did not answer
 */
export async function gatherRun(
  crew: Crew,
  session: Remote<SessionApi>,
  { invite, copies }: TakenRoom,
): Promise<SavedRun> {
  const pages = 1 + crew.guests();
  // To ask every page what it holds; the mesh to go on with depends on that.
  await crew.assemble({ rows: 1, columns: pages, replicas: 1 });
  return session.takeOver(invite.room, copies, pages);
}

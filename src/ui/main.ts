/** Entry of the page: first whether this browser can train at all, then everything else. */
import { showAlert } from './alerts.ts';
import { keepPageOnDrop } from './keep-page.ts';
import { playInstead } from './recording/play-instead.ts';
import { invitationIn } from './shell/route.ts';
import { followSkipLink } from './shell/skip-link.ts';
import { missingWebGpu, showNoWebGpu } from './webgpu-check.ts';

const opened = invitationIn(location.hash);
// An invitation pasted into a page that is open changes nothing but the fragment.
addEventListener('hashchange', () => {
  const invitation = invitationIn(location.hash);
  const isOfClass = location.hash.startsWith('#class=');
  if ((invitation && invitation !== opened) || isOfClass) location.reload();
});

keepPageOnDrop();
followSkipLink();

const missing = missingWebGpu();
// Who is invited can watch without.
if (missing && !opened) {
  showNoWebGpu(missing);
  await playInstead();
  await (await import('./class/show-class.ts')).enterClass(undefined);
} else {
  try {
    if (opened) (await import('./join.ts')).startJoin(missing === undefined);
    else await (await import('./app.ts')).startApp();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    showAlert({
      title: 'The page could not start',
      message: `${reason} Load the page again.`,
      kind: 'error',
    });
  }
}

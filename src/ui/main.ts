/** Entry of the page: first whether this browser can train at all, then everything else. */
import { showAlert } from './alerts.ts';
import { keepPageOnDrop } from './keep-page.ts';
import { playInstead } from './recording/play-instead.ts';
import { missingWebGpu, showNoWebGpu } from './webgpu-check.ts';

const isInvitation = () => location.hash.startsWith('#join=');
const isOfClass = () => location.hash.startsWith('#class=');
// An invitation pasted into a page that is open changes nothing but the fragment.
addEventListener('hashchange', () => {
  if (isInvitation() || isOfClass()) location.reload();
});

keepPageOnDrop();

const missing = missingWebGpu();
if (missing) {
  showNoWebGpu(missing);
  if (!isInvitation()) {
    await playInstead();
    await (await import('./class/show-class.ts')).enterClass(undefined);
  }
} else {
  try {
    if (isInvitation()) (await import('./join.ts')).startJoin();
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

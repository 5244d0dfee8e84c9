/** Entry of the page: first whether this browser can train at all, then everything else. */
import { showAlert } from './alerts.ts';
import { missingWebGpu, showNoWebGpu } from './webgpu-check.ts';

const missing = missingWebGpu();
if (missing) {
  showNoWebGpu(missing);
} else {
  try {
    const { startApp } = await import('./app.ts');
    await startApp();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    showAlert({
      title: 'The page could not start',
      message: `${reason} Load the page again.`,
      kind: 'error',
    });
  }
}

/** The page where nothing can be trained: its one screen plays a recorded run, under the message that says what is missing. */
import { element } from '../dom.ts';
import { carriesFiles } from '../keep-page.ts';

/** Of the page's own folder; made by `npm run record`. */
const example = './recordings/tiny-2x2.isobar.gz';

export async function playInstead(): Promise<void> {
  // Only here, so that the check for WebGPU needs nothing of it.
  const [{ createRecordings }, { showSection }, { routeOf }] = await Promise.all([
    import('./open-recording.ts'),
    import('../shell/view-switch.ts'),
    import('../shell/route.ts'),
    import('../shell/notices.ts'),
  ]);
  const turn = () => showSection(routeOf(location.hash).view);
  const recordings = createRecordings({
    canGoBack: false,
    onShow(isOpen) {
      element('app', HTMLElement).hidden = !isOpen;
    },
  });
  addEventListener('hashchange', turn);
  // The page keeps itself from leaving for a file, and takes none otherwise.
  window.addEventListener('dragover', event => {
    if (carriesFiles(event)) event.dataTransfer!.dropEffect = 'copy';
  });
  window.addEventListener('drop', event => {
    const file = event.dataTransfer?.files[0];
    if (file) void recordings.openFile(file);
  });
  await recordings.openAddress(example);
  turn();
}

/** Recordings come and go in the page: from a file or an address into its views, and out of them. */
import { DataError } from '../../io/data-error.ts';
import { showAlert, withdrawAlert } from '../alerts.ts';
import { unpackRecording } from './file.ts';
import { showRecording } from './show-recording.ts';
import { words } from './words.ts';

const topic = 'recording';

export interface Recordings {
  isOpen(): boolean;
  /** In place of what is shown. A file that cannot be played changes nothing but says so. */
  openFile(file: File): Promise<void>;
  /** Of the page itself. */
  openAddress(url: string): Promise<void>;
}

export interface RecordingsOptions {
  /** The page has a run of its own. */
  readonly canGoBack: boolean;
  /** A recording is in sight from now on, or none is. */
  readonly onShow: (isOpen: boolean) => void;
}

export function createRecordings({ canGoBack, onShow }: RecordingsOptions): Recordings {
  let end: (() => void) | undefined;

  const say = (title: string, cause: unknown) =>
    showAlert({
      topic,
      kind: 'error',
      title,
      message: cause instanceof Error ? cause.message : String(cause),
    });
  const close = () => {
    end?.();
    end = undefined;
    withdrawAlert(topic);
    onShow(false);
  };
  const open = async (bytes: Uint8Array<ArrayBuffer>) => {
    const recording = await unpackRecording(bytes);
    end?.();
    end = undefined;
    withdrawAlert(topic);
    onShow(true);
    end = showRecording(recording, {
      canGoBack,
      onOpen: file => void openFile(file),
      onClose: close,
      onError: message => say(words.cannotPlay, message),
    });
  };
  const openFile = async (file: File) => {
    try {
      await open(new Uint8Array(await file.arrayBuffer()));
    } catch (cause) {
      say(`${words.cannotPlay}: ${file.name}`, cause);
    }
  };

  return {
    isOpen: () => end !== undefined,
    openFile,
    async openAddress(url) {
      try {
        const answer = await fetch(url);
        if (!answer.ok) throw new DataError(`The server answers ${answer.status} for ${url}.`);
        await open(new Uint8Array(await answer.arrayBuffer()));
      } catch (cause) {
        say(words.noExample, cause);
      }
    },
  };
}

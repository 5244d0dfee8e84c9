/** Export and import of the trained parameters as a file. */
import { element } from './dom.ts';

export interface CheckpointFilesOptions {
  readonly exportBytes: () => Promise<Uint8Array>;
  /** Name of the exported file. */
  readonly fileName: () => string;
  readonly onImport: (file: File) => void;
  readonly onError: (cause: unknown) => void;
}

/** Connects the two buttons; the result enables them. */
export function createCheckpointFiles(options: CheckpointFilesOptions): (enabled: boolean) => void {
  const exporting = element('export', HTMLButtonElement);
  const importing = element('import', HTMLButtonElement);
  const input = element('checkpoint-input', HTMLInputElement);

  exporting.onclick = async () => {
    exporting.disabled = true;
    try {
      download(await options.exportBytes(), options.fileName());
    } catch (cause) {
      options.onError(cause);
    } finally {
      exporting.disabled = false;
    }
  };
  importing.onclick = () => input.click();
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) options.onImport(file);
    input.value = '';
  });
  return enabled => {
    exporting.disabled = !enabled;
    importing.disabled = !enabled;
  };
}

function download(bytes: Uint8Array, name: string): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of the blob once the click is done.
  URL.revokeObjectURL(url);
}

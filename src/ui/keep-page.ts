/** Keeps the page, and a run with it, when a file is dropped: a browser leaves a page for a file that nobody takes. */

export const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

export function keepPageOnDrop(): void {
  const refuse = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer!.dropEffect = 'none';
  };
  addEventListener('dragover', refuse);
  addEventListener('drop', refuse);
}

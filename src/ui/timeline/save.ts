/** Gives the user a text, or bytes, as a file. */
export function save(content: BlobPart, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

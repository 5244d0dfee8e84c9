/** Gives the user a text as a file. */
export function save(text: string, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has the text by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

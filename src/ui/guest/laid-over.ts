/** Whether the run of a host is laid over the page's own: its views stand in the places of theirs. */
export const isLaidOver = (): boolean => document.getElementById('guest-bar') !== null;

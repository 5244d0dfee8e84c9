/**
 * The link past the bar. What stands behind `#` is the view's, and may be an invitation: so it goes where a link of the page
 * would, and leaves the address alone.
 */
export function followSkipLink(): void {
  document.querySelector('.skip')?.addEventListener('click', event => {
    event.preventDefault();
    document.querySelector<HTMLElement>('main:not([hidden])')?.focus();
  });
}

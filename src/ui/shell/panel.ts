/**
 * A panel of the page whose markup does not change: a custom element that has it as soon as it is in the document, for the
 * scripts that fill it. What changes with the state of a run is a `LightElement`.
 */
import { render, type TemplateResult } from 'lit';

/** @param tag of the element; where its script is loaded, all of them in the page are filled */
export function definePanel(tag: `isobar-${string}`, markup: TemplateResult): void {
  customElements.define(
    tag,
    class extends HTMLElement {
      connectedCallback(): void {
        if (this.childElementCount === 0) render(markup, this);
      }
    },
  );
}

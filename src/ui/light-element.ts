/**
 * The base of the page's elements: lit, without a shadow root, so that one style sheet, labels, and `aria` references reach
 * everywhere.
 */
import { LitElement } from 'lit';

export abstract class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

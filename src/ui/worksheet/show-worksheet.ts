/** Hides what the address asks for, and shows all again at a press that is always there. */
import { element, passFocus, setText } from '../dom.ts';
import { type HideName, hiddenIn, hidingRules, withHidden } from './hidden.ts';
import { hiddenWords } from './words.ts';

export function createWorksheet(): void {
  const note = element('worksheet-note', HTMLParagraphElement);
  // Made by script, it needs no permission of the page's policy, and holds for what is drawn later.
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const show = (hidden: readonly HideName[]) => {
    sheet.replaceSync(hidingRules(hidden));
    if (hidden.length === 0) passFocus(note);
    note.hidden = hidden.length === 0;
    setText(element('worksheet-words', HTMLSpanElement), hiddenWords(hidden.length));
  };
  element('show-all', HTMLButtonElement).onclick = () => {
    history.replaceState(null, '', `${location.pathname}${withHidden(location.search, [])}${location.hash}`);
    show([]);
  };
  show(hiddenIn(location.search));
}

/** Guests who ask to take part, with what they bring, to be admitted or refused. */
import type { Member } from '../crew/api.ts';
import { fieldNumber } from '../show/format.ts';
import { element, make, passFocus } from './dom.ts';
import { adapterName } from './what-runs.ts';

export interface GuestListOptions {
  readonly admit: (id: string) => void;
  readonly refuse: (id: string) => void;
}

/** From so many on they can be admitted together. */
const together = 2;

/** The result shows those of the members who ask. */
export function createGuestList({ admit, refuse }: GuestListOptions): (members: readonly Member[]) => void {
  const area = element('asking', HTMLElement);
  const list = element('asking-list', HTMLUListElement);
  const title = document.title;
  let shown = '';

  const button = (label: string, look: string, press: () => void) => {
    const made = make('button', label, `${look} small`);
    made.type = 'button';
    made.dataset.testid = label.toLowerCase();
    made.onclick = press;
    return made;
  };
  const entry = ({ id, name, adapter, gigaflops, watches }: Member) => {
    const made = make('li');
    const text = make('div', name);
    const brings = `${adapterName(adapter)}, ${fieldNumber(gigaflops)} GFLOP/s`;
    text.append(
      make('small', watches ? 'to watch: its browser has no graphics card to compute with' : brings),
    );
    const buttons = make('div', '', 'buttons');
    buttons.append(
      button('Admit', 'primary', () => admit(id)),
      button('Refuse', 'secondary', () => refuse(id)),
    );
    made.append(text, buttons);
    return made;
  };

  const admitAll = (asking: readonly Member[]) => {
    const made = make('li', `${asking.length} ask`);
    const all = button(`Admit all ${asking.length}`, 'primary', () => {
      for (const { id } of asking) admit(id);
    });
    all.dataset.testid = 'admit-all';
    made.append(all);
    return made;
  };

  return members => {
    const asking = members.filter(member => member.status === 'asking');
    // Made anew only for others than before, so that no button vanishes under a finger.
    const now = JSON.stringify(asking.map(({ id, name, gigaflops }) => [id, name, gigaflops]));
    if (now === shown) return;
    shown = now;
    const before = [...list.children];
    const entries = asking.map(entry);
    if (asking.length >= together) entries.unshift(admitAll(asking));
    list.append(...entries);
    for (const old of before) {
      passFocus(old, entries[0]?.querySelector('button'));
      old.remove();
    }
    area.hidden = asking.length === 0;
    // For a host who looks at another tab.
    document.title = asking.length > 0 ? `${asking[0].name} asks to join: Isobar` : title;
  };
}

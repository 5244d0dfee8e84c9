/**
 * The data sheet of the data that are chosen: read while its view is looked at, in a worker of its own. What lies at an address or
 * must be computed for it is read when the user asks; of much more than is quickly read, a sample of the steps.
 */
import type { FieldsChoice } from '../../data/choice/choice.ts';
import { readSheet, type SheetRead } from '../../session/api/open-sheets.ts';
import { choiceOf, wantsImages } from '../data-source.ts';
import { element } from '../dom.ts';
import { overridesOf, type Settings } from '../run-settings.ts';
import type { SheetState, SheetView } from './sheet-view.ts';

export interface DataSheets {
  /** The view comes into sight. */
  open(): Promise<void>;
  /** These settings are wanted. */
  show(settings: Settings): void;
}

/** Bytes of fields: of what has more a sample is read, until the user asks for all. */
const readAtOnce = 2 ** 28;

export function createDataSheets(): DataSheets {
  const place = element('data-sheet', HTMLElement);
  let view: SheetView | undefined;
  let wanted: Settings | undefined;
  /** The settings of the sheet that is shown. */
  let shown: Settings | undefined;
  let read: SheetRead | undefined;

  const set = (state: SheetState) => {
    if (view) view.state = state;
  };
  const start = (settings: Settings, data: FieldsChoice, most?: number) => {
    const { preset, mesh } = settings;
    set({ kind: 'reading' });
    const own = readSheet({ data, preset, overrides: overridesOf(settings), mesh, most }, reading => {
      if (read === own) set({ kind: 'reading', reading });
    });
    read = own;
    own.reading.then(
      reading => {
        if (read === own) set({ kind: 'read', reading });
      },
      ({ message }: Error) => {
        if (read === own) set({ kind: 'refused', message });
      },
    );
  };
  const fieldsOf = ({ data, preset }: Settings): FieldsChoice | undefined => {
    const choice = choiceOf(data, preset);
    return choice.kind === 'images' || choice.kind === 'shapes' ? undefined : choice;
  };
  const update = () => {
    if (!view || !wanted || place.closest('[hidden]:not(#data-sheet)')) return;
    if (shown && isSameSheet(wanted, shown)) return;
    shown = wanted;
    read?.stop();
    read = undefined;
    place.hidden = wantsImages(wanted.preset);
    const data = fieldsOf(wanted);
    if (!data) return;
    if (data.kind === 'embedded' || data.kind === 'synthetic') set({ kind: 'offered', why: 'computed' });
    else if (liesFar(data)) set({ kind: 'offered', why: 'remote' });
    else start(wanted, data, readAtOnce);
  };

  return {
    async open() {
      if (!view) {
        const { SheetView } = await import('./sheet-view.ts');
        view ??= new SheetView();
        view.onRead = () => {
          const data = shown && fieldsOf(shown);
          if (!shown || !data) return;
          const isFirst = view?.state.kind === 'offered' && liesFar(data);
          start(shown, data, isFirst ? readAtOnce : undefined);
        };
        view.state = { kind: 'offered', why: 'computed' };
        place.replaceChildren(view);
      }
      update();
    },
    show(settings) {
      wanted = settings;
      update();
    },
  };
}

const liesFar = (data: FieldsChoice): boolean =>
  data.kind === 'zarr'
    ? data.source.kind === 'url'
    : data.kind === 'files' && data.files.some(file => 'url' in file);

/** What else is set says nothing of the data. */
const isSameSheet = (a: Settings, b: Settings): boolean =>
  a.data === b.data &&
  a.preset === b.preset &&
  a.mesh.rows === b.mesh.rows &&
  a.mesh.columns === b.mesh.columns &&
  JSON.stringify(a.model) === JSON.stringify(b.model);

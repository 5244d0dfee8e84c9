/** Studies of the page: opened from files, kept while the page is, loaded with their charts when they are first looked at. */
import { readRows } from '../../study/study-row.ts';
import { element } from '../dom.ts';
import type { ShownStudy, StudyView } from './study-view.ts';
import { words } from './words.ts';

/** Of the build: the results of `examples/studies/five-minutes.json`. */
const example = { name: 'five-minutes', address: 'studies/five-minutes.jsonl' };

export interface Studies {
  /** The view comes into sight. */
  open(): Promise<void>;
}

export function createStudies(): Studies {
  let view: StudyView | undefined;
  let studies: readonly ShownStudy[] = [];

  const show = (refusal?: string) => {
    if (!view) return;
    view.studies = studies;
    view.refusal = refusal;
  };
  /** @throws Error where it is no study */
  const add = (name: string, text: string) => {
    const rows = readRows(text);
    if (rows.length === 0) throw new Error(words.empty);
    const same = studies.filter(study => study.name === name || study.name.startsWith(`${name} (`)).length;
    studies = [...studies, { name: same > 0 ? `${name} (${same + 1})` : name, rows }];
  };
  const take = async (name: string, text: Promise<string>) => {
    try {
      add(name, await text);
      show();
    } catch (cause) {
      show(words.refused(name, (cause as Error).message));
    }
  };
  const fetched = async () => {
    const answer = await fetch(new URL(example.address, document.baseURI));
    if (!answer.ok) throw new Error(words.unreachable(answer.status));
    return answer.text();
  };

  return {
    async open() {
      if (view) return;
      const { StudyView } = await import('./study-view.ts');
      view = new StudyView();
      view.onFiles = async files => {
        for (const file of files) await take(file.name.replace(/\.jsonl$/, ''), file.text());
      };
      view.onExample = () => void take(example.name, fetched());
      view.onRemove = study => {
        studies = studies.filter(other => other !== study);
        show();
      };
      show();
      element('study-view', HTMLElement).append(view);
    },
  };
}

/** The view of studies: trained here and kept in the browser, or opened from files. Loaded by `show-study.ts`. */
import type { RunStatus } from '../../session/api/api.ts';
import { element } from '../dom.ts';
import { save } from '../timeline/save.ts';
import type { StudyDesk } from './study-desk.ts';
import type { StudyAct } from './study-runner.ts';
import type { ShownStudy, StudyView } from './study-view.ts';
import { words } from './words.ts';

/** Of the build: the results of `examples/studies/five-minutes.json`. */
const example = { name: 'five-minutes', address: 'studies/five-minutes.jsonl' };
/** The study files of the project, each loaded when it is asked for. */
const studyFiles = import.meta.glob<string>('../../../examples/studies/*.json', {
  query: '?raw',
  import: 'default',
});

/** How results of a study are written. */
const studyRows = () => import('../../study/study-row.ts');

export interface StudyPage {
  /** That of the page's own run: what it trains shares the card with a study. */
  status(status: RunStatus): void;
}

/** @param own status of the page's run */
export async function openStudies(own: RunStatus): Promise<StudyPage> {
  let view: StudyView | undefined;
  let desk: StudyDesk | undefined;
  let studies: readonly ShownStudy[] = [];
  let status = own;

  const show = (refusal?: string) => {
    if (!view) return;
    view.studies = studies;
    view.refusal = refusal;
  };
  /** @throws Error where it is no study */
  const add = async (name: string, text: string) => {
    const { readRows } = await studyRows();
    const rows = readRows(text);
    if (rows.length === 0) throw new Error(words.empty);
    const same = studies.filter(study => study.name === name || study.name.startsWith(`${name} (`)).length;
    studies = [...studies, { name: same > 0 ? `${name} (${same + 1})` : name, rows }];
  };
  const take = async (name: string, text: Promise<string>) => {
    try {
      await add(name, await text);
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
  const act = async (asked: StudyAct) => {
    if (!desk) return;
    switch (asked.kind) {
      case 'example':
        for (const [path, load] of Object.entries(studyFiles))
          if (path.endsWith(`/${example.name}.json`)) await desk.take(example.name, await load());
        return;
      case 'files':
        for (const file of asked.files) await desk.take(file.name, await file.text());
        return;
      case 'start':
        return desk.start(asked.study.key);
      case 'stop':
        desk.stop();
        return;
      case 'remove':
        return desk.remove(asked.study.key);
      case 'lines':
        save((await studyRows()).rowsAsLines(asked.study.rows), 'application/jsonl', 'runs.jsonl');
        return;
      case 'table':
        save((await studyRows()).rowsAsCsv(asked.study.rows), 'text/csv', 'runs.csv');
    }
  };

  const [{ StudyView }, { createStudyDesk }, { aloneHere, studyStore }] = await Promise.all([
    import('./study-view.ts'),
    import('./study-desk.ts'),
    import('./study-storage.ts'),
  ]);
  const made = new StudyView();
  view = made;
  desk = createStudyDesk({
    store: studyStore,
    // Who only looks at results trains none.
    train: async (...run) => (await import('./train-run.ts')).trainRun(...run),
    isBusy: () => status === 'running',
    alone: aloneHere,
    changed(now) {
      made.desk = now;
    },
  });
  made.addEventListener('isobar-study-act', event => {
    if (event instanceof CustomEvent)
      act(event.detail).catch((cause: Error) => show(words.wentWrong(cause.message)));
  });
  made.onFiles = async files => {
    for (const file of files) await take(file.name.replace(/\.jsonl$/, ''), file.text());
  };
  made.onExample = () => void take(example.name, fetched());
  made.onRemove = study => {
    studies = studies.filter(other => other !== study);
    show();
  };
  show();
  await desk.open();
  element('study-view', HTMLElement).append(made);
  return {
    status(now) {
      status = now;
      if (now === 'running') desk?.stop(words.interrupted);
    },
  };
}

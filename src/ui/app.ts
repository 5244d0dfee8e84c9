/** The page after the check for WebGPU: starts the session, makes the panels, and carries events between them. */
import './shell/notices.ts';
import './data/panel.ts';
import './details/checkpoint-panel.ts';
import './details/score-table-panel.ts';
import './details/settings-panel.ts';
import './details/what-runs-panel.ts';
import './details/worksheet-panel.ts';
import './learning/learning-panel.ts';
import './recording/recording-panel.ts';

import type { TakenRoom } from '../crew/api.ts';
import { type DataChoice, isBoxed } from '../data/choice/choice.ts';
import type { MeshShape } from '../mesh/mesh.ts';
import type { RunEvent, RunInfo, SavedRun } from '../session/api/api.ts';
import type { Card } from '../session/api/cut-settings.ts';
import { presets } from '../session/api/presets.ts';
import { count } from '../show/format.ts';
import { searchOf, settingsIn, withSettings } from './address.ts';
import { clearAlerts, showAlert, showRunError } from './alerts.ts';
import { createMachine } from './board/show-machine.ts';
import { createChannelLink } from './channel-link.ts';
import { createClassroom, enterClass, steeredBy } from './class/show-class.ts';
import { createCursor } from './cursor.ts';
import { createBringing } from './data/bring.ts';
import { proposePreset } from './data/propose-preset.ts';
import { createDataSheets } from './data/show-sheet.ts';
import { embedded, sourceFor, synthetic, withPart } from './data-source.ts';
import { element } from './dom.ts';
import { createEnergy } from './energy/create-energy.ts';
import { isLaidOver } from './guest/laid-over.ts';
import { createKeptRuns, type KeptRuns } from './kept-runs/show-kept-runs.ts';
import { createLearning } from './learning/show-learning.ts';
import { createLessons } from './lesson/show-lessons.ts';
import { emptyPage, type PageEvent, type PageState, reduce } from './page-state.ts';
import { performanceTrack } from './performance-track.ts';
import { createPlanPage } from './plan/show-plan.ts';
import { createPlanBook } from './plan-book.ts';
import { createProgress } from './progress.ts';
import { createRunKeeper } from './recording/keep-run.ts';
import { playInstead } from './recording/play-instead.ts';
import { createRecorder, hearing, recorded } from './recording/recorder.ts';
import { createResults } from './results/open-results.ts';
import { createRunTable } from './results/run-table.ts';
import { hideResumeBanner, showResumeBanner } from './resume-banner.ts';
import { createRun, type RunState } from './run.ts';
import { createRunButtons, hint } from './run-buttons.ts';
import type { Settings } from './run-settings.ts';
import { listen, startSession } from './session.ts';
import { createSettings } from './settings.ts';
import { links } from './share/links.ts';
import { createSharing } from './share/sharing.ts';
import { fillBar } from './shell/bar.ts';
import { createViewSwitch } from './shell/view-switch.ts';
import { createStepMode, ownStep } from './step/show-step.ts';
import { createStore } from './store.ts';
import { createStudies } from './study/show-study.ts';
import { createSteps } from './timeline/show-steps.ts';
import { createTrial } from './timeline/try-step.ts';
import { createViews } from './views.ts';
import { shownFields } from './weather/shown-fields.ts';
import { WeatherElement } from './weather/weather.ts';
import { showNoWebGpu } from './webgpu-check.ts';
import { adapterName, showAdapter, showExchangeWait, showStepFacts, showWhatRuns } from './what-runs.ts';
import { createWorksheet } from './worksheet/show-worksheet.ts';

/** @param taken the room, where this was the page of a guest */
export async function startApp(taken?: TakenRoom & { readonly name: string }): Promise<void> {
  fillBar();
  element('plain-head', HTMLElement).hidden = true;
  const bar = element('bar', HTMLElement);
  bar.hidden = false;
  // What it shows is not there yet.
  bar.inert = true;
  createWorksheet();
  const session = startSession(message =>
    showAlert({ title: 'Training is not possible', message, kind: 'error' }),
  );
  const address = new URL(location.href);
  address.search = '';
  const progress = createProgress();
  const reported = new Set<string>();
  let card: Card | undefined;

  /** A refused call. The session has sent an event with the same message, which says more: then this one is left out. */
  const failed = (cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (reported.has(message)) return;
    showRunError({ code: 'internal', message, resumable: false }, () => {});
  };

  const recorder = createRecorder(() => performance.now());
  const table = createRunTable();
  const kept: KeptRuns = createKeptRuns(() => store.state());
  const energy = createEnergy({ planOf: rank => session.plan(rank), crew: () => sharing.crew, failed });
  const own = createStore<PageState, PageEvent>(emptyPage(), reduce);
  const store = recorded(own, recorder, table, kept, energy);
  const cursor = createCursor();
  const weather = element('weather', WeatherElement);
  store.subscribe(() => {
    weather.state = store.state();
  });
  const machine = createMachine({
    cursor,
    onMesh: mesh => run.change({ mesh }),
    onView(view) {
      lessons.machine(view);
      tryStep();
    },
    onStep: step => steps.predict(step),
    onCrash: message =>
      showAlert({ topic: 'cuts', title: 'The machine cannot be shown', message, kind: 'warning' }),
  });
  const book = createPlanBook(rank => session.plan(rank));
  const steps = createSteps({ store, book, cursor });
  const keeper = createRunKeeper(recorder, book);
  const tryStep = createTrial({
    state: store.state,
    predictedSeconds: () => (card?.gigaflops === undefined ? undefined : machine.seconds()),
    rehearse: () => session.rehearse(),
    show(tried) {
      // Nobody else counts it as a step.
      own.send({ type: 'trace', ...tried });
      void steps.learn(tried.traces);
    },
  });
  own.subscribe(tryStep);
  weather.addEventListener('weather-rolled', event => {
    if (event instanceof CustomEvent) machine.picture(event.detail.view, event.detail.spec);
  });
  createResults({ store, table, session, maps: () => shownFields(weather.drawn), onError: failed });
  const stepMode = createStepMode(ownStep(session), store);
  document.addEventListener('isobar-open-step', event => {
    if (!isLaidOver() && event instanceof CustomEvent) stepMode.openAt(event.detail).catch(failed);
  });
  const lessons = createLessons({
    store,
    cursor,
    acts: {
      set: search => setUp(withSettings(location.search, search)),
      train: steps => settings.check() && run.steps(steps),
    },
  });
  const classroom = createClassroom();
  const studies = createStudies();
  const plans = createPlanPage(machine);
  const sheets = createDataSheets();
  const sharing = createSharing({
    ...{ session, base: address, name: taken?.name, run: () => run, machine, failed },
    told: { store, book, recorder, session, onError: failed },
    said: message => reported.add(message),
    onSeated(cards) {
      machine.hold(cards.map(({ rank, card, holder }) => ({ rank, card, name: holder })));
      steps.hold(cards);
      energy.hold(cards);
    },
  });
  const switcher = createViewSwitch(route => {
    const { view, path } = route;
    lessons.show(route).catch(failed);
    if (view === 'board') machine.compare();
    if (view === 'timeline' && !keeper.isOpen() && !isLaidOver()) steps.open().catch(failed);
    if (view === 'details') energy.open();
    if (view === 'share') sharing.show().catch(failed);
    if (view === 'plan') plans.open(route.camera).catch(failed);
    if (view === 'study') studies.open().catch(failed);
    if (view === 'data') sheets.open().catch(failed);
    if (view === 'step' && !isLaidOver()) stepMode.open(path).catch(failed);
    if (view === 'class') classroom.show().catch(failed);
  });
  const views = createViews(hearing(session, recorder), failed);
  const learning = createLearning({
    score: () => session.score('test'),
    scored: () => views.refreshAll(),
    kept,
    failed,
  });
  const channels = createChannelLink(weather, learning.select);

  /** Shows a run that was prepared, or whose ranks were seated anew. */
  const show = (info: RunInfo, goesOn: boolean) => {
    settings.show(run.settings());
    showWhatRuns(info);
    progress.restart(run.settings().steps, info.step);
    store.send({ type: 'prepared', info, goesOn });
    sharing.started(info.step);
    views.restart(info);
    channels.restart(info);
    views.refresh();
  };
  const started = (info: RunInfo) => {
    learning.started(info);
    show(info, false);
    proposePreset(info, preset => {
      run.change({ ...settingsOf(preset), preset });
      settings.show(run.settings());
    });
  };
  const regrouped = (info: RunInfo) => {
    learning.rewound(info);
    show(info, true);
  };
  const resuming = ({ step }: SavedRun) => {
    settings.show(run.settings());
    sharing.started(step);
  };
  const assemble = (shape: MeshShape, data: DataChoice | undefined) =>
    sharing.assemble(shape, {
      data: data && isBoxed(data) ? data : undefined,
      emulation: links[run.settings().link].emulation,
    });

  /** In words of the task: that of the run that is shown, else of the one that is wanted. */
  const showTask = (info: RunInfo | undefined) => {
    const task = info?.task ?? presets[run.settings().preset].task.kind;
    learning.speak(task, info);
    if (!info) views.expect(task);
  };
  const { part, ...asked } = settingsIn(location.search);
  const first: Settings = {
    ...asked,
    data: asked.data === 'synthetic' ? synthetic : withPart(sourceFor(asked.preset, embedded), part ?? {}),
  };
  /** Keeps the address that of the settings that are wanted: a link to it, or a reload, sets up the same. */
  const showAddress = () => {
    const wanted = run.settings();
    const data = wanted.data.kind === 'synthetic' ? 'synthetic' : 'embedded';
    const search = searchOf({ ...wanted, data, part: bringing.part() }, location.search);
    if (search !== location.search)
      history.replaceState(null, '', `${location.pathname}${search}${location.hash}`);
    lessons.wanted(wanted, search);
  };
  const showState = (state: RunState) => {
    sharing.state(state);
    const { status, info, frame } = state;
    steps.ofRun(!state.changed, run.settings().link === 'own');
    if (!info && store.state().info) store.send({ type: 'gone' });
    machine.show(run.settings(), frame, card);
    const still = status !== 'running';
    showButtons(state);
    progress.status(status, hint(state));
    settings.enable(still);
    bringing.show(state);
    sheets.show(run.settings());
    learning.enable(info !== undefined && still && status !== 'preparing');
    showTask(info);
    if (!info) showWhatRuns(undefined);
    showAddress();
    if (status === 'running' || status === 'paused') hideResumeBanner();
  };
  const run = createRun(session, first, {
    started,
    regrouped,
    resuming,
    assemble,
    failed,
    leaving: () => views.leave(),
    state: showState,
  });
  /** What was saved of the run before is there until the new one is saved. */
  const offerBack = async () => {
    const saved = await session.savedRun();
    if (!saved || saved.step === 0) return;
    showAlert({
      kind: 'notice',
      title: 'A new run stands at its beginning',
      message: `The run before is kept, as of step ${count(saved.step)}, until you train.`,
      actions: [{ label: 'Take it back', run: () => void run.takeUpSaved(run.settings().data) }],
    });
  };
  const showButtons = createRunButtons(
    run,
    () => settings.check(),
    () => void offerBack(),
  );
  const settings = createSettings(
    values => {
      clearAlerts();
      run.change(values.preset ? { ...settingsOf(values.preset), ...values } : values);
      settings.show(run.settings());
    },
    () => switcher.go('details'),
  );
  const settingsOf = (preset: string): Partial<Settings> => ({
    steps: presets[preset].steps,
    batch: undefined,
    accumulate: 1,
    recompute: false,
    model: {},
    data: withPart(sourceFor(preset, run.settings().data), bringing.part()),
  });
  /** Sets up what an address says, but does not train. */
  const setUp = (search: string) => {
    clearAlerts();
    if (run.state().status === 'running') run.pause();
    const { data: kind, part, ...asked } = settingsIn(search);
    bringing.showPart(part ?? {});
    const before = run.settings();
    const isSynthetic = before.data.kind === 'synthetic';
    const data = (kind === 'synthetic') === isSynthetic ? before.data : isSynthetic ? embedded : synthetic;
    run.change({ ...asked, data: withPart(sourceFor(asked.preset, data), part ?? {}) });
    settings.show(run.settings());
  };
  const bringing = createBringing({
    session,
    run,
    onRecording: file => void keeper.openFile(file).catch(failed),
    onStep(step) {
      progress.showStep(step);
      views.refresh();
    },
    onReset: offerBack,
    onPart: showAddress,
    failed,
  });
  bringing.showPart(part ?? {});

  const track = performanceTrack(book);
  /** How fast the card is, for what the machine says of time; asked once, when nothing else is to be done. */
  const learnSpeed = async () => {
    if (!card || card.gigaflops !== undefined) return;
    card = { ...card, gigaflops: await session.speed() };
    showState(run.state());
  };

  const onEvent = (event: RunEvent) => {
    store.send(event);
    progress.event(event);
    sharing.event(event);
    learning.event(event);
    switch (event.type) {
      case 'status':
        run.setStatus(event.status);
        studies.status(event.status);
        if (event.status === 'ready') learnSpeed().catch(failed);
        if (event.status === 'paused' || event.status === 'done') views.refreshAll();
        break;
      case 'metrics':
        showStepFacts(event);
        views.refreshSometimes();
        break;
      case 'ranks':
        if (event.ranks[0]) showExchangeWait(event.ranks[0]);
        break;
      case 'trace':
        void track.add(event);
        void steps.learn(event.traces);
        break;
      case 'warning':
        showAlert({ title: 'Please note', message: event.message, kind: 'warning' });
        break;
      case 'error':
        reported.add(event.error.message);
        if (event.error.code === 'no-webgpu') showNoWebGpu('no-adapter');
        // The alert of the mesh says more.
        else if (event.error.code !== 'peer-lost')
          showRunError(event.error, () => run.resumeSaved(run.settings().data));
        break;
    }
  };

  await listen(session, onEvent);
  try {
    const adapter = await session.adapter();
    showAdapter(adapter);
    sharing.adapter(adapter);
    card = { software: adapter.software };
    const acts = steeredBy(run, () => settings.check(), setUp);
    await enterClass({ store, acts, gpu: adapterName(adapter), share: sharing.open });
  } catch {
    showNoWebGpu('no-adapter');
    await playInstead();
    await enterClass(undefined);
    return;
  }
  settings.show(first);
  showState(run.state());
  // So that nothing moves when they come.
  await views.loaded();
  element('app', HTMLElement).hidden = false;
  bar.inert = false;

  if (taken) {
    const { takeOver } = await sharing.open();
    await takeOver(taken, { takeUp: run.takeUpSaved, discard: () => run.change({}), say: progress.status });
    return;
  }
  // A new run stands ready beside the offer: nothing of the page is empty meanwhile.
  const saved = await session.savedRun();
  run.change({});
  if (!saved) return;
  showResumeBanner(saved, {
    onResume: run.resumeSaved,
    onDiscard: () => void session.forgetSavedRun().catch(failed),
  });
}

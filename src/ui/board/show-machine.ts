/** The machine of the page: its compact card and its board, shown for whatever run is wanted. */

import type { RolloutSpec, RolloutView } from '../../session/api/api.ts';
import type { LaptopRow } from '../../session/api/best-mesh.ts';
import type { PredictedTrace, Prediction } from '../../session/api/cut-prediction.ts';
import type { Card, Setting } from '../../session/api/cut-settings.ts';
import type { CutModel } from '../../session/api/cuts.ts';
import type { MachineOrder, MachineReport } from '../../session/api/machine-report.ts';
import { openCuts } from '../../session/api/open-cuts.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';
import type { Cursor } from '../cursor.ts';
import { element } from '../dom.ts';
import { overridesOf, type Settings } from '../run-settings.ts';
import { boardPlace } from './board-place.ts';
import type { Holder } from './drawing.ts';
import { IsobarMachine } from './machine.ts';
import { sampleFields } from './sample-fields.ts';
import { type BoardView, watchCuts } from './watch-cuts.ts';

export interface Machine {
  /** @param frame of the data that are read; of those that the preset is meant for where absent */
  show(settings: Settings, frame: CutModel['frame'] | undefined, card: Card | undefined): void;
  hold(holders: readonly Holder[]): void;
  /** What the model reads. */
  picture(view: RolloutView, spec: RolloutSpec): void;
  /** The board is in sight: other ways to cut are worked out too. */
  compare(): void;
  /** A mesh of the model that is shown, where its ranks might be. Undefined where it is impossible. */
  predict(mesh: MeshConfig, setting: Setting): Promise<Prediction | undefined>;
  /** A preset on machines of the table, whatever is shown. */
  machines(order: MachineOrder): Promise<MachineReport>;
  /** How many usual laptops make a GPU, for the model that is shown. */
  laptops(gpu: string): Promise<readonly LaptopRow[]>;
  /** Of a step of the cut that is shown, on the card that is here; undefined until it is predicted. */
  seconds(): number | undefined;
  /** The model that is shown; another text where it is another model. */
  question(): string;
}

export interface MachineOptions {
  readonly cursor: Cursor;
  /** Another possible mesh is chosen. */
  readonly onMesh: (mesh: MeshConfig) => void;
  /** Of every new view of it. */
  readonly onView: (view: BoardView) => void;
  /** Of a step of it, as predicted for the card that is here; undefined until it is. */
  readonly onStep: (step: PredictedTrace | undefined) => void;
  /** For people: why nothing can be shown any more. */
  readonly onCrash: (message: string) => void;
}

export function createMachine({ cursor, onMesh, onView, onStep, onCrash }: MachineOptions): Machine {
  const elements = [element('machine', IsobarMachine), boardPlace()];
  const cuts = openCuts(onCrash);
  let shownModel: CutModel = { preset: 'demo' };
  const watch = watchCuts(
    cuts,
    view => {
      for (const shown of elements) shown.view = view;
      onView(view);
    },
    onStep,
  );
  for (const shown of elements) {
    shown.cursor = cursor;
    shown.addEventListener('isobar-mesh', event => {
      if (event instanceof CustomEvent) onMesh(event.detail);
    });
  }
  let shownFor = '';
  return {
    show({ preset, batch, accumulate, recompute, model, mesh }, frame, card) {
      const asked: CutModel = {
        preset,
        overrides: overridesOf({ batch, accumulate, model }),
        ...(recompute ? { recompute } : {}),
        ...(frame ? { frame } : {}),
      };
      const question = JSON.stringify([asked, mesh, card]);
      if (question === shownFor) return;
      shownFor = question;
      shownModel = asked;
      watch.show(asked, mesh, card).catch((cause: Error) => onCrash(cause.message));
    },
    hold(holders) {
      for (const shown of elements) shown.holders = holders;
    },
    picture(view, spec) {
      const fields = sampleFields(view, spec);
      for (const shown of elements) shown.fields = fields;
    },
    compare() {
      // The board is drawn when it is first looked at.
      Promise.all([import('./board.ts'), watch.compare()]).catch((cause: Error) => onCrash(cause.message));
    },
    predict: (mesh, setting) => cuts.prediction(shownModel, mesh, [setting]),
    machines: order => cuts.machines(order),
    laptops: gpu => cuts.laptops(shownModel, gpu),
    seconds: () => elements[0].view?.prediction?.steps.find(({ name }) => name === 'here')?.seconds,
    question: () => JSON.stringify(shownModel),
  };
}

/** What the board shows, kept up to date: the cut first, within a blink, then whether it pays, then other ways beside it. */
import { meshName, ranksOf } from '../../mesh/mesh.ts';
import type { PredictedTrace, Prediction } from '../../session/api/cut-prediction.ts';
import { type Card, usualSettings } from '../../session/api/cut-settings.ts';
import type { CutAnswer, CutModel, OfferedMesh } from '../../session/api/cuts.ts';
import type { CutsApi } from '../../session/api/open-cuts.ts';
import type { MeshConfig } from '../../session/api/run-config.ts';

/** A way to cut the model, as far as it is known. */
export interface Way {
  readonly mesh: MeshConfig;
  readonly answer?: CutAnswer;
  readonly prediction?: Prediction;
}

export interface BoardView extends Way {
  readonly offered: readonly OfferedMesh[];
  /** One device, copies of the whole, 2x2, and the mesh that is shown; empty until they are asked for. */
  readonly ways: readonly Way[];
}

export interface CutWatch {
  /** @param card that is here, as far as it is known */
  show(model: CutModel, mesh: MeshConfig, card?: Card): Promise<void>;
  /** Works out the other ways too, now and whenever something else is shown. */
  compare(): Promise<void>;
}

const onePiece: MeshConfig = { rows: 1, columns: 1, replicas: 1 };

const compared: readonly MeshConfig[] = [
  onePiece,
  { ...onePiece, replicas: 2 },
  { ...onePiece, replicas: 4 },
  { ...onePiece, rows: 2, columns: 2 },
];

/**
 * @param changed told of every new view; what was asked for before something else was is not shown
 * @param traced told of a step of the mesh that is shown, as it is predicted for the card that is here; undefined until it is
 */
export function watchCuts(
  api: CutsApi,
  changed: (view: BoardView) => void,
  traced: (step: PredictedTrace | undefined) => void = () => {},
): CutWatch {
  let view: BoardView = { mesh: onePiece, offered: [], ways: [] };
  let asked: { readonly model: CutModel; readonly card?: Card } | undefined;
  let turn = 0;
  let isComparing = false;
  const set = (change: Partial<BoardView>) => {
    view = { ...view, ...change };
    changed(view);
  };
  /** Resolves with nothing where something else is shown by now. */
  const current = async <Result>(result: Promise<Result>): Promise<Result | undefined> => {
    const own = turn;
    const value = await result;
    return own === turn ? value : undefined;
  };
  const settingsFor = (mesh: MeshConfig, card?: Card) => usualSettings(ranksOf(mesh), card);
  const predict = (model: CutModel, mesh: MeshConfig, card?: Card) =>
    api.prediction(model, mesh, settingsFor(mesh, card));

  async function compareNow(): Promise<void> {
    if (!asked) return;
    const { model, card } = asked;
    const others = compared.filter(mesh => meshName(mesh) !== meshName(view.mesh));
    const meshes = [...others, view.mesh];
    set({ ways: meshes.map(mesh => ({ mesh })) });
    for (const [i, mesh] of meshes.entries()) {
      const put = (change: Partial<Way>) =>
        set({ ways: view.ways.map((way, at) => (at === i ? { ...way, ...change } : way)) });
      const answer = await current(api.cuts(model, mesh));
      if (!answer) return;
      put({ answer });
      if ('impossible' in answer) continue;
      const prediction = await current(predict(model, mesh, card));
      if (!prediction) return;
      put({ prediction });
    }
  }

  return {
    async show(model, mesh, card) {
      turn++;
      const isOther = JSON.stringify(model) !== JSON.stringify(asked?.model);
      asked = { model, card };
      // What was said of another card stands until this one's is known.
      const isSameCut = !isOther && meshName(mesh) === meshName(view.mesh);
      set({ mesh, ways: [], ...(isSameCut ? {} : { prediction: undefined }) });
      if (!isSameCut) traced(undefined);
      const answer = await current(api.cuts(model, mesh));
      if (!answer) return;
      set({ answer });
      if (isOther || view.offered.length === 0) {
        const offered = await current(api.meshes(model));
        if (!offered) return;
        set({ offered });
      }
      const prediction = await current(predict(model, mesh, card));
      if (prediction) set({ prediction });
      const [here] = settingsFor(mesh, card);
      const step = await current(api.step(model, mesh, here));
      if (step) traced(step);
      if (isComparing && answer) await current(compareNow());
    },
    async compare() {
      isComparing = true;
      await compareNow();
    },
  };
}

/** Views by their kind: what a run offers, and asking for one. */
import type { RunInfo, View, ViewChoice, ViewSpec } from '../session/api/api.ts';

/** The first view of this kind that a run offers. */
export const specOf = <Kind extends ViewSpec['kind']>(
  { views }: Pick<RunInfo, 'views'>,
  kind: Kind,
): Extract<ViewSpec, { kind: Kind }> | undefined =>
  views.find((spec): spec is Extract<ViewSpec, { kind: Kind }> => spec.kind === kind);

/** Asks for a view that is of this kind. */
export type Ask = <Kind extends View['kind']>(
  spec: Extract<ViewSpec, { kind: Kind }>,
  choice: ViewChoice,
) => Promise<Extract<View, { kind: Kind }>>;

/** Whoever answers for views: a session, or a recording. */
export interface Answering {
  view(name: string, choice: ViewChoice): Promise<View>;
}

export const asking =
  (session: Answering): Ask =>
  async ({ name, kind }, choice) => {
    const view = await session.view(name, choice);
    if (isOfKind(view, kind)) return view;
    throw new Error(`The run offers ${name} as ${kind} and gives ${view.kind}.`);
  };

const isOfKind = <Kind extends View['kind']>(view: View, kind: Kind): view is Extract<View, { kind: Kind }> =>
  view.kind === kind;

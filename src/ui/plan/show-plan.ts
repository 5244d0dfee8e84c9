/** The plan view in the page: loaded when it is first looked at, and turned to what its address asks. */
import type { Machine } from '../board/show-machine.ts';
import { element } from '../dom.ts';
import { hashOf, home, type Route } from '../shell/route.ts';
import type { PlanView } from './plan-view.ts';

export interface PlanPage {
  /** The view comes into sight, or its address has changed. */
  open(camera: Route['camera']): Promise<void>;
}

export function createPlanPage({ machines }: Pick<Machine, 'machines'>): PlanPage {
  let view: PlanView | undefined;
  return {
    async open(camera) {
      const [{ PlanView }, { cameraOf, orderIn }] = await Promise.all([
        import('./plan-view.ts'),
        import('./plan-order.ts'),
      ]);
      if (!view) {
        const made = new PlanView();
        made.machines = machines;
        made.onOrder = order => {
          made.order = order;
          history.replaceState(null, '', hashOf({ ...home, view: 'plan', camera: cameraOf(order) }));
        };
        view = made;
        made.order = orderIn(camera);
        element('plan-view', HTMLElement).append(made);
        return;
      }
      view.order = orderIn(camera);
    },
  };
}

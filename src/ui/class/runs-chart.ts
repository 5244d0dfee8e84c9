/**
 * `<isobar-class-runs>`: the losses of a whole class in one chart. Property `content`: pupils, whom the teacher points at, the
 * lanes of a race, and whether it is drawn against steps or time.
 */
import { membersOf, type Pupil } from '../../crew/class/roll.ts';
import type { ClassState } from '../../crew/class/teacher.ts';
import { type Curve, createLineChart, type LineChart } from '../chart.ts';
import { groupName, words } from './words.ts';

export interface RunsContent {
  readonly pupils: readonly Pupil[];
  readonly pointed: string | undefined;
  /** Labels of the lanes, in order. */
  readonly lanes: readonly string[];
  readonly by: 'step' | 'seconds';
}

/** Of the theme. */
const laneColours = ['--parameters', '--gradients', '--optimizer', '--activations', '--exchange'];

/** Of a pupil's curve, a custom property of the style sheet. @param lanes in their order */
export function laneColour(lane: string | undefined, lanes: readonly string[]): string {
  const at = lane === undefined ? -1 : lanes.indexOf(lane);
  return at < 0 ? '--model' : laneColours[at % laneColours.length];
}

/** The curve of a group is that of all its members. */
export const namedByGroup = ({ pupils, grouping }: ClassState): readonly Pupil[] => {
  const names = new Map(
    grouping.groups.map(({ number }) => [
      number,
      groupName(membersOf(number, pupils).map(({ name }) => name)),
    ]),
  );
  return pupils.map(pupil => ({ ...pupil, name: names.get(pupil.group?.number ?? 0) ?? pupil.name }));
};

/** One curve a pupil: whom the teacher points at stands out, and lanes have a colour each. */
export function curvesOf({ pupils, pointed, lanes, by }: RunsContent): Curve[] {
  const named = new Set<string>();
  const drawn = pupils.filter(({ curve }) => curve.length > 0);
  return drawn.map(({ id, name, lane, curve }) => {
    const isPointed = id === pointed;
    const at = lane === undefined ? -1 : lanes.indexOf(lane);
    const isFirst = at >= 0 && !named.has(lanes[at]);
    if (isFirst) named.add(lanes[at]);
    return {
      label: isPointed || !isFirst ? name : lanes[at],
      colour: at < 0 && !isPointed ? '--muted' : laneColour(lane, lanes),
      width: isPointed ? 3.5 : 1.5,
      quiet: !isFirst && !isPointed,
      points: curve.map(point => ({ x: by === 'step' ? point.step : point.seconds, y: point.loss })),
    };
  });
}

export class ClassRuns extends HTMLElement {
  #chart: LineChart | undefined;
  #content: RunsContent = { pupils: [], pointed: undefined, lanes: [], by: 'step' };

  set content(content: RunsContent) {
    this.#content = content;
    this.#chart?.refresh();
  }

  connectedCallback(): void {
    if (this.#chart) return;
    const place = document.createElement('div');
    place.className = 'chart';
    place.setAttribute('role', 'img');
    place.ariaLabel = words.allRuns;
    place.dataset.testid = 'class-chart';
    this.append(place);
    this.#chart = createLineChart(place, () => ({
      curves: curvesOf(this.#content),
      xTitle: this.#content.by === 'step' ? 'step' : 'seconds',
      yTitle: 'loss',
      logarithmic: true,
      whenEmpty: words.noRuns,
    }));
  }
}

customElements.define('isobar-class-runs', ClassRuns);

declare global {
  interface HTMLElementTagNameMap {
    'isobar-class-runs': ClassRuns;
  }
}

/** The last step and the timeline as a user has them: what they tell, what keys and the pointer do, and what others see of it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../../src/ui/theme.css';
import '../../../src/ui/timeline/timeline.css';
import { lanesOf, type StepLanes } from '../../../src/show/lanes.ts';
import { pathStrip } from '../../../src/show/path-strip.ts';
import { createCursor } from '../../../src/ui/cursor.ts';
import { followAddress } from '../../../src/ui/timeline/follow-address.ts';
import { LastStep } from '../../../src/ui/timeline/last-step.ts';
import type { OpenStep } from '../../../src/ui/timeline/open-step.ts';
import { axisHeight } from '../../../src/ui/timeline/rows.ts';
import { Timeline } from '../../../src/ui/timeline/timeline.ts';
import { ms } from '../../../src/ui/timeline/words.ts';
import { oneCard, plansByHash, simulatedStep } from './simulated-steps.ts';

const first = simulatedStep(7);
const second = simulatedStep(8, 2e-3);
const lanesFrom = (traces: typeof first): StepLanes =>
  lanesOf(
    traces,
    hash => plansByHash.get(hash),
    () => 'host',
  )!;
const lanes = lanesFrom(first);
const cursor = createCursor();

const frame = () => new Promise(resolve => requestAnimationFrame(resolve));

beforeEach(() => cursor.set({ at: undefined, hovered: [] }));
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

async function shown<T extends LastStep | Timeline>(element: T, width = 1000): Promise<T> {
  Object.assign(element, {
    sampled: { origin: 0, traces: first },
    plans: plansByHash,
    cards: oneCard,
    cursor,
  });
  element.style.width = `${width}px`;
  document.body.append(element);
  await element.updateComplete;
  await frame();
  return element;
}

const lanesCanvas = (element: Element) => element.querySelector('canvas')!;
const factsIn = (element: Element) => element.querySelector('.timeline-facts')!.textContent ?? '';
const button = (element: Element, name: string) =>
  [...element.querySelectorAll('button')].find(
    each => (each.getAttribute('aria-label') ?? each.textContent?.trim()) === name,
  )!;

async function press(element: Timeline, ...keys: string[]) {
  for (const key of keys) {
    lanesCanvas(element).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    await element.updateComplete;
  }
}

async function point(element: LastStep | Timeline, x: number, y: number, ...types: readonly string[]) {
  const canvas = lanesCanvas(element);
  const { left, top } = canvas.getBoundingClientRect();
  const at = { clientX: left + x, clientY: top + y, bubbles: true };
  for (const type of ['pointermove', ...types]) canvas.dispatchEvent(new PointerEvent(type, at));
  await element.updateComplete;
}

/** Where a moment is drawn, on a canvas 1000 px wide. */
const xOf = (at: number) => 116 + (884 * at) / lanes.wallMs;
/** The middle of a rank's row: below the axis and the row of the card. */
const yOf = (rank: number) => axisHeight + 41 + rank * 31 + 10;

test('the last step says how long it took, who shared the card, and what bound it', async () => {
  const element = await shown(new LastStep());
  expect(element.querySelector('h2')?.textContent).toMatch(/^The last step, [\d.]+\sms$/);
  expect(element.textContent).toContain('one card, four ranks take turns');
  const { sums, wallMs } = pathStrip(lanes);
  const share = Math.round((100 * sums.card) / wallMs);
  expect(element.textContent).toContain(`card shared ~${share} %`);
  expect(element.textContent).toContain('bound by the card that ranks share');
  expect(lanesCanvas(element).getAttribute('aria-label')).toContain('rank 3: own work');
  expect(element.querySelector('a')?.getAttribute('href')).toBe('#/timeline');
  element.sampled = undefined;
  await element.updateComplete;
  expect(element.textContent).toContain('No step has been sampled yet');
});

test('slowed down, the step moves the cursor, and says by how much', async () => {
  const element = await shown(new LastStep());
  const moved = new Promise<number>(resolve => {
    const end = cursor.subscribe(() => {
      const { at = 0 } = cursor.state();
      if (at <= 0) return;
      end();
      resolve(at);
    });
  });
  button(element, 'slow it down ▶').click();
  expect(await moved).toBeLessThan(lanes.wallMs);
  expect(element.querySelector('button')?.textContent).toMatch(/replay, \d+ times slower/);
  element.querySelector('button')?.click();
  await element.updateComplete;
  expect(element.querySelector('button')?.getAttribute('aria-pressed')).toBe('false');
});

test('an address opens a step and a part of its time, and says where one has looked once a gesture is over', async () => {
  const before = location.href;
  location.hash = '#/timeline?step=8&from=0&to=0.001';
  const element = await shown(new Timeline());
  const end = followAddress(element);
  await element.updateComplete;
  expect(element.textContent).toContain('Step 8 of the address is not among the steps that are kept here');
  element.sampled = { origin: 0, traces: second };
  await element.updateComplete;
  element.sampled = { origin: 0, traces: simulatedStep(9) };
  await element.updateComplete;
  expect(element.textContent).not.toContain('of the address');
  expect(element.querySelector('.timeline-head')?.textContent).toContain('step 8');

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { length } = history;
  await press(element, '-');
  vi.advanceTimersByTime(1000);
  expect(location.hash).toMatch(/^#\/timeline\?step=8&from=0&to=0\.00\d+$/);

  // A drag says nothing before the pointer is up.
  const pointer = (type: string, x: number) => {
    const { left, top } = lanesCanvas(element).getBoundingClientRect();
    const at = { clientX: left + x, clientY: top + yOf(0), pointerId: 1, bubbles: true };
    lanesCanvas(element).dispatchEvent(new PointerEvent(type, at));
  };
  vi.spyOn(Element.prototype, 'setPointerCapture').mockReturnValue();
  const { hash } = location;
  pointer('pointerdown', 800);
  pointer('pointermove', 500);
  vi.advanceTimersByTime(1000);
  expect(location.hash).toBe(hash);
  pointer('pointerup', 500);
  vi.advanceTimersByTime(1000);
  expect(location.hash).toMatch(/^#\/timeline\?step=8&from=0\.000\d+&to=0\.00\d+$/);
  // Looking around is no step of the browser's history.
  expect(history.length).toBe(length);
  vi.useRealTimers();
  end();
  history.replaceState(null, '', before);
});

test('keys go from span to span and lane to lane, and Enter opens the plan step', async () => {
  const element = await shown(new Timeline());
  const opened: OpenStep[] = [];
  element.addEventListener('isobar-open-step', event => {
    if (event instanceof CustomEvent) opened.push(event.detail);
  });
  await press(element, 'ArrowDown', 'ArrowLeft', 'ArrowRight');
  expect(factsIn(element)).toContain('on rank 0');
  expect(cursor.state().hovered.length).toBeGreaterThan(0);
  const { at = 0 } = cursor.state();
  await press(element, 'ArrowRight');
  expect(cursor.state().at).toBeGreaterThanOrEqual(at);
  await press(element, 'ArrowDown', 'Enter');
  expect(factsIn(element)).toContain('on rank 1');
  const [step] = opened;
  expect(step.rank).toBe(1);
  expect(plansByHash.get(step.plan)?.[step.step].provenance).toMatchObject({
    layer: step.layer,
    phase: step.phase,
  });
  await press(element, 'Escape');
  expect(cursor.state()).toEqual({ at: undefined, hovered: [] });
});

test('work under the pointer is told with its share of the card, marked as estimated', async () => {
  const element = await shown(new Timeline());
  const piece = lanes.ranks[2].pieces
    .filter(({ kind }) => kind === 'work')
    .reduce((longest, other) =>
      other.ended - other.begun > longest.ended - longest.begun ? other : longest,
    );
  const middle = (piece.begun + piece.ended) / 2;
  await point(element, xOf(middle), yOf(2));
  expect(factsIn(element)).toContain('on rank 2');
  expect(factsIn(element)).toMatch(/its own, ~.* waiting for the card \(estimated\)/);
  expect(factsIn(element)).toContain('1 kernel');
  expect(Math.abs(cursor.state().at! - middle)).toBeLessThan(lanes.wallMs / 800);
  expect(cursor.state().hovered).toContain('r:2');
  expect(cursor.state().hovered).toContain(`s:${piece.span!.from}`);
  // The card's row has a stripe for each rank, the first uppermost.
  await point(element, xOf(middle), axisHeight + 2);
  expect(cursor.state().hovered).toEqual([
    `r:${lanes.cards[0].turns.find(turn => turn.ended > middle)?.ranks[0]}`,
  ]);
});

test('a click keeps what it was at, for the button that opens it; a drag moves the view instead', async () => {
  const element = await shown(new Timeline());
  const canvas = lanesCanvas(element);
  // Only a pointer of the browser's own can be captured.
  vi.spyOn(canvas, 'setPointerCapture').mockImplementation(() => {});
  const opened: OpenStep[] = [];
  element.addEventListener('isobar-open-step', event => {
    if (event instanceof CustomEvent) opened.push(event.detail);
  });
  const work = lanes.ranks[3].pieces.find(({ kind }) => kind === 'work')!;
  await point(
    element,
    xOf((work.begun + work.ended) / 2),
    yOf(3),
    'pointerdown',
    'pointerup',
    'pointerleave',
  );
  expect(factsIn(element)).toContain('on rank 3');
  button(element, 'open in step mode').click();
  expect(opened).toEqual([expect.objectContaining({ rank: 3, step: work.span!.from })]);
  await press(element, 'Escape', '+', '+');
  expect(factsIn(element)).toContain('Point at a span');
  const details = element.querySelector('details')!;
  const toggled = new Promise(resolve => details.addEventListener('toggle', resolve, { once: true }));
  details.open = true;
  await toggled;
  await element.updateComplete;
  const caption = () => details.querySelector('caption')?.textContent ?? '';
  const before = caption();
  await point(element, 600, yOf(0), 'pointerdown');
  await point(element, 500, yOf(0), 'pointerup', 'pointerleave');
  expect(caption()).not.toBe(before);
  expect(factsIn(element)).toContain('Point at a span');
  canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: 480, cancelable: true }));
  await element.updateComplete;
  expect(caption()).toContain('From 0');
});

test('an exchange under the pointer is named for all views', async () => {
  const element = await shown(new Timeline());
  const piece = lanes.ranks[1].pieces
    .filter(({ kind }) => kind === 'exchange')
    .reduce((longest, other) =>
      other.ended - other.begun > longest.ended - longest.begun ? other : longest,
    );
  await press(element, '+', '+', '+', '+', '+', '0');
  await point(element, xOf((piece.begun + piece.ended) / 2), yOf(1) - 4);
  expect(cursor.state().hovered).toEqual([`x:${piece.span!.exchange}`]);
  expect(factsIn(element)).toContain('nothing else was done meanwhile');
});

test('steps are kept, gone back to, and compared on one scale; the newest is followed until one is held', async () => {
  const element = await shown(new Timeline());
  button(element, 'pin, to compare').click();
  element.sampled = { origin: 0, traces: second };
  await element.updateComplete;
  expect(element.querySelector('strong')?.textContent).toBe('step 8');
  expect(element.textContent).toContain('pinned, step 7:');
  await press(element, '[');
  expect(element.querySelector('strong')?.textContent).toBe('step 7');
  element.sampled = { origin: 0, traces: simulatedStep(9) };
  await element.updateComplete;
  expect(element.querySelector('strong')?.textContent).toBe('step 7');
  await press(element, ']', ']');
  expect(element.querySelector('strong')?.textContent).toBe('step 9');
  element.predicted = { traces: second, plans: [...plansByHash] };
  await element.updateComplete;
  const slower = Math.round((100 * (lanesFrom(second).wallMs - lanes.wallMs)) / lanes.wallMs);
  expect(element.textContent).toContain(`(+${slower} %)`);
  // All are seen on the scale of the longest.
  await press(element, '0');
  const details = element.querySelector('details')!;
  const opened = new Promise(resolve => details.addEventListener('toggle', resolve, { once: true }));
  details.open = true;
  await opened;
  await element.updateComplete;
  expect(details.querySelector('caption')?.textContent).toContain(`to ${ms(lanesFrom(second).wallMs)}`);
  expect(element.textContent).not.toContain('is not known');
  element.cards = oneCard.map(card => ({ ...card, certain: false }));
  await element.updateComplete;
  expect(element.textContent).toContain('on one machine is not known');
});

test('a search counts what it finds, and the table tells the spans in view', async () => {
  const element = await shown(new Timeline());
  const details = element.querySelector('details')!;
  const opened = new Promise(resolve => details.addEventListener('toggle', resolve, { once: true }));
  details.open = true;
  await opened;
  await element.updateComplete;
  expect(details.querySelectorAll('tbody tr')).toHaveLength(60);
  const input = element.querySelector('input')!;
  input.value = 'update';
  input.dispatchEvent(new InputEvent('input'));
  await element.updateComplete;
  const updates = first.flatMap(({ plan, spans }) =>
    spans.filter(({ lane, from }) => {
      const step = plansByHash.get(plan)![from];
      return lane === 'device' && step.provenance.phase === 'update';
    }),
  );
  expect(element.querySelector('output')?.textContent).toBe(`${updates.length} spans`);
  expect(details.querySelectorAll('tbody tr')).toHaveLength(Math.min(60, updates.length));
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  await element.updateComplete;
  expect(factsIn(element)).toContain('update');
});

test('it draws when something changes, and only then', async () => {
  const draws = vi.spyOn(CanvasRenderingContext2D.prototype, 'clearRect');
  const element = await shown(new Timeline());
  await frame();
  await frame();
  const before = draws.mock.calls.length;
  expect(before).toBeGreaterThan(0);
  await frame();
  await frame();
  expect(draws.mock.calls.length).toBe(before);
  cursor.set({ hovered: ['x:3'] });
  await element.updateComplete;
  await frame();
  await frame();
  expect(draws.mock.calls.length).toBe(before + 1);
});

test('on a narrow screen there are the strip and one lane, and keys choose whose', async () => {
  const element = await shown(new Timeline(), 380);
  expect(lanesCanvas(element).clientHeight).toBeLessThan(100);
  await press(element, 'ArrowDown', 'ArrowDown', 'ArrowRight');
  await press(element, 'ArrowDown', 'ArrowLeft');
  expect(factsIn(element)).toContain('on rank 3');
  const choice = element.querySelector('select')!;
  choice.value = '1';
  choice.dispatchEvent(new Event('change'));
  await press(element, 'ArrowRight');
  expect(factsIn(element)).toContain('on rank 1');
});

/** Step mode on a real run: through a block forward and backward, with the values that the engine has. */
import { afterEach, expect, test, vi } from 'vitest';
import '../../../src/ui/theme.css';
import '../../../src/ui/step/step.css';
import type { Looked, RankLook } from '../../../src/session/api/api.ts';
import { picturesOf } from '../../../src/show/beat-pictures.ts';
import { beatsOf } from '../../../src/show/beats.ts';
import { exactNumber } from '../../../src/show/format.ts';
import { type HeatMap, heatOf } from '../../../src/ui/step/heat-map.ts';
import { placeOf } from '../../../src/ui/step/show-step.ts';
import { StepView } from '../../../src/ui/step/step-view.ts';
import { forgetRuns, smallRun, testSession } from '../session/helpers.ts';
import { closeAll, connect, onMesh, ranks } from '../session/mesh-helpers.ts';

afterEach(async () => {
  document.body.replaceChildren();
  await forgetRuns();
});

const layer = 'blocks.0.tokens';

test.each([
  [1, 1],
  [2, 2],
])(
  '%i x %i: nine beats forward, nine backward, and every picture is of what the engine has',
  async (rows, columns) => {
    const own = await testSession();
    const others = ranks(rows * columns - 1);
    if (others.length > 0) await connect(own.session, others);
    await own.session.prepare(others.length > 0 ? onMesh(rows, columns) : smallRun);
    const plans = (
      await Promise.all([0, ...others.map((_, i) => i + 1)].map(rank => own.session.plan(rank)))
    ).flatMap(all => all.slice(-1));

    const view = new StepView();
    view.plans = plans;
    view.place = placeOf([layer, 'forward', '1']);
    const asked: { looks: readonly RankLook[]; seen: readonly Looked[] }[] = [];
    view.look = async looks => {
      const seen = await own.session.look(looks);
      asked.push({ looks, seen });
      return seen;
    };
    view.addEventListener('isobar-step-move', event => {
      if (event instanceof CustomEvent) view.place = event.detail;
    });
    document.body.append(view);
    await view.updateComplete;
    const button = (selector: string) => view.querySelector<HTMLButtonElement>(selector)!;

    let moved = 0;
    for (const phase of ['forward', 'backward'] as const) {
      button(`[data-phase=${phase}]`).click();
      const beats = beatsOf(plans, { layer, phase });
      expect(beats).toHaveLength(9);
      for (const [at, beat] of beats.entries()) {
        await vi.waitFor(() => {
          const current = view.querySelector<HTMLElement>('[aria-current=step]')!;
          expect(current.dataset.beat).toBe(String(at + 1));
          const maps = [...view.querySelectorAll<HeatMap>('isobar-heat-map')];
          expect(maps).toHaveLength(plans.flatMap((plan, rank) => picturesOf(plan, beat, rank)).length);
          expect(maps.every(({ seen }) => seen !== undefined)).toBe(true);
        });
        const maps = [...view.querySelectorAll<HeatMap>('isobar-heat-map')];
        const wanted = plans.flatMap((plan, rank) =>
          picturesOf(plan, beat, rank).map(({ look }) => ({ ...look, rank })),
        );
        const seen = wanted.length > 0 ? await own.session.look(wanted) : [];
        maps.forEach((map, i) => {
          expect(map.seen).toEqual(seen[i]);
          expect(seen[i].values.every(Number.isFinite)).toBe(true);
          const { rows: height, columns: width, values } = seen[i];
          const context = map.querySelector('canvas')!.getContext('2d')!;
          expect(context.getImageData(0, 0, width, height).data).toEqual(heatOf(values));
        });
        // Where there is nothing to do the beat says so.
        const isEmpty = beat.steps.every(steps => steps.length === 0);
        expect(view.querySelector(`[data-beat="${at + 1}"] s`) !== null).toBe(isEmpty);
        moved += beat.travels.reduce((sum, { bytes }) => sum + bytes, 0);
        button('[data-go=next]').focus();
        if (at < 8) button('[data-go=next]').click();
      }
      expect(button('[data-go=next]').disabled).toBe(true);
      expect(document.activeElement, 'who goes on by keys can go back').toBe(button('[data-go=back]'));
    }
    expect(moved > 0).toBe(others.length > 0);

    // A value by keyboard.
    const map = view.querySelector<HeatMap>('isobar-heat-map')!;
    const canvas = map.querySelector('canvas')!;
    canvas.focus();
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    await view.updateComplete;
    const value = map.seen!.values[1];
    const readOut = view.querySelector('output')!.textContent;
    expect(readOut.endsWith(`rank 0 [0, 1] = ${exactNumber(value)}`), readOut).toBe(true);
    // It is read, not gone to.
    expect(view.querySelector<HTMLElement>('[aria-current=step]')!.dataset.beat).toBe('9');
    await closeAll(own, others);
  },
);

test('on 1x2 a number shows its own sum, with whose each term was, and the block ends with the same on one device', async () => {
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  await own.session.prepare(onMesh(1, 2));
  const plans = (await Promise.all([0, 1].map(rank => own.session.plan(rank)))).flatMap(all => all.slice(-1));
  const beats = beatsOf(plans, { layer, phase: 'forward' });
  const at = beats.findIndex(({ kind }) => kind === 'product');
  const view = new StepView();
  view.plans = plans;
  view.place = { layer, phase: 'forward', beat: at };
  view.look = looks => own.session.look(looks);
  view.compare = () => own.session.sameAlone();
  document.body.append(view);
  const maps = () => [...view.querySelectorAll<HeatMap>('isobar-heat-map')];
  await vi.waitFor(() =>
    expect(maps().length > 0 && maps().every(({ seen }) => seen !== undefined)).toBe(true),
  );
  expect(view.querySelector('.own-sum-hint')).not.toBeNull();
  const result = maps().find(({ name }) => name === 'result, rank 0')!;
  const canvas = result.querySelector('canvas')!;
  const { width, height } = canvas.getBoundingClientRect();
  const { rows, columns, values } = result.seen!;
  const { left, top } = canvas.getBoundingClientRect();
  // In the middle of a value, within the border.
  const inside = (length: number, count: number, index: number) => 3 + ((index + 0.5) * (length - 6)) / count;
  const [clientX, clientY] = [left + inside(width, columns, 2), top + inside(height, rows, rows - 1)];
  canvas.dispatchEvent(new PointerEvent('click', { bubbles: true, clientX, clientY }));
  const total = () => view.querySelector('.own-sum-total')?.textContent ?? '';
  await vi.waitFor(() => expect(total()).toContain('The device has'));
  const heading = view.querySelector('.own-sum h3')?.textContent?.trim();
  expect(heading).toContain(`result, rank 0 [${rows - 1}, 2] = `);
  expect(view.querySelector('output')!.textContent.trim(), 'read and summed, it is written alike').toBe(
    heading,
  );
  const numberIn = (text: string) => Number(text.replaceAll('−', '-'));
  const partials = [...view.querySelectorAll<HTMLElement>('[data-partial]')].map(each => ({
    owner: each.dataset.partial,
    value: numberIn(each.textContent ?? 'none'),
  }));
  // The last row of the weight was rank 1's. On a narrow page only the card of rank 0 is shown.
  expect(partials.map(({ owner }) => owner)).toContain('1');
  const size = partials.reduce((sum, { value }) => sum + Math.abs(value), 0);
  const sum = partials.reduce((sum, { value }) => sum + value, 0);
  expect(Math.abs(sum - values[(rows - 1) * columns + 2]) / size).toBeLessThan(1e-5);
  const paths = [...view.querySelectorAll('.own-sum-bars path')];
  expect(paths.map(path => path.getAttribute('fill'))).toEqual(
    partials.map(({ owner }) => `url(#sum-hatch-${owner})`),
  );
  for (const path of paths) expect(path.getAttribute('d')).toMatch(/^M/);

  // By keyboard, a weight: it was there before.
  const left0 = maps()
    .find(({ name }) => name === 'left factor, rank 0')!
    .querySelector('canvas')!;
  left0.focus();
  left0.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  await vi.waitFor(() =>
    expect(view.querySelector('.own-sum h3')?.textContent).toContain('left factor, rank 0 [0, 0]'),
  );
  await vi.waitFor(() =>
    expect(view.querySelector('.own-sum')?.textContent).toMatch(/moved|It was there before/),
  );

  expect(view.querySelector('[data-testid=same-alone]')).toBeNull();
  view.place = { layer, phase: 'forward', beat: beats.length - 1 };
  await view.updateComplete;
  expect(view.querySelector('.own-sum-total')).toBeNull();
  const ask = await vi.waitFor(() => view.querySelector<HTMLButtonElement>('[data-testid=same-alone]')!);
  ask.click();
  await vi.waitFor(
    () => expect(view.querySelector('.same-alone [role=status]')?.textContent).toContain('which is rounding'),
    20_000,
  );
  const shares = [...view.querySelectorAll<HTMLElement>('[data-share]')].map(({ dataset }) =>
    Number(dataset.share),
  );
  expect(shares.length).toBeGreaterThan(3);
  expect(Math.max(...shares)).toBeLessThan(1e-4);
  await closeAll(own, others);
});

test('what cannot be looked at is said', async () => {
  const own = await testSession();
  await own.session.prepare(smallRun);
  const view = new StepView();
  document.body.append(view);
  await view.updateComplete;
  expect(view.textContent).toContain('No run is prepared yet');
  view.look = () => Promise.reject(new Error('a rank is gone'));
  view.plans = (await own.session.plan(0)).slice(-1);
  await vi.waitFor(() => expect(view.querySelector('[role=alert]')!.textContent).toBe('a rank is gone'));
  view.look = looks => own.session.look(looks);
  view.moment = 'later';
  await vi.waitFor(() => expect(view.querySelector<HeatMap>('isobar-heat-map')?.seen).toBeDefined());
  expect(view.querySelector('[role=alert]')).toBeNull();
  await own.session.close();
});

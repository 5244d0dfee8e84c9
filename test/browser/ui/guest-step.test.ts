/** Step mode in a guest's page, of a real run on 1x2: the values of its host's ranks come by messages as a room carries them. */
import { afterEach, expect, test, vi } from 'vitest';
import '../../../src/ui/theme.css';
import '../../../src/ui/step/step.css';
import { readCrewMessage } from '../../../src/crew/messages.ts';
import { createListener, partsOf } from '../../../src/crew/tales.ts';
import type { RankLook } from '../../../src/session/api/api.ts';
import { picturesOf } from '../../../src/show/beat-pictures.ts';
import { beatsOf } from '../../../src/show/beats.ts';
import { createAnswerer } from '../../../src/ui/guest/answer-guests.ts';
import { createGuestStep } from '../../../src/ui/guest/guest-step.ts';
import { lookWords } from '../../../src/ui/guest/words.ts';
import { emptyPage, type PageEvent, reduce } from '../../../src/ui/page-state.ts';
import { browserClock } from '../../../src/ui/recording/player.ts';
import type { HeatMap } from '../../../src/ui/step/heat-map.ts';
import { createStore } from '../../../src/ui/store.ts';
import { forgetRuns, testSession } from '../session/helpers.ts';
import { closeAll, connect, onMesh, ranks } from '../session/mesh-helpers.ts';

afterEach(async () => {
  document.body.replaceChildren();
  history.replaceState(null, '', location.pathname);
  await forgetRuns();
});

test('a guest sees what the ranks of its host have, while the host lets it and does not train', async () => {
  const own = await testSession();
  const others = ranks(1);
  await connect(own.session, others);
  const info = await own.session.prepare(onMesh(1, 2));
  const layer = 'blocks.0.tokens';
  const plans = (await Promise.all([0, 1].map(rank => own.session.plan(rank)))).flatMap(all => all.slice(-1));
  const [beat] = beatsOf(plans, { layer, phase: 'forward' });

  const place = document.createElement('div');
  place.id = 'step-view';
  document.body.append(place);
  history.replaceState(null, '', `#/step/${layer}/forward/1`);
  const host = createStore<ReturnType<typeof emptyPage>, PageEvent>(emptyPage(), reduce);
  const store = createStore<ReturnType<typeof emptyPage>, PageEvent>(emptyPage(), reduce);
  const tellBoth = (event: PageEvent) => {
    host.send(event);
    store.send(event);
  };
  let mayLook = false;
  const listen = createListener();
  const answer = createAnswerer({
    plan: rank => own.session.plan(rank),
    look: looks => own.session.look(looks),
    state: host.state,
    mayLook: () => mayLook,
    clock: browserClock,
    answer(_, question, text) {
      for (const part of partsOf(text, question)) {
        const whole = listen(part);
        if (whole !== undefined) guest.answered(question, whole);
      }
    },
  });
  const guest = createGuestStep({
    store,
    ask(id, question) {
      const read = readCrewMessage({ type: 'ask', id, question });
      if (read?.type === 'ask') answer({ ...read, type: 'asked', member: 'ann' });
    },
    holders: () => [
      { rank: 0, name: 'the host', card: 'a' },
      { rank: 1, name: 'you', card: 'b' },
    ],
    isAllowed: () => mayLook,
    hasHost: () => true,
    own: () => 1,
  });
  tellBoth({ type: 'prepared', info });
  tellBoth({ type: 'status', status: 'ready' });
  await guest.turn();
  await vi.waitFor(() => expect(place.textContent).toBe(lookWords.notAllowed));

  mayLook = true;
  guest.changed();
  const maps = () => [...place.querySelectorAll<HeatMap>('isobar-heat-map')];
  await vi.waitFor(() =>
    expect(maps().length > 0 && maps().every(({ seen }) => seen !== undefined)).toBe(true),
  );
  const looks = plans.flatMap((plan, rank) =>
    picturesOf(plan, beat, rank).map(({ look }): RankLook => ({ ...look, rank })),
  );
  expect(maps().map(({ seen }) => seen)).toEqual(await own.session.look(looks));
  expect([...place.querySelectorAll('.step-card h3')].map(each => each.textContent?.trim())).toEqual([
    'rank 0 the host',
    'rank 1 you',
  ]);
  // On a narrow page its own rank is the one that is shown.
  expect(place.querySelector<HTMLElement>('[data-shown=true]')?.dataset.rank).toBe('1');

  tellBoth({ type: 'status', status: 'running' });
  await vi.waitFor(() => expect(place.querySelector('.step-note')?.textContent).toBe(lookWords.running));
  tellBoth({ type: 'status', status: 'paused' });
  await vi.waitFor(() => expect(place.querySelector('.step-note')).toBeNull());

  mayLook = false;
  guest.changed();
  await vi.waitFor(() => expect(place.textContent).toBe(lookWords.notAllowed));
  expect(maps()).toEqual([]);
  guest.end();
  expect(place.childElementCount).toBe(0);
  await closeAll(own, others);
});

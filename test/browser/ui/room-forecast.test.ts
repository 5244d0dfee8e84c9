/** What the browsers in a room could do, in the page: who is there, what is worked out, and when it is of another room. */
import { afterEach, expect, test } from 'vitest';
import '../../../src/ui/theme.css';
import '../../../src/ui/share/room.css';
import { unknownAdapter } from '../../../src/crew/roster.ts';
import { ranksOf } from '../../../src/mesh/mesh.ts';
import type { Prediction } from '../../../src/session/api/cut-prediction.ts';
import type { Setting } from '../../../src/session/api/cut-settings.ts';
import { openCuts } from '../../../src/session/api/open-cuts.ts';
import { RoomForecast, type RoomView } from '../../../src/ui/share/room-forecast.ts';
import { powerOfRoom } from '../../../src/ui/share/room-power.ts';

let panel: RoomForecast;
afterEach(() => panel.remove());

const browser = (id: string, name: string, gigaflops: number) => ({
  id,
  name,
  gigaflops,
  software: false,
  adapter: unknownAdapter,
  ...(id === 'own' ? {} : { roundTripMs: 1 }),
});
const room = (...names: string[]): RoomView => ({
  isOneCard: false,
  like: { rows: 1, columns: 1, replicas: 1 },
  browsers: [browser('own', 'this page', 400), ...names.map(name => browser(name, name, 100))],
});

function open(view: RoomView) {
  const asked: Setting[] = [];
  panel = new RoomForecast();
  panel.room = view;
  panel.power = powerOfRoom;
  panel.laptops = async () => [];
  panel.predict = async (mesh, setting) => {
    asked.push(setting);
    // Columns are impossible for this model.
    if (mesh.columns > 1) return undefined;
    const seconds = 0.4 / ranksOf(mesh);
    const joules = { low: 1, central: 2, high: 4 };
    const memory = { total: 1e6 } as Prediction['memory'];
    return {
      mesh,
      memory,
      steps: [{ name: 'room', seconds, waitingSeconds: 0, aloneSeconds: 0.4, joules }],
    };
  };
  document.body.append(panel);
  return asked;
}
const find = <T extends HTMLElement>(name: string) => panel.querySelector<T>(`[data-testid="${name}"]`);
const rows = () =>
  [...panel.querySelectorAll('tbody tr')].map(line =>
    [...line.querySelectorAll('td')].map(cell => cell.textContent!.replaceAll('\u00a0', ' ')),
  );

test('without guests there is nothing to work out but laptops', async () => {
  open(room());
  await panel.updateComplete;
  expect(panel.textContent).toContain('Once others are in the room');
  expect(find('room-work')).toBeNull();
  expect(find('room-laptops')).not.toBeNull();
});

test('what is there is told, what is possible worked out, and said to be old when the room has changed', async () => {
  const asked = open(room('Ada'));
  await panel.updateComplete;
  expect([...panel.querySelectorAll('.room-browsers li')].map(item => item.textContent)).toEqual([
    'this page: 400 GFLOP/s',
    'Ada: 100 GFLOP/s; round trip 1 ms, 60 MB/s (assumed, as of a link with such a round trip, until more has gone over it)',
  ]);
  const field = panel.querySelector<HTMLInputElement>('[name=rate]')!;
  field.value = '25';
  field.dispatchEvent(new Event('input'));
  await panel.updateComplete;
  expect(panel.querySelectorAll('.room-browsers li')[1].textContent).toContain('25 MB/s (as you say)');
  find('room-work')!.click();
  await expect.poll(() => rows().length).toBe(3);
  expect(asked[1].ways![1].megabytesPerSecond).toBe(25);
  // Of both cards something is known: never nothing.
  expect(asked[1].cards.every(({ power }) => power!.gpu.full.central > 0)).toBe(true);
  expect(rows()[0]).toEqual([
    'this page and Ada',
    '1x1x2',
    '200 ms',
    '2 x',
    '0 %',
    '977 KiB',
    '2 J (1 to 4)',
  ]);
  expect(find('room-found')!.textContent).toContain('Best: 1x1x2 on this page and Ada');
  expect(find('room-stale')).toBeNull();
  panel.room = room('Ada', 'Bo');
  await panel.updateComplete;
  expect(find('room-stale')!.textContent).toBe('Worked out before the room or the model changed.');
});

test('what cannot be worked out is told', async () => {
  open(room('Ada'));
  panel.predict = async () => {
    throw new Error('its worker stopped');
  };
  await panel.updateComplete;
  find('room-work')!.click();
  const said = () => panel.querySelector('[role=alert]')!.textContent;
  await expect.poll(said).toBe('its worker stopped');
  // What the cards take is loaded when it is asked for.
  panel.power = async () => {
    throw new Error('the table could not be loaded');
  };
  find('room-work')!.click();
  await expect.poll(said).toBe('the table could not be loaded');
  expect(panel.querySelector<HTMLButtonElement>('[data-testid=room-work]')!.disabled).toBe(false);
});

test('laptops are counted by the plans of the model that is wanted', async () => {
  const faults: string[] = [];
  const cuts = openCuts(message => faults.push(message));
  open(room());
  panel.laptops = gpu => cuts.laptops({ preset: 'tiny', overrides: { batch: 64 } }, gpu);
  await panel.updateComplete;
  find('room-laptops')!.click();
  await expect.poll(() => rows().length, { timeout: 30_000 }).toBe(6);
  expect(rows().map(([laptop, link]) => `${laptop}, ${link}`)).toContain('GeForce RTX 4060 Laptop, wifi');
  expect(rows().every(([, , alone]) => Number(alone) > 0)).toBe(true);
  expect(faults).toEqual([]);
});

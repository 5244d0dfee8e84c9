/** Results are taken away: a press makes the file and saves it; what goes wrong is said; what a run has not is not offered. */
import { afterEach, expect, test, vi } from 'vitest';
import type { ResultSource } from '../../../src/ui/results/files.ts';
import { pageResults, type Resulting } from '../../../src/ui/results/page-results.ts';
import { openResults } from '../../../src/ui/results/results.ts';
import { createRunTable } from '../../../src/ui/results/run-table.ts';
import { runInfo } from '../../node/cli/run-info.ts';

afterEach(() => {
  document.querySelector('isobar-results')?.remove();
  vi.restoreAllMocks();
});

/** Of a run of this task, whose forecasts are as `saveForecasts` has them. */
function sourceOf(task: 'forecast' | 'classify', saveForecasts: Resulting['saveForecasts']): ResultSource {
  const table = createRunTable();
  table.event({ type: 'prepared', info: { ...runInfo, task } });
  const unused = () => Promise.reject(new Error('Nobody asked for this.'));
  return pageResults(table.kept()!, { result: unused, view: unused, saveForecasts }, () => undefined);
}

async function opened(source: ResultSource) {
  openResults(source);
  const view = document.querySelector('isobar-results')!;
  await vi.waitUntil(() => view.querySelector<HTMLDialogElement>('dialog[open]'));
  return {
    button: () => view.querySelector<HTMLButtonElement>('[data-file="forecasts.nc"]'),
    said: () => view.querySelector('[role=status]')?.textContent ?? '',
  };
}

const made = { starts: 2, first: '', last: '', members: 1, leads: 1, longest: '', names: [] };

test('a press on forecasts saves the file that the session writes, under the name of the run', async () => {
  const links: HTMLAnchorElement[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    links.push(this);
  });
  let done: (() => void) | undefined;
  const held = new Promise<void>(resolve => {
    done = resolve;
  });
  const requests: unknown[] = [];
  const { button, said } = await opened(
    sourceOf('forecast', async (request, write) => {
      requests.push(request);
      await write('', 4, Uint8Array.of(1, 2, 3));
      await write('', 0, new TextEncoder().encode('CDF\x02'));
      await held;
      return made;
    }),
  );
  expect(button()!.getAttribute('aria-label')).toBe('Forecasts, NetCDF');
  button()!.click();
  await vi.waitUntil(() => button()!.disabled);
  expect(said()).toMatch(/^Making isobar-.*-forecasts\.nc …$/);
  done!();
  await vi.waitUntil(() => !button()!.disabled);
  expect(requests).toEqual([{ format: 'netcdf', starts: 'scored' }]);
  const [link] = links;
  expect(link.download).toMatch(/^isobar-.*-forecasts\.nc$/);
  expect(said()).toBe(`${link.download}, 7\u00a0B`);
  const file = await (await fetch(link.href)).blob();
  expect(file.type).toBe('application/x-netcdf');
  expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([67, 68, 70, 2, 1, 2, 3]);
});

test('why forecasts could not be made is said, and they can be asked for again', async () => {
  const saved = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  let fails = true;
  const { button, said } = await opened(
    sourceOf('forecast', async (_, write) => {
      if (fails) throw new Error('The device was lost.');
      await write('', 0, Uint8Array.of(1));
      return made;
    }),
  );
  button()!.click();
  await vi.waitUntil(() => said() !== '' && !button()!.disabled);
  expect(said()).toBe('The file could not be made: The device was lost.');

  fails = false;
  const full = vi
    .spyOn(Blob.prototype, 'arrayBuffer')
    .mockRejectedValue(new DOMException('The requested file could not be read.', 'NotReadableError'));
  button()!.click();
  await vi.waitUntil(() => /no room/.test(said()));
  expect(said()).toBe(
    'The file could not be made: the browser has no room for 1\u00a0B. Make room on the disk, or write it there with npm run forecast.',
  );
  expect(saved).not.toHaveBeenCalled();

  full.mockRestore();
  button()!.click();
  await vi.waitUntil(() => saved.mock.calls.length === 1);
});

test('a run that forecasts nothing offers no forecasts', async () => {
  const { button } = await opened(sourceOf('classify', () => Promise.reject(new Error('not asked for'))));
  expect(button()).toBeNull();
});

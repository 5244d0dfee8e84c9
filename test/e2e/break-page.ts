/** How tests break a page: what it sends, its device, when it ends. */
import type { Locator, Page, Worker } from 'playwright-core';
import { checksumOf, FrameKind } from '../../src/net/frame.ts';
import { cutsWorker, sheetWorker, studyWorker } from '../../src/session/api/worker-name.ts';

export type Fault = 'version' | 'plan' | 'step' | 'length' | 'garbage' | 'NaN';

/** Of the blocks that a page sends from now on, the first is changed where it goes into its channel. */
export const spoilBlock = (page: Page, fault: Fault) =>
  page.evaluate(spoilNext, [fault, checksumOf.toString()] as const);

function spoilNext([fault, checksumSource]: readonly [Fault, string]): void {
  const checksumOf: (bytes: Uint8Array) => number = new Function(`return ${checksumSource}`)();
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
    const isFrame = data instanceof Uint8Array && String.fromCharCode(...data.subarray(0, 4)) === 'BISO';
    if (!isFrame || data[6] !== 1) return send.call(this, data as Uint8Array<ArrayBuffer>);
    RTCDataChannel.prototype.send = send;
    let frame = data.slice();
    const header = new DataView(frame.buffer);
    if (fault === 'version') header.setUint16(4, 99, true);
    if (fault === 'plan') header.setUint32(8, 5, true);
    if (fault === 'step') header.setUint32(12, 9999, true);
    if (fault === 'garbage') frame.fill(7);
    if (fault === 'length') {
      frame = frame.subarray(0, frame.byteLength - 4);
      for (const field of [28, 36]) header.setUint32(field, frame.byteLength - 48, true);
    }
    if (fault === 'NaN') header.setFloat32(48, Number.NaN, true);
    if (fault === 'length' || fault === 'NaN') header.setUint32(40, checksumOf(frame.subarray(48)), true);
    send.call(this, frame);
  };
}

/** The worker that trains in a page: those that cut models or read data sheets are of the session's file too. */
async function workerOf(page: Page, task: 'session' | 'rank'): Promise<Worker> {
  const address = task === 'rank' ? '/rank-worker' : '/worker';
  for (const worker of page.workers().filter(other => other.url().includes(address))) {
    const name = await worker.evaluate(() => self.name);
    if (name !== cutsWorker && name !== sheetWorker && name !== studyWorker) return worker;
  }
  throw new Error(`no worker of a ${task} among ${page.workers().map(other => other.url())}`);
}

/** When a device is lost: as commands are encoded, or while a buffer waits to be mapped. */
export type LostAt = 'encoding' | 'mapping';

/** The next command that is encoded in a worker of the page, or the next buffer that it maps, finds its device lost. */
export async function loseDevice(
  page: Page,
  task: 'session' | 'rank',
  at: LostAt = 'encoding',
): Promise<void> {
  const worker = await workerOf(page, task);
  await worker.evaluate(when => {
    const { createCommandEncoder } = GPUDevice.prototype;
    const { mapAsync } = GPUBuffer.prototype;
    GPUDevice.prototype.createCommandEncoder = function (...parameters) {
      GPUDevice.prototype.createCommandEncoder = createCommandEncoder;
      const lose = () => this.destroy();
      if (when === 'encoding') lose();
      else {
        GPUBuffer.prototype.mapAsync = function (...range) {
          GPUBuffer.prototype.mapAsync = mapAsync;
          const mapping = mapAsync.apply(this, range);
          lose();
          return mapping;
        };
      }
      return createCommandEncoder.apply(this, parameters);
    };
  }, at);
}

/** Nothing runs in the page any more. @returns a function that wakes it */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  let answer = () => {};
  const answered = new Promise<void>(resolve => {
    answer = resolve;
  });
  await page.route('**/wake', async route => {
    await answered;
    await route.fulfill();
  });
  // A request that the page waits for holds up everything in it.
  const frozen = page.evaluate(() => {
    const request = new XMLHttpRequest();
    request.open('GET', 'wake', false);
    request.send();
  });
  return () => {
    answer();
    return frozen;
  };
}

/** A page draws the name and the secret of a room by chance: from now on the chance that gave this room. */
export async function drawRoomOf(page: Page, invitation: string): Promise<void> {
  const [, ...parts] = new URL(invitation).hash.split('.');
  await page.evaluate(texts => {
    const drawn = new Map(
      texts.map(encoded => {
        const text = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'));
        return [text.length, Uint8Array.from(text, letter => letter.charCodeAt(0))];
      }),
    );
    const { getRandomValues } = Crypto.prototype;
    Crypto.prototype.getRandomValues = function (array) {
      const same = array instanceof Uint8Array ? drawn.get(array.length) : undefined;
      getRandomValues.call(this, array);
      if (same && array instanceof Uint8Array) array.set(same);
      return array;
    };
  }, parts);
}

export type Moment = readonly [kind: keyof typeof FrameKind, count: number];

/**
 * A page sends this many frames of a kind over its links, and no other frame after them, for it is closed then.
 *
 * @param button counted since it is pressed, which is done here; at once by default
 */
export async function closeAt(page: Page, [kind, count]: Moment, button?: Locator): Promise<void> {
  await page.exposeFunction('closeNow', () => page.close());
  await page.evaluate(
    ([counted, most, waits]) => {
      let left = most;
      let counts = !waits;
      new BroadcastChannel('pressed').onmessage = () => {
        counts = true;
      };
      const { send } = RTCDataChannel.prototype;
      RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
        const isFrame = data instanceof Uint8Array && String.fromCharCode(...data.subarray(0, 4)) === 'BISO';
        if (isFrame && left < 0) return;
        const isCounted = isFrame && counts && data[6] === counted;
        if (isCounted && left-- === 0) (window as unknown as { closeNow(): void }).closeNow();
        else send.call(this, data as Uint8Array<ArrayBuffer>);
      };
    },
    [FrameKind[kind], count, button !== undefined] as const,
  );
  await button?.evaluate(pressed => {
    const channel = new BroadcastChannel('pressed');
    pressed.addEventListener('click', () => channel.postMessage(null), { once: true });
  });
  await button?.click();
}

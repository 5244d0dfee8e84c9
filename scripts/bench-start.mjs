// How long it takes from an address to the first training step: the page of `npm start` beside that of `npm run dev`, once
// in a browser that has nothing of it yet, and as 30 clients that fetch at once what the page fetches.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { root } from './setup.mjs';

/** Its data are there the soonest. */
const preset = 'tiny';
const repeats = 3;
const clients = 30;
/** Of one browser to one server. */
const connections = 6;

/** @typedef {{ requests: string[], bytes: number, trainMs: number, stepMs: number }} Load */
/** @typedef {{ bytes: number, ms: number[] }} Crowd `ms` of each client, shortest first */

/**
 * @param {import('playwright-core').Browser} browser
 * @returns {Promise<Record<string, { loads: Load[], crowds: Crowd[] }>>} by command
 */
export async function measureStart(browser) {
  const servers = await Promise.all(
    Object.entries({ 'npm run dev': 'dev.mjs', 'npm start': 'start.mjs' }).map(async ([name, script]) => ({
      name,
      server: await serve(script),
      loads: /** @type {Load[]} */ ([]),
      crowds: /** @type {Crowd[]} */ ([]),
    })),
  );
  try {
    // The development server bundles packages at the first load, and it transforms each file once.
    for (const { server } of servers) await load(browser, server.url);
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const { name, server, loads, crowds } of servers) {
        const loaded = await load(browser, server.url);
        console.log(
          `${name}: Train after ${inSeconds(loaded.trainMs)}, a step after ${inSeconds(loaded.stepMs)}`,
        );
        loads.push(loaded);
        crowds.push(await crowd(loaded.requests));
      }
    }
  } finally {
    for (const { server } of servers) await server.close();
  }
  print(servers);
  return Object.fromEntries(servers.map(({ name, loads, crowds }) => [name, { loads, crowds }]));
}

/** @param {string} script that serves the page and prints its address */
export async function serve(script) {
  const server = spawn(process.execPath, [`${root}scripts/${script}`, '--host', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let printed = '';
    server.stdout.on('data', text => {
      printed += text;
      const [address] = /http:\S+/.exec(printed) ?? [];
      if (address !== undefined) resolve(address);
    });
    server.once('exit', code => reject(new Error(`${script} ended with code ${code}.`)));
  });
  return {
    url,
    close: async () => {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @returns {Promise<Load>}
 */
async function load(browser, url) {
  // Nothing is in its cache.
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    /** @type {import('playwright-core').Request[]} */
    const finished = [];
    context.on('requestfinished', request => finished.push(request));
    const page = await context.newPage();
    await page.addInitScript(pressTrain);
    await page.goto(`${url}?preset=${preset}`);
    const times = await page.waitForFunction(() => Reflect.get(window, '__startTimes'), null, { timeout: 0 });
    const { trainMs, stepMs } = await times.jsonValue();
    const sizes = await Promise.all(finished.map(request => request.sizes()));
    const bytes = sizes.reduce((sum, size) => sum + size.responseHeadersSize + size.responseBodySize, 0);
    const requests = finished.map(request => request.url());
    return { requests, bytes, trainMs, stepMs };
  } finally {
    await context.close();
  }
}

/** Runs in the page: presses Train as soon as it can be pressed; times are those since the address was entered. */
function pressTrain() {
  let trainMs = 0;
  const observer = new MutationObserver(() => {
    const train = document.querySelector('[data-testid=train]');
    const isThere =
      train instanceof HTMLButtonElement && train.checkVisibility() && !train.closest('[inert]');
    if (trainMs === 0 && isThere && !train.disabled) {
      trainMs = performance.now();
      train.click();
    }
    const step = document.querySelector('[data-testid=step]')?.getAttribute('data-step');
    if (trainMs === 0 || !(Number(step) > 0)) return;
    observer.disconnect();
    Reflect.set(window, '__startTimes', { trainMs, stepMs: performance.now() });
  });
  observer.observe(document, { attributes: true, childList: true, subtree: true });
}

/**
 * @param {readonly string[]} urls what a page fetches, in its order
 * @returns {Promise<Crowd>}
 */
async function crowd(urls) {
  const done = await Promise.all(Array.from({ length: clients }, () => fetchAll(urls)));
  return {
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
    ms: done.map(({ ms }) => ms).sort((a, b) => a - b),
  };
}

/** @param {readonly string[]} urls */
async function fetchAll(urls) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const begun = performance.now();
  await Promise.all(
    urls.map(async url => {
      const request = get(url, { agent, headers: { 'Accept-Encoding': 'gzip, deflate, br' } });
      const [response] = await once(request, 'response');
      if (response.statusCode !== 200) throw new Error(`${url} was answered with ${response.statusCode}.`);
      sockets.add(response.socket);
      response.resume();
      await once(response, 'end');
    }),
  );
  const ms = performance.now() - begun;
  const bytes = [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0);
  agent.destroy();
  return { bytes, ms };
}

/** @param {number} ms */
const inSeconds = ms => `${(ms / 1000).toFixed(2)} s`;

/** @param {readonly { name: string, loads: Load[], crowds: Crowd[] }[]} servers */
function print(servers) {
  const seconds = (/** @type {number[]} */ ms) => {
    const sorted = ms.toSorted((a, b) => a - b);
    const [least, median, most] = [0, Math.floor(ms.length / 2), ms.length - 1].map(i =>
      inSeconds(sorted[i]),
    );
    return `${median} (${least} to ${most})`;
  };
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  console.log(
    `Medians, least and most of ${repeats} loads from an empty cache, preset demo; 1 MB is 10^6 bytes.`,
  );
  for (const { name, loads, crowds } of servers) {
    const [{ requests, bytes }] = loads;
    console.log(`${name}
  one page                ${requests.length} requests, ${megabytes(bytes)}
  Train can be pressed    ${seconds(loads.map(({ trainMs }) => trainMs))}
  first step done         ${seconds(loads.map(({ stepMs }) => stepMs))}
  ${clients} at once              ${megabytes(crowds[0].bytes)}
  half of them are done   ${seconds(crowds.map(({ ms }) => ms[clients / 2]))}
  all are done            ${seconds(crowds.map(({ ms }) => ms[clients - 1]))}`);
  }
}

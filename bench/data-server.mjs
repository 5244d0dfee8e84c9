// A server of a folder in a process of its own, for bench/data.ts: as fast as it can, or at so many bytes a second over all
// requests together. It tells its port, its memory, and how long nothing was asked of a line that had nothing left to send.
import { once } from 'node:events';
import { open, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [folder, rate] = process.argv.slice(2);
const bytesPerSecond = Number(rate);

/** When all that was asked for will have been sent, by `performance.now`. */
let free = performance.now();
let idleMs = 0;
let peakBytes = 0;
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
}, 50).unref();

/** Bytes that are read and sent at a time. */
const PART = 2 ** 18;

/** @type {import('node:http').RequestListener} */
const answer = async (request, response) => {
  const path = join(folder, decodeURIComponent(request.url ?? '/'));
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const many = request.headers['isobar-ranges'];
  const [, asked] = /^bytes=(\d+-\d+)$/.exec(request.headers.range ?? '') ?? [];
  const all = many ?? asked;
  const ranges = (typeof all === 'string' ? all : `0-${found.size - 1}`)
    .split(',')
    .map(range => range.split('-').map(Number));
  const length = ranges.reduce((sum, [first, last]) => sum + last + 1 - first, 0);
  // As the terminal's server, which gives several ranges at once.
  const head = { 'Content-Length': length, 'Isobar-Ranges': 'bytes' };
  response.writeHead(asked === undefined ? 200 : 206, head);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const now = performance.now();
  idleMs += Math.max(0, now - free);
  free = Math.max(free, now) + (1000 * length) / bytesPerSecond;
  const sentAt = free;
  const file = await open(path);
  const early = sentAt - performance.now();
  if (early > 1) await new Promise(resolve => setTimeout(resolve, early));
  try {
    for (const [first, last] of ranges) {
      for (let from = first; from <= last; from += PART) {
        const part = Buffer.allocUnsafe(Math.min(PART, last + 1 - from));
        await file.read(part, 0, part.length, from);
        // So much memory as is on its way, whatever is asked for.
        if (!response.write(part)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
        if (response.destroyed) return;
      }
    }
  } finally {
    await file.close();
  }
  response.end();
};

const server = createServer(answer);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ port: address?.port });
});
process.on('message', () => {
  process.send?.({ idleMs: idleMs + Math.max(0, performance.now() - free), peakBytes });
});
process.on('disconnect', () => process.exit());

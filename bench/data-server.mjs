// A server of a folder in a process of its own, for bench/data.ts: as fast as it can, or at so many bytes a second over all
// requests together. It tells its port, its memory, and how long nothing was asked of a line that had nothing left to send.
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

/** @type {import('node:http').RequestListener} */
const answer = async (request, response) => {
  const path = join(folder, decodeURIComponent(request.url ?? '/'));
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return response.writeHead(404).end();
  const [, from = '0', to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const length = (to === undefined ? found.size : Number(to) + 1) - Number(from);
  response.writeHead(to === undefined ? 200 : 206, { 'Content-Length': length });
  if (request.method === 'HEAD') return response.end();
  const now = performance.now();
  idleMs += Math.max(0, now - free);
  free = Math.max(free, now) + (1000 * length) / bytesPerSecond;
  const sentAt = free;
  const body = Buffer.alloc(length);
  const file = await open(path);
  await file.read(body, 0, length, Number(from));
  await file.close();
  const early = sentAt - performance.now();
  if (early > 1) await new Promise(resolve => setTimeout(resolve, early));
  return response.end(body);
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

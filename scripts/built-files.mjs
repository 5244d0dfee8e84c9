// The files of a build, kept in memory with what each becomes when it is compressed: so nothing else can be reached,
// and a build that is made anew in the same folder does not break the server that is running.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const packedType = 'application/gzip';

/** Of all that a build of this page has: text, numbers, and recordings, which are compressed as they are. */
const mediaTypes = new Map([
  ['.bin', 'application/octet-stream'],
  ['.css', 'text/css; charset=utf-8'],
  ['.gz', packedType],
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.jsonl', 'application/jsonl; charset=utf-8'],
  ['.svg', 'image/svg+xml; charset=utf-8'],
]);

/** Compressed at the build: see packed-files.mjs. */
const packedBefore = '.br';

/** Vite puts a hash of their content into the names of files in this folder. */
const hashed = '/assets/';
const oneYear = 365 * 24 * 3600;

/**
 * The best first. Brotli's last two steps take ten times as long for 8 % less: too long for who waits for what was not
 * compressed at the build.
 *
 * @type {readonly { name: string, compress: (content: Buffer) => Promise<Buffer> }[]}
 */
const codings = [
  {
    name: 'br',
    compress: content =>
      promisify(brotliCompress)(content, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
      }),
  },
  { name: 'gzip', compress: content => promisify(gzip)(content, { level: 9 }) },
];

/**
 * @typedef {{
 *   content: Buffer,
 *   hash: string,
 *   headers: Record<string, string>,
 *   compressed: Map<string, Promise<Buffer>>,
 * }} BuiltFile
 */

/**
 * Reads a build, and answers requests for its files.
 *
 * @param {string} folder
 * @param {{ change?: (html: string) => string, page?: string }} [options] `change`: what the page is served as; `page`: its path,
 *   under which it is served beside `/`
 * @returns {Promise<import('node:http').RequestListener>}
 * @throws {Error} where it has no page, or a file of a kind that no page of Isobar had so far
 */
export async function serveBuild(folder, { change = html => html, page = '/index.html' } = {}) {
  const files = await readBuild(folder, page, change);
  return (request, response) => {
    answer(files, page, request, response).catch(error => response.destroy(error));
  };
}

/**
 * @param {ReadonlyMap<string, BuiltFile>} files
 * @param {string} page
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(files, page, { method, url = '', headers }, response) {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  // Names are compared as they are: none of the build needs an escape, so no other spelling of one is answered.
  const [path] = url.split('?');
  const file = files.get(path === '/' ? page : path);
  if (file === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found.\n');
    return;
  }
  const isPacked = file.headers['Content-Type'] === packedType;
  const coding = isPacked ? undefined : codings.find(({ name }) => accepts(headers['accept-encoding'], name));
  const tag = `"${file.hash}${coding === undefined ? '' : `-${coding.name}`}"`;
  for (const [name, value] of Object.entries(file.headers)) response.setHeader(name, value);
  response.setHeader('ETag', tag);
  response.setHeader('Vary', 'Accept-Encoding');
  if (hasTag(headers['if-none-match'], tag)) {
    response.writeHead(304).end();
    return;
  }
  const body = coding === undefined ? file.content : await compressed(file, coding);
  if (coding !== undefined) response.setHeader('Content-Encoding', coding.name);
  response.writeHead(200, { 'Content-Length': body.length }).end(method === 'HEAD' ? undefined : body);
}

/**
 * Once for each file, however many ask at the same time.
 *
 * @param {BuiltFile} file
 * @param {(typeof codings)[number]} coding
 */
function compressed({ content, compressed }, { name, compress }) {
  const body = compressed.get(name) ?? compress(content);
  compressed.set(name, body);
  return body;
}

/**
 * @param {string} folder
 * @param {string} page
 * @param {(html: string) => string} change
 */
async function readBuild(folder, page, change) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  /** @type {Map<string, BuiltFile>} */
  const files = new Map();
  for (const { name, parentPath } of entries.filter(entry => entry.isFile() && !entry.name.startsWith('.'))) {
    const file = join(parentPath, name);
    if (name.endsWith(packedBefore)) continue;
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const type = mediaTypes.get(extname(name));
    if (type === undefined) {
      throw new Error(`No media type is known for ${path} of the build: name it in scripts/built-files.mjs.`);
    }
    const read = await readFile(file);
    const content = path === page ? Buffer.from(change(read.toString())) : read;
    const before = path === page ? undefined : await readFile(file + packedBefore).catch(() => undefined);
    files.set(path, {
      content,
      hash: createHash('sha256').update(content).digest('base64url').slice(0, 22),
      headers: {
        'Content-Type': type,
        'Cache-Control': path.startsWith(hashed) ? `public, max-age=${oneYear}, immutable` : 'no-cache',
      },
      compressed: new Map(before && [['br', Promise.resolve(before)]]),
    });
  }
  if (!files.has(page)) throw new Error(`There is no built page in ${folder}: run npm run build.`);
  return files;
}

/**
 * @param {string | string[] | undefined} header of the request: codings, each perhaps with a weight
 * @param {string} coding
 */
const accepts = (header, coding) =>
  String(header ?? '')
    .split(',')
    .map(part => part.replaceAll(' ', '').toLowerCase())
    .some(part => part === coding || (part.startsWith(`${coding};`) && !/;q=0(\.0*)?$/.test(part)));

/**
 * @param {string | undefined} header of the request: tags of what the browser has, which a proxy may have marked as weak
 * @param {string} tag
 */
const hasTag = (header, tag) =>
  (header ?? '').split(',').some(part => part.trim().replace(/^W\//, '') === tag);

// The bucket of WeatherBench 2 on the page's own server, to be read only: the bucket may refuse pages of other origins.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream';

/** Who has the bucket. */
export const storeOrigin = 'https://storage.googleapis.com';

/** The bucket's path, here as there. */
const bucket = '/weatherbench2/';

/**
 * What the parts of a key are made of. None of it means anything in a URL, so that no spelling of `..`, no escape and no
 * query leads out of the bucket, whoever takes the address apart.
 */
const partOfKey = /^[\w.-]+$/;

/** What is passed on, and back. Cookies and what else a browser says of its user stay here. */
const requestHeaders = ['accept-encoding', 'if-modified-since', 'if-none-match', 'if-range', 'range'];
const responseHeaders = [
  'accept-ranges',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'etag',
  'last-modified',
  'vary',
];

/**
 * Answers what lies below `/weatherbench2/` and leaves the rest to `next`.
 *
 * @param {string} [origin] of the bucket
 * @returns {(
 *   request: import('node:http').IncomingMessage,
 *   response: import('node:http').ServerResponse,
 *   next: () => void,
 * ) => void}
 */
export function storeProxy(origin = storeOrigin) {
  return (request, response, next) => {
    const { method, url = '' } = request;
    if (!url.startsWith(bucket)) next();
    else if (method !== 'GET' && method !== 'HEAD') response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    else if (!isKey(url.slice(bucket.length))) refuse(response, 400, 'This is no key of a store.');
    else passOn(origin + url, request, response);
  };
}

/** @param {string} path */
const isKey = path => path.split('/').every(part => partOfKey.test(part) && part !== '.' && part !== '..');

/**
 * @param {string} target
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function passOn(target, { method, headers }, response) {
  const send = target.startsWith('https:') ? requestHttps : requestHttp;
  const passed = send(target, { method, headers: only(requestHeaders, headers) }, answer => {
    const { statusCode = 502 } = answer;
    // Followed here or by the browser, it would lead to wherever it says.
    if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
      answer.resume();
      refuse(response, 502, `The bucket answered with a redirect (${statusCode}), which is not followed.`);
      return;
    }
    // Nothing of the bucket is ever taken for a page or a script of this site.
    response.writeHead(statusCode, {
      ...only(responseHeaders, answer.headers),
      'Content-Type': 'application/octet-stream',
    });
    // Where either side breaks off, so does the other.
    pipeline(answer, response, () => {});
  });
  passed.on('error', error => refuse(response, 502, `The bucket cannot be reached: ${error.message}.`));
  response.on('close', () => passed.destroy());
  passed.end();
}

/**
 * @param {readonly string[]} names
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
const only = (names, headers) =>
  Object.fromEntries(names.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]]])));

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} reason
 */
function refuse(response, status, reason) {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
}

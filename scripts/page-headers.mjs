// The headers of the page, and its Content-Security-Policy, which the build also carries as a meta element for hosts that
// send no headers.

/** Cross-origin isolation gives SharedArrayBuffer and high-resolution timers, which the lanes and the bench use. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * What the page may load and where it may connect, by directive. Nothing inline and no `eval`: scripts, workers and
 * styles are files of the build, and styles set one by one from scripts need no permission.
 *
 * @type {Readonly<Record<string, string>>}
 */
const directives = {
  'default-src': "'none'",
  // Chunks of Zarr stores are decompressed by WebAssembly; 'wasm-unsafe-eval' lets it compile, and nothing else.
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  // Zarr stores and relays are wherever the user says that they are. WebRTC is not governed by this.
  'connect-src': "'self' http: https: ws: wss:",
  'base-uri': "'none'",
  // The forms of the page are read by its scripts and never sent.
  'form-action': "'none'",
};

/** The policy as a meta element may say it. */
export const contentSecurityPolicy = Object.entries(directives)
  .map(([name, sources]) => `${name} ${sources}`)
  .join('; ');

/** What every answer of the page's own server carries. No other site may frame the page; only a header can say so. */
export const pageHeaders = {
  ...isolationHeaders,
  'Content-Security-Policy': `${contentSecurityPolicy}; frame-ancestors 'none'`,
  'Referrer-Policy': 'no-referrer',
  // Evidence of the energy meter: about how much of the processor is in use.
  'Permissions-Policy': 'compute-pressure=(self)',
  'X-Content-Type-Options': 'nosniff',
};

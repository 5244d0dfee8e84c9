/**
 * Says whether this browser can train, before anything else of the page is loaded, and what to do where it cannot.
 * It uses nothing but the document, so that it also works in a browser too old for the rest.
 */
import { element, make } from './dom.ts';

export type Missing = 'insecure' | 'no-api' | 'no-adapter';

/** What this browser lacks, or undefined where it has WebGPU. Whether it has an adapter is found out later. */
export function missingWebGpu(): Missing | undefined {
  if (!window.isSecureContext) return 'insecure';
  return navigator.gpu ? undefined : 'no-api';
}

const reasons: Record<Missing, string> = {
  insecure:
    'Isobar trains on the graphics card through WebGPU, and browsers offer it only to pages served over https or from this machine.',
  'no-api': 'Isobar trains on the graphics card through WebGPU, and this browser does not offer it.',
  'no-adapter':
    'This browser has WebGPU, but it found no graphics adapter that it is willing to use for this page.',
};

const browsers = [
  'Chrome or Edge 113 or later, on Windows, macOS, ChromeOS and Android.',
  'Safari 26 or later, on macOS, iOS and iPadOS.',
  'Firefox 141 or later on Windows, 145 or later on macOS.',
  'On Linux: Chrome started with --enable-unsafe-webgpu --enable-features=Vulkan, or Firefox with dom.webgpu.enabled set to true in about:config.',
];

const advice: Record<Missing, readonly string[]> = {
  insecure: ['Open the page by its https address, or from http://localhost on the machine that serves it.'],
  'no-api': ['Open this page in a browser that has WebGPU.'],
  'no-adapter': [
    'Switch on graphics acceleration in the browser settings, and start the browser again.',
    'Update the graphics driver; in Chrome and Edge, chrome://gpu says what is blocked and why.',
    'Close other tabs that use the graphics card heavily, then try again.',
    'Without a graphics card, Chrome can compute on the processor: start it with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
  ],
};

/** Replaces the page by one that says what is missing and what to do. */
export function showNoWebGpu(missing: Missing): void {
  element('app', HTMLElement).hidden = true;
  element('bar', HTMLElement).hidden = true;
  element('plain-head', HTMLElement).hidden = false;
  element('no-webgpu-reason', HTMLParagraphElement).textContent = reasons[missing];
  const show = (id: string, lines: readonly string[]) =>
    element(id, HTMLUListElement).replaceChildren(...lines.map(line => make('li', line)));
  show('no-webgpu-advice', advice[missing]);
  show('no-webgpu-browsers', browsers);
  element('no-webgpu-retry', HTMLButtonElement).onclick = () => location.reload();
  element('no-webgpu', HTMLElement).hidden = false;
}

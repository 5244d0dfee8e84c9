/** Suggestions under the address bar, which are two web pages of their own for every window: most of a second of a core. */
const leftOut = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** Of several lists Chromium takes the last, so what Playwright leaves out of every browser is said again. */
const leftOutByPlaywright = [
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/**
 * The flags that give headless Chromium a WebGPU adapter, and keep it from talking to the network on its own.
 *
 * @param {{ software: boolean }} options `software`: use SwiftShader, the CPU adapter every Chromium brings along;
 *   else whatever GPU the machine has (there may be none: then `requestAdapter()` gives null).
 * @returns {string[]}
 */
export function chromiumArguments({ software }) {
  return [
    '--no-sandbox',
    '--enable-unsafe-webgpu',
    ...(software ? ['--use-webgpu-adapter=swiftshader'] : ['--enable-features=Vulkan']),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
    `--disable-features=${[...leftOut, ...leftOutByPlaywright].join()}`,
  ];
}

/** For tests: the same adapter on every machine, unless ISOBAR_GPU=1 asks for the real one. */
export const chromiumFlags = chromiumArguments({ software: process.env.ISOBAR_GPU !== '1' });

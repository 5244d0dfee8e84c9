// The flags that give headless Chromium a WebGPU adapter on a machine without a GPU (SwiftShader), and
// keep it from talking to the network on its own. On a machine with a GPU they do no harm, except
// `--use-webgpu-adapter=swiftshader`, which is left out when ISOBAR_GPU=1.
export const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  ...(process.env.ISOBAR_GPU === '1' ? [] : ['--use-webgpu-adapter=swiftshader']),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

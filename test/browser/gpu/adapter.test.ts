import { expect, test } from 'vitest';

test('this browser has a WebGPU adapter', async () => {
  const adapter = await navigator.gpu?.requestAdapter();
  expect(adapter, 'no WebGPU adapter: this is a failure, never a skip').toBeTruthy();
});

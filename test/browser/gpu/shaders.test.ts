import { expect, test } from 'vitest';
import { shaderNames, shaderText } from '../../../src/gpu/shaders.ts';
import { testGpu } from '../gpu.ts';

test.each(await shaderNames())(
  "the browser's compiler takes shaders/%s.wgsl without a complaint",
  async name => {
    const { device } = (await testGpu()).gpu;
    const module = device.createShaderModule({ label: name, code: await shaderText(name) });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ type, lineNum, message }) => `${type} in line ${lineNum}: ${message}`)).toEqual(
      [],
    );
  },
);

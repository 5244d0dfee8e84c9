/** Compute pipelines by (shader, constants): each is made once for a device, however many plans use it. */
import { isSoftware } from './device.ts';
import { shaderText } from './shaders.ts';

type Constants = Readonly<Record<string, number>>;

/**
 * Shaders that have another form for adapters that compute on the CPU, where workgroup memory and barriers cost more
 * than they save. Both forms take the same operands, params and workgroups.
 */
const softwareForms: Readonly<Record<string, { readonly shader: string; readonly constants: Constants }>> = {
  matmul: { shader: 'matmul_direct', constants: { TILE: 64 } },
  matmul_small: { shader: 'matmul_direct', constants: { TILE: 32 } },
};

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #software: boolean;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  /** `software`: whether to use the forms of shaders made for CPU adapters; by default, where this is one. */
  constructor(device: GPUDevice, software = isSoftware(device.adapterInfo)) {
    this.#device = device;
    this.#software = software;
  }

  /**
   * The pipeline of `shaders/<shader>.wgsl` (entry point `main`) with its override constants set.
   * @throws Error with the shader's name and the compiler's message.
   */
  get(shader: string, constants: Constants = {}): Promise<GPUComputePipeline> {
    const form = this.#software ? softwareForms[shader] : undefined;
    return form ? this.#cached(form.shader, form.constants) : this.#cached(shader, constants);
  }

  #cached(shader: string, constants: Constants): Promise<GPUComputePipeline> {
    const key = `${shader} ${JSON.stringify(Object.entries(constants).sort())}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#create(shader, constants);
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #create(shader: string, constants: Constants): Promise<GPUComputePipeline> {
    let module = this.#modules.get(shader);
    if (!module) {
      module = this.#device.createShaderModule({ label: shader, code: shaderText(shader) });
      this.#modules.set(shader, module);
    }
    try {
      return await this.#device.createComputePipelineAsync({
        label: shader,
        layout: 'auto',
        compute: { module, entryPoint: 'main', constants: { ...constants } },
      });
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const lines = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
      throw new Error(
        `shader ${shader} with ${JSON.stringify(constants)}: ${[(error as Error).message, ...lines].join('\n')}`,
      );
    }
  }
}

/** Compute pipelines by (shader, constants): each is made once for a device, however many plans use it. */
import { shaderText } from './shaders.ts';

type Constants = Readonly<Record<string, number>>;

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #modules = new Map<string, Promise<GPUShaderModule>>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * The pipeline of `shaders/<shader>.wgsl` (entry point `main`) with its override constants set.
   * @throws Error with the shader's name and the compiler's message.
   */
  get(shader: string, constants: Constants = {}): Promise<GPUComputePipeline> {
    const key = `${shader} ${JSON.stringify(Object.entries(constants).sort())}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#create(shader, constants);
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #createModule(shader: string): Promise<GPUShaderModule> {
    return this.#device.createShaderModule({ label: shader, code: await shaderText(shader) });
  }

  async #create(shader: string, constants: Constants): Promise<GPUComputePipeline> {
    let made = this.#modules.get(shader);
    if (!made) {
      made = this.#createModule(shader);
      this.#modules.set(shader, made);
    }
    const module = await made;
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

/** Compute pipelines by (shader, constants): each is made once for a device, however many plans use it. */
import { isSoftware } from './device.ts';
import { shaderText } from './shaders.ts';

type Constants = Readonly<Record<string, number>>;

/**
 * How products are computed: in `tiles` of workgroup memory, on GPUs; `direct`ly from the operands, on adapters that
 * compute on the CPU, where workgroup memory and barriers cost more than they save; or so, in `lanes`, where those
 * have subgroups of four that share what they load. All take the same operands, params and workgroups.
 */
export type ProductForm = 'tiles' | 'direct' | 'lanes';

/** Tile edge by the shader that the other forms take the place of. */
const tileEdges: Readonly<Record<string, number>> = { matmul: 64, matmul_small: 32 };

function formFor({ adapterInfo, features }: GPUDevice): ProductForm {
  if (!isSoftware(adapterInfo)) return 'tiles';
  const { subgroupMinSize, subgroupMaxSize } = adapterInfo;
  const fours = features.has('subgroups') && subgroupMinSize === 4 && subgroupMaxSize === 4;
  return fours ? 'lanes' : 'direct';
}

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #form: ProductForm;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  /** `form`: how products are computed; by default as suits the adapter. */
  constructor(device: GPUDevice, form = formFor(device)) {
    this.#device = device;
    this.#form = form;
  }

  /**
   * The pipeline of `shaders/<shader>.wgsl` (entry point `main`) with its override constants set.
   * @throws Error with the shader's name and the compiler's message.
   */
  get(shader: string, constants: Constants = {}): Promise<GPUComputePipeline> {
    if (this.#form === 'tiles' || !Object.hasOwn(tileEdges, shader)) return this.#cached(shader, constants);
    return this.#cached(`matmul_${this.#form}`, { TILE: tileEdges[shader] });
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

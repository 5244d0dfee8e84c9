/** The WGSL that a kernel of a plan runs, for whoever wants to read it; loaded when it is asked for. */
export { shaderText } from '../../gpu/shaders.ts';

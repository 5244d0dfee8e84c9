/** What this browser says of its GPU beside WebGPU: WebGL may name the model where WebGPU names a generation. */

/** Undefined where WebGL is not to be had, or does not say. */
export function webglRenderer(): string | undefined {
  const gl = document.createElement('canvas').getContext('webgl');
  if (!gl) return undefined;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
  // Contexts are few: the next one may be needed elsewhere.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** A scale of colours, or a list of them, as the package makes each of them when it is loaded. */
const madeAtOnce = /^var (\S+) = ((?:new )?[\w$.]+\([^;]*\));$/gm;
/** The first of several variables: a colour that two scales change and give. */
const madeFirst = /^var (\S+) = (rgb\(\)),$/gm;
const scales = '/d3-scale-chromatic/dist/d3-scale-chromatic.mjs';

/**
 * The page uses a few scales of seventy: says to the bundler that whatever is not used need not be made, which the package
 * does not say.
 *
 * @returns {import('vite').Plugin}
 */
export function pureScales() {
  return {
    name: 'isobar-pure-scales',
    apply: 'build',
    transform: (code, id) =>
      id.endsWith(scales)
        ? {
            code: code
              .replace(madeAtOnce, 'var $1 = /* @__PURE__ */ (() => $2)();')
              .replace(madeFirst, 'var $1 = /* @__PURE__ */ $2,'),
            map: null,
          }
        : undefined,
  };
}

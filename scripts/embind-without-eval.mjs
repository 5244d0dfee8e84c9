// The decoders of Zarr chunks (numcodecs) are made by Emscripten, whose binding writes the text of a function for each
// that it binds, and evaluates it. A page whose policy forbids that cannot read a chunk. Here the evaluation is replaced,
// as the page is built, by a function that does what the text says.

/** Where a codec evaluates: Emscripten's `newFunc(Function, names)`, whatever it is called after minification. */
const evaluation =
  /function (\w+)\(\w+\) \{\s*var (\w+) = Function;[\s\S]*?instanceof Object \? \w+ : \w+;\s*\}/;

/**
 * What the text of embind's `craftInvokerFunction` does: converts the arguments, calls, frees what the conversion made,
 * converts the result.
 *
 * @param {string[]} parts names of what the text refers to, and the text
 */
function embindInvoker(parts) {
  const names = parts.slice(0, -1);
  const text = parts[parts.length - 1];
  const keeps = text.includes('var destructors = []');
  const returns = text.includes("retType['fromWireType'](rv)");
  const types = names.filter(name => /^argType\d+$/.test(name));
  /** @param {any[]} values of the names, in order */
  return (...values) => {
    const scope = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    /** @param {unknown[]} given */
    return (...given) => {
      if (given.length !== types.length) {
        scope.throwBindingError(`called with ${given.length} arguments, expected ${types.length}`);
      }
      /** @type {unknown[] | null} */
      const destructors = keeps ? [] : null;
      const wired = given.map((value, i) => scope[types[i]].toWireType(destructors, value));
      const result = scope.invoker(scope.fn, ...wired);
      if (destructors) scope.runDestructors(destructors);
      else for (const [i, value] of wired.entries()) scope[`arg${i}Wired_dtor`]?.(value);
      return returns ? scope.retType.fromWireType(result) : undefined;
    };
  };
}

/** @returns {import('vite').Plugin} */
export function embindWithoutEval() {
  return {
    name: 'isobar-embind-without-eval',
    apply: 'build',
    transform(code, id) {
      if (!/numcodecs\/dist\/(blosc|lz4|zstd)\.js$/.test(id)) return undefined;
      if (!evaluation.test(code)) {
        throw new Error(`${id} evaluates no text any more, or in another way: see embind-without-eval.mjs`);
      }
      return {
        code: code.replace(evaluation, (_, name) => `const ${name} = ${embindInvoker.toString()};`),
        map: null,
      };
    },
  };
}

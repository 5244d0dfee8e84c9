// The options of the commands that serve the page.
import { parseArgs } from 'node:util';

/**
 * @typedef {{
 *   port: number | undefined,
 *   host: string | undefined,
 *   lan: boolean,
 *   origins: readonly string[],
 * }} ServeOptions
 */

/**
 * Ends the process where an option is wrong, saying what is.
 *
 * @param {string} command such as `npm start`
 * @returns {ServeOptions}
 */
export function readServeOptions(command) {
  try {
    return parseServeOptions(process.argv.slice(2));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    console.error(
      `${message}\nUsage: ${command} -- [--port 5173] [--lan | --host ADDRESS] [--origin URL]...`,
    );
    process.exit(2);
  }
}

/**
 * @param {string[]} given
 * @returns {ServeOptions}
 * @throws {Error} in words for who typed them
 */
export function parseServeOptions(given) {
  const { values } = parseArgs({
    args: given,
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      lan: { type: 'boolean', default: false },
      origin: { type: 'string', multiple: true, default: [] },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    throw new Error(`--port is ${values.port}, but a port is a whole number from 1 to 65535.`);
  }
  if (values.lan && values.host !== undefined) {
    throw new Error('--lan serves on every address, so --host has no place beside it.');
  }
  for (const origin of values.origin) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error(
        `--origin is ${origin}, but an origin is what a page's address begins with, such as https://isobar.example or http://localhost:8080, without a slash at the end.`,
      );
    }
  }
  return { port, host: values.host, lan: values.lan, origins: values.origin };
}

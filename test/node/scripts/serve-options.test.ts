import { expect, test } from 'vitest';
import { parseServeOptions } from '../../../scripts/serve-options.mjs';

test('options of the commands that serve the page', () => {
  expect(parseServeOptions([])).toEqual({ port: undefined, host: undefined, lan: false, origins: [] });
  expect(parseServeOptions(['--port', '8080', '--host', '0.0.0.0'])).toMatchObject({
    port: 8080,
    host: '0.0.0.0',
  });
  expect(
    parseServeOptions(['--lan', '--origin', 'https://a.example', '--origin', 'http://localhost:8080']),
  ).toMatchObject({ lan: true, origins: ['https://a.example', 'http://localhost:8080'] });
});

test.for([
  [['--port', '0'], '--port is 0, but a port is a whole number from 1 to 65535.'],
  [['--port', 'x'], '--port is x, but'],
  [['--lan', '--host', '::'], '--host has no place beside it'],
  [['--origin', 'https://a.example/'], '--origin is https://a.example/, but an origin is'],
  [['--origin', 'a.example'], '--origin is a.example, but'],
  [['--origin', 'null'], '--origin is null, but'],
  [['--ports', '1'], "Unknown option '--ports'"],
] as const)('%s is refused', ([given, message]) => {
  expect(() => parseServeOptions([...given])).toThrow(message);
});

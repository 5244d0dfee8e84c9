import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type RoomRule, rooms, roomsTable } from './rooms.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** Every import of a file of ours, types and those on demand too. Paths are relative to the root. */
function arrows(): Arrow[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => `src/${path}`);
  return files.flatMap(from => {
    const text = readFileSync(join(root, from), 'utf8');
    const specifiers = [...text.matchAll(/(?:\bfrom|\bimport|\bURL)\s*\(?\s*'(\.{1,2}\/[^'?]+)/g)];
    return specifiers.map(([, specifier]) => ({ from, to: normalize(join(dirname(from), specifier)) }));
  });
}

const within = (path: string, folder: string) => path.startsWith(`src/${folder}/`);

/** What the commands need before anything is installed is plain JavaScript, and lies outside the rooms. */
const isScript = ({ from, to }: Arrow) => within(from, 'cli') && to.startsWith('scripts/');

function isAllowed(arrow: Arrow, { room, mayImport }: RoomRule): boolean {
  return [room, ...mayImport].some(folder => within(arrow.to, folder)) || isScript(arrow);
}

/** Arrows that no rule allows. */
function forbidden(all: readonly Arrow[], rules: readonly RoomRule[]): string[] {
  return all.flatMap(arrow => {
    const rule = rules.find(({ room }) => within(arrow.from, room));
    if (!rule) return [`${arrow.from} is in no room`];
    return isAllowed(arrow, rule) ? [] : [`${arrow.from} imports ${arrow.to}; ${rule.room} may not`];
  });
}

test('no room imports what its row does not name', () => {
  const all = arrows();
  expect(all.length).toBeGreaterThan(500);
  expect(forbidden(all, rooms)).toEqual([]);
});

test('the rule sees an upward arrow, a file outside the rooms and what is behind a face', () => {
  const found = forbidden(
    [
      { from: 'src/graph/op.ts', to: 'src/plan/plan.ts' },
      { from: 'src/ui/app.ts', to: 'src/session/session.ts' },
      { from: 'src/ui/app.ts', to: 'src/session/api/api.ts' },
      { from: 'src/attic/old.ts', to: 'src/graph/op.ts' },
    ],
    rooms,
  );
  expect(found).toEqual([
    'src/graph/op.ts imports src/plan/plan.ts; graph may not',
    'src/ui/app.ts imports src/session/session.ts; ui may not',
    'src/attic/old.ts is in no room',
  ]);
});

test('rooms are listed from the lowest up, so no two can import each other', () => {
  const names = rooms.map(({ room }) => room);
  const upward = rooms.flatMap(({ room, mayImport }, index) =>
    mayImport
      .filter(name => !names.slice(0, index).includes(name.split('/')[0]))
      .map(name => `${room} -> ${name}`),
  );
  expect(upward).toEqual([]);
});

test('the docs print this table', () => {
  expect(readFileSync(join(root, 'docs/architecture.md'), 'utf8')).toContain(roomsTable());
});

/**
 * The architecture: the rooms of the source, and which of them each may import. Arrows run downward only, so a room can
 * be understood, tested and replaced with what stands above it in this list, and nothing else. `docs/architecture.md`
 * prints this table.
 *
 * A name with a slash is the face of a room: the part of it that those far above may see.
 */

export interface RoomRule {
  /** Folder under `src`. */
  readonly room: string;
  readonly holds: string;
  /** Rooms or faces; its own files besides. */
  readonly mayImport: readonly string[];
}

const engineRooms = ['gpu', 'graph', 'plan', 'engine'];
const trainingRooms = [...engineRooms, 'mesh', 'io', 'models', 'tasks', 'train'];

export const rooms: readonly RoomRule[] = [
  { room: 'gpu', holds: 'device, pipelines, shaders as text', mayImport: [] },
  { room: 'mesh', holds: 'the shape of a mesh, places in it, axes cut into blocks', mayImport: [] },
  { room: 'io', holds: 'HTTP, safetensors, numbers as text, what is wrong with data', mayImport: [] },
  { room: 'net', holds: 'rooms and links: bytes between browsers', mayImport: ['io'] },
  { room: 'graph', holds: 'tensors; ops with shape, derivative and kernels; `grad`', mayImport: [] },
  {
    room: 'plan',
    holds: 'from a graph to an ordered list of steps with every buffer placed',
    mayImport: ['graph', 'io'],
  },
  {
    room: 'engine',
    holds: 'runs plans: executor, buffers, transfers, exchanges with peers',
    mayImport: ['gpu', 'graph', 'plan', 'io'],
  },
  {
    room: 'models',
    holds: '`model.ts`, the contract; parameters, Jigsaw layers; WeatherMixer, ResNet',
    mayImport: ['graph', 'mesh'],
  },
  {
    room: 'data',
    holds:
      'readers to arrays: CF, NetCDF, Zarr, images, the embedded atmosphere; `data/choice`: what can be chosen',
    mayImport: ['io'],
  },
  {
    room: 'tasks',
    holds:
      '`task.ts`, the contract; the forecast: samples, normalisation, shards, roll-outs, scores; classification',
    mayImport: ['graph', 'mesh', 'io', 'models', 'data'],
  },
  {
    room: 'train',
    holds: 'plans of a step, optimizer, schedule, reductions over ranks, checkpoints',
    mayImport: [...engineRooms, 'mesh', 'io', 'models', 'tasks'],
  },
  {
    room: 'energy',
    holds: 'the GPU table; recognising a GPU; power and joules, as bands, from work and traces',
    mayImport: ['plan', 'io'],
  },
  {
    room: 'simulate',
    holds: 'the same plans on machines described by rates',
    mayImport: ['graph', 'plan', 'energy'],
  },
  {
    room: 'parallel',
    holds: 'ranks: calls, links, shards and their copies, the conductor on rank 0',
    mayImport: [...trainingRooms, 'net', 'data'],
  },
  {
    room: 'session',
    holds: 'a run in a worker: prepare, train, save; `session/api`: what page and terminal see of it',
    mayImport: [...trainingRooms, 'data', 'energy', 'simulate', 'parallel'],
  },
  {
    room: 'crew',
    holds: 'pages that share a run: host, guests, seats',
    mayImport: ['mesh', 'net', 'data/choice', 'session/api'],
  },
  {
    room: 'study',
    holds: 'a grid of runs: its file, its rows, what they say together',
    mayImport: ['energy', 'session/api'],
  },
  {
    room: 'show',
    holds: 'numbers, colours, series, map frames, charts as SVG, tables and the report of a run: no DOM',
    mayImport: ['mesh', 'io', 'plan', 'energy', 'session/api', 'study'],
  },
  {
    room: 'ui',
    holds: 'the page',
    mayImport: ['mesh', 'io', 'data/choice', 'energy', 'session/api', 'crew', 'study', 'show'],
  },
  {
    room: 'cli',
    holds: 'the terminal, and the headless page behind it',
    mayImport: ['mesh', 'data/choice', 'energy', 'session/api', 'crew', 'study', 'show'],
  },
];

/** The table of the rooms in Markdown, as `docs/architecture.md` has it. */
export function roomsTable(): string {
  const row = ({ room, holds, mayImport }: RoomRule) =>
    `| \`${room}\` | ${holds} | ${mayImport.map(name => `\`${name}\``).join(' ') || 'nothing'} |`;
  return ['| room | holds | may import |', '|---|---|---|', ...rooms.map(row)].join('\n');
}

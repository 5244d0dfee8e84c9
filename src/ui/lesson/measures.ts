/**
 * The numbers that a lesson may ask for, by name: what each is called, its unit, and where it is read from. Each is of one
 * mesh, and unknown until a run or the plan has given it.
 */
import { trafficKinds } from '../../session/api/cut-traffic.ts';
import { bytes, count, fieldNumber, unitSpace } from '../../show/format.ts';
import { stepTime } from '../board/words.ts';
import type { Note } from './notebook.ts';

export const units = {
  bytes,
  count: (value: number) => count(Math.round(value)),
  percent: (value: number) => `${fieldNumber(100 * value, value < 0.1 ? 2 : 3)}${unitSpace}%`,
  time: (milliseconds: number) => stepTime(milliseconds / 1000),
  speed: (value: number) => `${fieldNumber(value)} samples/s`,
  number: (value: number) => fieldNumber(value, 5),
  times: (value: number) => `${fieldNumber(value)} times`,
} as const satisfies Record<string, (value: number) => string>;

export type Unit = keyof typeof units;

export const isUnit = (name: string): name is Unit => Object.hasOwn(units, name);

export interface Measure {
  /** For people, without the mesh. */
  readonly label: string;
  readonly unit: Unit;
  /** What stands in brackets behind its name, where something must: a step, a parameter's name or how such names begin. */
  readonly argument?: 'step' | 'parameter' | 'beginning' | 'baseline';
  /** It is the same for every mesh. */
  readonly isOfAll?: boolean;
  /** How the reader comes by it, for the words where it is missing. */
  readonly from: 'run' | 'plan';
  readonly of: (note: Note, argument: string) => number | undefined;
}

const memoryParts = {
  weights: 'parameters',
  gradients: 'gradients',
  optimizer: 'optimizer',
  activations: 'activations',
  inputs: 'inputs',
  borrowed: 'exchange',
} as const;

const linkNames = { here: 'one card', wifi: 'Wi-Fi', lan: 'a cable', fast: 'a fast link' } as const;

const meanOf = (values: readonly number[] | undefined) =>
  values && values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;

const weightNamed = ({ cuts }: Note, name: string) => cuts?.weights.find(weight => weight.name === name);

const memory = (part: string, kind: (typeof memoryParts)[keyof typeof memoryParts]): [string, Measure] => [
  `memory.${part}`,
  { label: `memory of a rank for ${part}`, unit: 'bytes', from: 'run', of: note => note.memory?.[kind] },
];

export const measures: ReadonlyMap<string, Measure> = new Map<string, Measure>([
  ['memory', { label: 'memory of a rank', unit: 'bytes', from: 'run', of: note => note.memory?.total }],
  ...Object.entries(memoryParts).map(([part, kind]) => memory(part, kind)),
  [
    'undivided',
    {
      label: 'memory of the undivided model',
      isOfAll: true,
      unit: 'bytes',
      from: 'plan',
      of: ({ cuts }) => cuts?.undivided.total,
    },
  ],
  [
    'parameters',
    {
      label: 'trained numbers',
      isOfAll: true,
      unit: 'count',
      from: 'plan',
      of: ({ cuts }) => cuts?.parameters,
    },
  ],
  [
    'batch',
    { label: 'samples of a step', isOfAll: true, unit: 'count', from: 'plan', of: ({ cuts }) => cuts?.batch },
  ],
  [
    'rows',
    {
      label: 'rows of',
      isOfAll: true,
      unit: 'count',
      argument: 'parameter',
      from: 'plan',
      of: (note, name) => weightNamed(note, name)?.rows,
    },
  ],
  [
    'columns',
    {
      label: 'columns of',
      isOfAll: true,
      unit: 'count',
      argument: 'parameter',
      from: 'plan',
      of: (note, name) => weightNamed(note, name)?.columns,
    },
  ],
  [
    'weights',
    {
      label: 'weights whose names begin with',
      isOfAll: true,
      unit: 'count',
      argument: 'beginning',
      from: 'plan',
      of: ({ cuts }, beginning) =>
        cuts?.weights
          .filter(({ name, isMatrix }) => isMatrix && name.startsWith(beginning))
          .reduce((sum, { rows, columns }) => sum + rows * columns, 0),
    },
  ],
  [
    'sends',
    {
      label: 'bytes that a rank sends in a step',
      unit: 'bytes',
      from: 'plan',
      of: ({ cuts }) => cuts?.ranks[0].traffic.totalBytes,
    },
  ],
  [
    'exchanges',
    {
      label: 'exchanges of a rank in a step',
      unit: 'count',
      from: 'plan',
      of: ({ cuts }) => cuts?.ranks[0].traffic.totalExchanges,
    },
  ],
  ...trafficKinds.flatMap((kind): [string, Measure][] => [
    [
      `sends.${kind}`,
      {
        label: `bytes of ${kind} that a rank sends in a step`,
        unit: 'bytes',
        from: 'plan',
        of: ({ cuts }) => cuts?.ranks[0].traffic.bytes[kind],
      },
    ],
    [
      `exchanges.${kind}`,
      {
        label: `exchanges of ${kind} in a step`,
        unit: 'count',
        from: 'plan',
        of: ({ cuts }) => cuts?.ranks[0].traffic.exchanges[kind],
      },
    ],
  ]),
  [
    'sent',
    {
      label: 'bytes that a rank sent in a step',
      unit: 'bytes',
      from: 'run',
      of: ({ reports }) => meanOf(reports?.map(({ bytesSent }) => bytesSent)),
    },
  ],
  [
    'travelling',
    {
      label: 'time of a step with an exchange under way',
      unit: 'time',
      from: 'run',
      of: ({ reports }) => meanOf(reports?.map(({ exchangeMs }) => exchangeMs)),
    },
  ],
  [
    'waiting',
    {
      label: 'time of a step that a rank waited for an exchange',
      unit: 'time',
      from: 'run',
      of: ({ reports }) => meanOf(reports?.map(({ exposedExchangeMs }) => exposedExchangeMs)),
    },
  ],
  ['speed', { label: 'speed', unit: 'speed', from: 'run', of: ({ samplesPerSecond }) => samplesPerSecond }],
  ['step', { label: 'time of a step', unit: 'time', from: 'run', of: ({ stepMs }) => stepMs }],
  [
    'loss',
    {
      label: 'loss of step',
      unit: 'number',
      argument: 'step',
      from: 'run',
      of: ({ losses }, step) => losses.get(Number(step)),
    },
  ],
  ['score', { label: 'score', unit: 'number', from: 'run', of: ({ score }) => score?.value }],
  [
    'baseline',
    {
      label: 'score of',
      unit: 'number',
      argument: 'baseline',
      from: 'run',
      of: ({ score }, name) => score?.baselines.find(baseline => baseline.name === name)?.value,
    },
  ],
  ...Object.entries(linkNames).flatMap(([name, words]): [string, Measure][] => {
    const predicted = ({ prediction }: Note) => prediction?.steps.find(step => step.name === name);
    const inMs = (seconds: number | undefined) => (seconds === undefined ? undefined : 1000 * seconds);
    return [
      [
        `predicted.${name}`,
        {
          label: `predicted time of a step over ${words}`,
          unit: 'time',
          from: 'plan',
          of: note => inMs(predicted(note)?.seconds),
        },
      ],
      [
        `alone.${name}`,
        {
          label: 'predicted time of a step on one card',
          isOfAll: true,
          unit: 'time',
          from: 'plan',
          of: note => inMs(predicted(note)?.aloneSeconds),
        },
      ],
    ];
  }),
]);

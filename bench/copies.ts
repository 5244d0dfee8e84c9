/**
 * Copies of a model on 256 GPUs: what our schedule reaches on the published node, beside the published schedule, and what a
 * change of it would bring. All on the simulator, at the calibrated shares, so that only the schedules differ; a change is made in
 * the plan's exchanges alone.
 */
import { writeInDocs } from '../scripts/write-in-docs.mjs';
import { type MeshShape, meshAt, meshName, ranksOf } from '../src/mesh/mesh.ts';
import { typicalMachine } from '../src/plan/machine.ts';
import type { Parcel, Plan, PlanStep } from '../src/plan/plan.ts';
import { jobOf } from '../src/session/api/plan-report.ts';
import { presets } from '../src/session/api/presets.ts';
import { publishedModel } from '../src/session/api/published-comparison.ts';
import { stepMs } from '../src/simulate/data-wait.ts';
import { nodeMachines, publishedSeconds, RANKS_PER_HOST } from '../src/simulate/published/node.ts';
import type { Ways } from '../src/simulate/published/products.ts';
import type { MeasuredPrecision } from '../src/simulate/published/tables.ts';
import { simulateGroups } from '../src/simulate/simulate.ts';
import { trainingPlan } from '../src/train/plans.ts';

const GPUS = 256;

interface Change {
  readonly name: string;
  readonly wire?: 'f16';
  /** The second hop sets out by itself, as the first is summed, instead of at the end of the step. */
  readonly unheld?: boolean;
  /** Ranks of a host sum what they have in common first, and share what leaves the host. */
  readonly hostFirst?: boolean;
}

const changes: readonly Change[] = [
  { name: 'as it is' },
  { name: 'half precision on the wire (`--wire f16`, there already)', wire: 'f16' },
  { name: 'hosts first', hostFirst: true },
  { name: 'second hop as soon as the first is summed', unheld: true },
  { name: 'hosts first, and second hop at once', hostFirst: true, unheld: true },
  { name: 'all three', hostFirst: true, unheld: true, wire: 'f16' },
];

/** Sums over copies with other messages: what is sent and awaited changes, and when, but nothing else. */
function changedPlan({ steps, ...plan }: Plan, mesh: MeshShape, { unheld, hostFirst }: Change): Plan {
  const { rows, columns, replicas } = mesh;
  const instance = rows * columns;
  const alike = hostFirst ? Math.max(1, Math.min(RANKS_PER_HOST / instance, replicas)) : 1;
  const hosts = replicas / alike;
  const second = new Set(
    steps.flatMap(step =>
      step.kind === 'start' && step.group === 'replica' && step.alike ? step.exchange : [],
    ),
  );
  const total = (parcels: readonly Parcel[]) => parcels.reduce((sum, { at }) => sum + at.bytes, 0);
  /** To the ranks of the host that hold copies, and to the next host what all others get. */
  const parcels = (from: readonly Parcel[], next: number): Parcel[] => {
    const hops = unheld ? 2 : 1;
    const whole = (hops * total(from) * replicas) / (replicas - 1);
    const at = (bytes: number) => ({ space: 'exchange', block: 0, offset: 0, bytes });
    const inside = Array.from({ length: alike - 1 }, (_, other) => ({
      peer: instance * (other + 1),
      at: at(whole / alike),
    }));
    return [...inside, { peer: next, at: at((whole * (hosts - 1)) / hosts / alike) }];
  };
  const ranks = ranksOf(mesh);
  const changed = steps.flatMap((step): PlanStep[] => {
    if (step.kind === 'dispatch' || step.group !== 'replica') return [step];
    if (unheld && second.has(step.exchange)) return [];
    if (!unheld && !hostFirst) return [step];
    if (step.kind === 'start') return [{ ...step, sends: parcels(step.sends, RANKS_PER_HOST) }];
    return [{ ...step, receives: parcels(step.receives, ranks - RANKS_PER_HOST) }];
  });
  return { ...plan, steps: changed };
}

function ours(size: string, mesh: MeshShape, precision: MeasuredPrecision, change: Change) {
  const { optimizer } = presets[`published-${size}`];
  const job = jobOf(presets[`published-${size}`]);
  const overlap = ranksOf(mesh) > 1 ? typicalMachine : undefined;
  const options = { mesh: meshAt(mesh, 0), overlap, wire: change.wire };
  const plan = changedPlan(trainingPlan(job, 1, optimizer, options).plan, mesh, change);
  const ranks = Array.from({ length: ranksOf(mesh) }, (_, rank) => rank);
  const traces = simulateGroups([{ ranks, plan, hash: 'ours' }], nodeMachines(ranks.length, precision));
  const exposed = (of: string) =>
    traces[0].spans.reduce((sum, { lane, from, begun, ended, exposed }) => {
      const step = plan.steps[from];
      const isReplica = step?.kind === 'finish' && step.group === 'replica';
      return sum + (lane === 'link' && exposed && isReplica === (of === 'copies') ? ended - begun : 0);
    }, 0);
  return {
    seconds: stepMs(traces) / 1000,
    copies: exposed('copies') / 1000,
    within: exposed('instance') / 1000,
  };
}

interface Case {
  readonly size: string;
  readonly ways: Ways;
  readonly rows: number;
  readonly columns: number;
  readonly measured: number;
}

const cases: readonly Case[] = [
  { size: 'base', ways: 1, rows: 1, columns: 1, measured: 0.51 },
  { size: '2-way', ways: 2, rows: 1, columns: 2, measured: 0.68 },
  { size: '64', ways: 4, rows: 2, columns: 2, measured: 0.72 },
];

interface Figures {
  readonly name: string;
  readonly precision: MeasuredPrecision;
  readonly published: readonly [alone: number, many: number];
  readonly measured: number;
  /** By change. */
  readonly ours: readonly { readonly alone: number; readonly many: number; readonly waits: number }[];
}

function figuresOf({ size, ways, rows, columns, measured }: Case, precision: MeasuredPrecision): Figures {
  const replicas = GPUS / ways;
  const model = publishedModel(size);
  const one = { rows, columns, replicas: 1 };
  const cut = ways === 1 ? '' : ` of ${rows}x${columns}`;
  return {
    name: `${ways}-way, \`${size}\`, ${replicas} copies${cut}`,
    precision,
    published: [
      publishedSeconds({ model, precision, ways }),
      publishedSeconds({ model, precision, ways, replicas }),
    ],
    measured,
    ours: changes.map(change => {
      const { seconds, copies, within } = ours(size, { ...one, replicas }, precision, change);
      const alone = ours(size, one, precision, change).seconds;
      console.log(
        `${meshName({ ...one, replicas })}, ${precision}, ${change.name}: ${seconds.toFixed(3)} s; waits ${copies.toFixed(3)} s for sums ` +
          `over copies, ${within.toFixed(3)} s within a copy`,
      );
      return { alone, many: seconds, waits: copies };
    }),
  };
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

/** The two tables of docs/simulator.md. */
function tables(figures: readonly Figures[]): string {
  const timed = (alone: number, many: number) =>
    `${alone.toFixed(3)} s, ${many.toFixed(3)} s, ${(alone / many).toFixed(2)}`;
  const beside = table(
    [
      'TF32',
      'published schedule: alone, at 256, efficiency',
      'ours: alone, at 256, efficiency',
      'waits for sums over copies',
    ],
    figures
      .filter(({ precision }) => precision === 'tf32')
      .map(({ name, published, measured, ours: [{ alone, many, waits }] }) => [
        name,
        `${timed(...published)} (measured ${measured})`,
        timed(alone, many),
        `${waits.toFixed(2)} s`,
      ]),
  );
  const changed = table(
    ['efficiency at 256 GPUs', ...figures.map(({ name, precision }) => `${name.split(',')[0]} ${precision}`)],
    changes.map(({ name }, index) => [
      name,
      ...figures.map(({ ours }) => (ours[index].alone / ours[index].many).toFixed(2)),
    ]),
  );
  return `${beside}\n\n${changed}`;
}

/** @param writes the tables into the docs, too */
export async function main(writes: boolean): Promise<void> {
  const figures = (['tf32', 'f32'] as const).flatMap(precision =>
    cases.map(each => figuresOf(each, precision)),
  );
  const text = tables(figures);
  console.log(`\n${text}`);
  if (writes) await writeInDocs('docs/simulator.md', 'npm run bench -- copies --docs', text);
}

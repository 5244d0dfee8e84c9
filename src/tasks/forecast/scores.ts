/** The scores of forecasts as any task gives them: see `Score`. */
import type { Channel } from '../../data/dataset.ts';
import type { Score, ScoreHead } from '../score.ts';
import type { SkillRow } from './skill.ts';

/** What a row holds of one channel at one lead time, in order: each number by its name there, and those it must beat. */
const scored = [
  {
    metric: 'rmse',
    label: 'RMSE',
    better: 'lower',
    main: true,
    baselines: { persistence: 'persistence', climatology: 'climatology' },
  },
  { metric: 'acc', label: 'ACC', better: 'higher', main: false, units: '1', baselines: {} },
  { metric: 'bias', label: 'Bias', better: 'nearer-zero', main: false, baselines: {} },
  {
    metric: 'rmseCos',
    label: 'RMSE by cos(latitude)',
    better: 'lower',
    main: false,
    baselines: { persistence: 'persistenceCos', climatology: 'climatologyCos' },
  },
] as const;

/** By cell areas alone: what is looked at while a run trains. */
const brief = scored.filter(({ metric }) => metric !== 'rmseCos');

type Scored = (typeof scored)[number];

function headOf(
  { metric, label, better, main, ...rest }: Scored,
  { name, longName, units }: Pick<Channel, 'name' | 'longName' | 'units'>,
  leadHours: number,
): Omit<ScoreHead, 'baselines'> {
  return {
    metric,
    label,
    units: 'units' in rest ? rest.units : units,
    better,
    main,
    of: { name, label: longName },
    at: { axis: 'lead time', units: 'h', value: leadHours },
  };
}

/** What `briefScores` gives at a lead time. */
export const briefHeads = (channels: readonly Channel[], leadHours: number): ScoreHead[] =>
  channels.flatMap(channel =>
    brief.map(score => ({
      ...headOf(score, channel, leadHours),
      baselines: Object.keys(score.baselines),
    })),
  );

export const briefScores = (rows: readonly SkillRow[], channels: readonly Channel[]) =>
  scoresOf(rows, channels, brief);

export const fullScores = (rows: readonly SkillRow[], channels: readonly Channel[]) =>
  scoresOf(rows, channels, scored);

function scoresOf(
  rows: readonly SkillRow[],
  channels: readonly Channel[],
  wanted: readonly Scored[],
): Score[] {
  const byName = new Map(channels.map(channel => [channel.name, channel]));
  return rows.flatMap(row =>
    wanted.map(score => ({
      ...headOf(score, byName.get(row.channel)!, row.leadHours),
      value: row[score.metric],
      baselines: Object.entries(score.baselines).map(([name, key]: [string, keyof SkillRow]) => ({
        name,
        value: Number(row[key]),
      })),
    })),
  );
}

/** What a recording keeps of views: of a roll-out a few channels and as many leads as there is room for, of images all. */
import type { Channel, RolloutSpec, RolloutView, View, ViewSpec } from '../../session/api/api.ts';
import { firstShown } from '../../show/people.ts';
import type { KeptAnswer } from './recording.ts';

const mostChannels = 3;
/** Of the forecast of one answer; as many again are the truth. */
const mostValues = 80_000;

/** The channel that is shown first, then one of each other kind; by their numbers, in order. */
export function keptChannels(channels: readonly Channel[]): number[] {
  const first = firstShown(channels);
  const kinds = new Set([channels[first]?.variable]);
  const others = channels.flatMap(({ variable }, i) => {
    if (kinds.has(variable)) return [];
    kinds.add(variable);
    return [i];
  });
  return [first, ...others].slice(0, mostChannels).sort((a, b) => a - b);
}

/**
 * @param most channels of a roll-out
 * @returns undefined where nothing of it is kept
 */
export function keptView(view: View, spec: ViewSpec | undefined, most = mostChannels): View | undefined {
  if (view.kind === 'images') return view;
  if (view.kind !== 'rollout' || spec?.kind !== 'rollout') return undefined;
  const wanted = most === 1 ? [firstShown(spec.channels)] : keptChannels(spec.channels);
  return keptRollout(view, spec, wanted);
}

function keptRollout(
  view: RolloutView,
  spec: RolloutSpec,
  wanted: readonly number[],
): RolloutView | undefined {
  const size = spec.latitude.length * spec.longitude.length;
  const there = wanted.filter(channel => view.channels.includes(channel));
  const channels = there.slice(0, Math.max(1, Math.floor(mostValues / size)));
  const leads = Math.min(view.leadHours.length, Math.floor(mostValues / (size * channels.length)));
  if (channels.length === 0 || leads === 0) return undefined;
  const at = channels.map(channel => view.channels.indexOf(channel));
  /** @param length of what there is of every lead and channel */
  const pick = (values: Float32Array, length: number, of: number) => {
    const out = new Float32Array(of * at.length * length);
    for (let lead = 0; lead < of; lead++) {
      at.forEach((c, i) => {
        const from = (lead * view.channels.length + c) * length;
        out.set(values.subarray(from, from + length), (lead * at.length + i) * length);
      });
    }
    return out;
  };
  const { forecast, persistence, climatology } = view.errors;
  return {
    ...view,
    channels,
    leadHours: view.leadHours.slice(0, leads),
    start: pick(view.start, size, 1),
    truth: pick(view.truth, size, leads),
    forecast: pick(view.forecast, size, leads),
    errors: {
      forecast: pick(forecast, 1, leads),
      persistence: pick(persistence, 1, leads),
      climatology: pick(climatology, 1, leads),
    },
  };
}

/** What the recorded run offers: that of which there are answers, of one start, with its channels numbered anew. */
export function keptViews(
  specs: readonly ViewSpec[],
  answers: readonly KeptAnswer[],
): { readonly views: ViewSpec[]; readonly answers: KeptAnswer[] } {
  const channelsOf = (name: string) => {
    const all = answers.flatMap(answer =>
      answer.name === name && answer.view.kind === 'rollout' ? answer.view.channels : [],
    );
    return [...new Set(all)].sort((a, b) => a - b);
  };
  const views = specs.flatMap((spec): ViewSpec[] => {
    const own = answers.filter(({ name }) => name === spec.name);
    if (own.length === 0) return [];
    if (spec.kind === 'images') {
      const images = Math.max(...own.map(({ view }) => (view.kind === 'images' ? view.items.length : 0)));
      return [{ ...spec, images }];
    }
    if (spec.kind !== 'rollout') return [];
    return [{ ...spec, starts: 1, channels: channelsOf(spec.name).map(channel => spec.channels[channel]) }];
  });
  const renumbered = answers.map(answer => {
    if (answer.view.kind !== 'rollout') return answer;
    const all = channelsOf(answer.name);
    const channels = answer.view.channels.map(channel => all.indexOf(channel));
    return { ...answer, view: { ...answer.view, channels } };
  });
  return { views, answers: renumbered };
}

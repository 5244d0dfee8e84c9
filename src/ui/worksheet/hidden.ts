/**
 * What of the page a link can hide, as one table: a teacher takes away all but what an exercise is about, and the link is the
 * worksheet, `?hide=seed+mesh`. What is hidden is not forbidden, and one press shows all again.
 */

interface Hideable {
  readonly label: string;
  readonly group: HideGroup;
  /** Where it is in the page, in whatever views. */
  readonly selector: string;
}

export const hideGroups = ['Views', 'The run', 'The cut', 'The learning'] as const;
export type HideGroup = (typeof hideGroups)[number];

const view = (name: string, label: string): Hideable => ({
  label,
  group: 'Views',
  selector: `#views [data-view="${name}"]`,
});

/** By its name in the address. */
export const hideables = {
  board: view('board', 'Board'),
  timeline: view('timeline', 'Timeline'),
  step: view('step', 'Step'),
  lesson: view('lesson', 'Lessons'),
  details: view('details', 'Details'),
  share: view('share', 'Share'),
  preset: { label: 'Model', group: 'The run', selector: '.chosen:has(#preset)' },
  data: { label: 'Data', group: 'The run', selector: '.chosen:has(#data-chosen)' },
  'one-step': { label: 'One step', group: 'The run', selector: '#one-step' },
  reset: { label: 'Reset', group: 'The run', selector: '#reset' },
  steps: { label: 'Steps', group: 'The run', selector: '.field:has(#steps)' },
  seed: { label: 'Seed', group: 'The run', selector: '.field:has(#seed)' },
  model: { label: 'Change the model', group: 'The run', selector: '#model-details' },
  advanced: {
    label: 'Passes and recomputing',
    group: 'The run',
    selector: '.explain:has(> .field > #accumulate)',
  },
  mesh: {
    label: 'How it is cut',
    group: 'The cut',
    selector: 'isobar-machine .chips, isobar-board .chips, .mesh-fields:has(#mesh)',
  },
  links: {
    label: 'Links, overlap and micro-batches',
    group: 'The cut',
    selector: '.explain:has(> .mesh-fields > .field > #link)',
  },
  pays: { label: 'Does it pay?', group: 'The cut', selector: '.pays' },
  'last-step': { label: 'The last step', group: 'The cut', selector: '#last-step-panel' },
  scores: { label: 'Scores while it trains', group: 'The learning', selector: 'section:has(> #skill-chart)' },
  compare: { label: 'Comparing runs', group: 'The learning', selector: '#kept-runs' },
  results: { label: 'Results to take away', group: 'The learning', selector: '#open-results' },
} as const satisfies Readonly<Record<string, Hideable>>;

export type HideName = keyof typeof hideables;
export const hideNames = Object.keys(hideables).filter(isHideName);

function isHideName(name: string): name is HideName {
  return Object.hasOwn(hideables, name);
}

const parameter = 'hide';

/** @param search of the address; names of nothing that can be hidden are passed over */
export function hiddenIn(search: string): HideName[] {
  const text = new URLSearchParams(search).get(parameter) ?? '';
  const asked = new Set(text.split(/[\s,]+/));
  return hideNames.filter(name => asked.has(name));
}

/** @param search of which all else stays */
export function withHidden(search: string, hidden: readonly HideName[]): string {
  const params = new URLSearchParams(search);
  if (hidden.length === 0) params.delete(parameter);
  else params.set(parameter, hideNames.filter(name => hidden.includes(name)).join(' '));
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** Rules of a style sheet: whatever a view makes later is hidden too. */
export const hidingRules = (hidden: readonly HideName[]): string =>
  hidden.map(name => `${hideables[name].selector} { display: none !important; }`).join('\n');

/** Runs are named by what differs between their settings. */
import type { KeptRun } from './kept-run.ts';

type Named = Pick<KeptRun, 'at' | 'file' | 'settings'>;

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const longest = 40;

/**
 * @param present settings of the run that they are beside
 * @returns a name for each, no two alike: `mesh 2x2, seed 3`
 */
export function namesOf(runs: readonly Named[], present: Named['settings']): string[] {
  const differing = differingSettings([present, ...runs.map(({ settings }) => settings)]);
  const names = runs.map(({ settings, file }) => {
    const words = settings
      ? differing.flatMap(name => (settings[name] === undefined ? [] : `${name} ${clipped(settings[name])}`))
      : [];
    return words.length > 0 ? words.join(', ') : (file ?? 'the same settings');
  });
  const isTaken = (name: string) => names.filter(other => other === name).length > 1;
  const timed = names.map((name, i) =>
    isTaken(name) || name === 'the same settings' ? `${name}, ${time.format(runs[i].at)}` : name,
  );
  return timed.map((name, i) =>
    timed.indexOf(name) < i
      ? `${name} (${timed.slice(0, i + 1).filter(other => other === name).length})`
      : name,
  );
}

/** Names of settings in which not all of these agree. What follows from another preset is not named beside it. */
function differingSettings(all: readonly Named['settings'][]): string[] {
  const known = all.filter(settings => settings !== undefined);
  const names = [...new Set(known.flatMap(settings => Object.keys(settings)))];
  const differing = names.filter(name => new Set(known.map(settings => settings[name])).size > 1);
  return differing.includes('preset')
    ? differing.filter(name => name !== 'steps' && name !== 'data')
    : differing;
}

const clipped = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}…` : text);

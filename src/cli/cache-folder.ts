/** Isobar's folder among the user's caches: by the XDG rules, or where else the system keeps them. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export function cacheFolder(env = process.env, platform = process.platform): string {
  return join(cachesOf(env, platform), 'isobar');
}

function cachesOf({ XDG_CACHE_HOME: named, LOCALAPPDATA: local }: NodeJS.ProcessEnv, platform: string) {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (platform === 'win32') return local ?? homedir();
  return named && isAbsolute(named) ? named : join(homedir(), '.cache');
}

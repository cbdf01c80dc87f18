/** Where nanoops keeps on this machine what it can do without. Nothing is read or made here. */
import { isAbsolute, join } from 'node:path';

/**
 * `$XDG_CACHE_HOME/nanoops`, or `~/.cache/nanoops`; undefined where there is no home. A relative path in the variable is
 * invalid and ignored, as the XDG Base Directory Specification wants it.
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  homedir: () => string,
): string | undefined {
  const cacheHome = env['XDG_CACHE_HOME'] ?? '';
  if (isAbsolute(cacheHome)) return join(cacheHome, 'nanoops');
  const home = homedir();
  return isAbsolute(home) ? join(home, '.cache', 'nanoops') : undefined;
}

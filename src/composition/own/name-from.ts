import { relative } from 'node:path';

/** How somebody in a folder calls a path: short where it lies below. */
export function nameFrom(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

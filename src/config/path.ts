/** Where in a configuration something is: the keys that lead to it, and how people write them. */
import { printable } from './printable.ts';

export type Path = readonly (string | number)[];

const longestKey = 60;

/** `api.loadBalancer`, `drill.blackouts[0].from`; a key that is no plain word is written as `["…"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[\w-]{1,60}$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `["${printable(key.length > longestKey ? `${key.slice(0, longestKey)}…` : key)}"]`;
  }
  return text;
}

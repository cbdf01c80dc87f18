/** Where each value of a configuration came from: the file, an overlay in it, or the specification's defaults. */
import { formatPath, type Path } from './path.ts';
import { isSecretRef } from './secrets.ts';
import { overlaysKey, type Config } from './schema.ts';
import { walk, type Entry } from './tree.ts';

export interface Origin {
  readonly source: 'file' | 'overlay' | 'default';
  readonly line?: number;
  readonly column?: number;
}

/** The origins of every value, and of every map and list that the file writes, by path. */
export function originsOf(config: Config, root: Entry): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  walk(root, (path, { place }) => {
    origins.set(formatPath(path), { source: place.path[0] === overlaysKey ? 'overlay' : 'file', ...place.position });
  });
  for (const { path } of leavesOf(config)) {
    const key = formatPath(path);
    if (!origins.has(key)) origins.set(key, { source: 'default' });
  }
  return origins;
}

export interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

/** Every value that holds no others; an empty list or map is one, and so is a reference to a secret. */
export function leavesOf(value: unknown, path: Path = []): Leaf[] {
  if (typeof value !== 'object' || value === null || isSecretRef(value)) return [{ path, value }];
  const children: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const given = children.filter(([, child]) => child !== undefined);
  if (given.length === 0) return [{ path, value }];
  return given.flatMap(([key, child]) => leavesOf(child, [...path, key]));
}

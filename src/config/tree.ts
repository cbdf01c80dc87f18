/**
 * A configuration as it was written, before anything is known about its meaning: maps, lists and scalars, each with the
 * place that it came from, so that a fault can be shown there. Maps are `Map`s: no key of a file can reach a prototype.
 */
import type { Path } from './path.ts';

/** Line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where an entry stands: the position of its key (or of a list's item), and the keys that lead to it in the file, which
 * for an overlay's entry begin with `environments`.
 */
export interface Place {
  readonly path: Path;
  /** Absent where there is no text, as for a configuration that a program hands in. */
  readonly position?: Position;
}

export type Scalar = string | number | boolean | null;

export type Tree =
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly kind: 'list'; readonly items: readonly Entry[] }
  | { readonly kind: 'scalar'; readonly value: Scalar };

export interface Entry {
  readonly place: Place;
  readonly tree: Tree;
}

/** The plain value of a tree. */
export function valueOf(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map((item) => valueOf(item.tree));
    case 'map':
      // `fromEntries` defines properties, so that even a key `__proto__` is only a key.
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, valueOf(entry.tree)]));
  }
}

/** What a key leads to; undefined when there is nothing. */
export function childOf(tree: Tree, key: string | number): Entry | undefined {
  if (tree.kind === 'map') return tree.entries.get(String(key));
  return tree.kind === 'list' && typeof key === 'number' ? tree.items[key] : undefined;
}

/** The entry at `path`, or the innermost one on the way to it, with the keys that were not found. */
export function find(root: Entry, path: Path): { readonly entry: Entry; readonly missing: Path } {
  let entry = root;
  for (const [depth, key] of path.entries()) {
    const child = childOf(entry.tree, key);
    if (child === undefined) return { entry, missing: path.slice(depth) };
    entry = child;
  }
  return { entry, missing: [] };
}

/** Visits every entry below `root`, a parent before its children, with its path in the configuration. */
export function walk(root: Entry, visit: (path: Path, entry: Entry) => void, path: Path = []): void {
  const children: Iterable<readonly [string | number, Entry]> =
    root.tree.kind === 'map' ? root.tree.entries : root.tree.kind === 'list' ? root.tree.items.entries() : [];
  for (const [key, child] of children) {
    const childPath = [...path, key];
    visit(childPath, child);
    walk(child, visit, childPath);
  }
}

/** Levels of nesting; a configuration needs six. Deeper ones would end the process, for whoever reads trees is recursive. */
export const mostLevels = 64;

/** The tree of a plain value that a program hands in; `path` leads to it. What is no data becomes a text that says so. */
export function treeOf(value: unknown, path: Path = []): Entry {
  return { place: { path }, tree: plainTree(value, path) };
}

function plainTree(value: unknown, path: Path): Tree {
  if (path.length > mostLevels) return { kind: 'scalar', value: `(nested more than ${mostLevels} levels deep)` };
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item: unknown, index) => treeOf(item, [...path, index])) };
  }
  if (typeof value === 'object' && value !== null) {
    const given = Object.entries(value).filter(([, item]) => item !== undefined);
    return { kind: 'map', entries: new Map(given.map(([key, item]) => [key, treeOf(item, [...path, key])])) };
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', value };
  }
  return { kind: 'scalar', value: `(${typeof value})` };
}

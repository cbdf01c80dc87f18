/**
 * Overlays: what `environments.<name>` changes in the rest of the file. Maps are merged key by key, everything else is
 * replaced, and an empty value takes away what the rest of the file sets.
 */
import { idPattern } from './schema/fields.ts';
import { overlaysKey } from './schema.ts';
import type { Fault } from './faults.ts';
import type { Entry, Tree } from './tree.ts';

export interface SplitConfig {
  /** The file without its overlays. */
  readonly base: Entry;
  readonly overlays: ReadonlyMap<string, Entry>;
  readonly faults: readonly Fault[];
}

/** Takes the overlays out of a file's tree, and checks what can be told without applying one. */
export function splitOverlays(root: Entry): SplitConfig {
  if (root.tree.kind !== 'map') return { base: root, overlays: new Map(), faults: [] };
  const entries = new Map(root.tree.entries);
  const given = entries.get(overlaysKey);
  entries.delete(overlaysKey);
  const base: Entry = { place: root.place, tree: { kind: 'map', entries } };
  if (given === undefined) return { base, overlays: new Map(), faults: [] };
  if (given.tree.kind !== 'map') {
    return { base, overlays: new Map(), faults: [faultAt(given, 'must be a map of overlays: { staging: { … } }')] };
  }
  const faults: Fault[] = [];
  const overlays = new Map<string, Entry>();
  for (const [name, overlay] of given.tree.entries) {
    overlays.set(name, overlay);
    if (!idPattern.test(name)) {
      faults.push(
        faultAt(overlay, 'must be named with letters, digits, ".", "_" and "-", beginning with a letter or digit'),
      );
    }
    if (overlay.tree.kind !== 'map') {
      faults.push(faultAt(overlay, 'must be a map of what differs in that environment; {} when nothing does'));
      continue;
    }
    const environment = overlay.tree.entries.get('environment');
    if (environment !== undefined)
      faults.push(faultAt(environment, "must go: the overlay's own name is the environment"));
    const nested = overlay.tree.entries.get(overlaysKey);
    if (nested !== undefined) faults.push(faultAt(nested, 'must go: an overlay has no overlays of its own'));
  }
  return { base, overlays, faults };
}

export interface Overlaid {
  readonly root: Entry;
  readonly faults: readonly Fault[];
}

/** Lays the overlay called `name` over the rest of the file; the result's environment is that name. */
export function applyOverlay(base: Entry, name: string, overlay: Entry): Overlaid {
  if (base.tree.kind !== 'map' || overlay.tree.kind !== 'map') return { root: base, faults: [] };
  const faults: Fault[] = [];
  const changes = new Map(overlay.tree.entries);
  changes.delete(overlaysKey);
  changes.set('environment', { place: overlay.place, tree: { kind: 'scalar', value: name } });
  const tree = merged(base.tree.entries, changes, faults);
  return { root: { place: base.place, tree }, faults };
}

function merged(base: ReadonlyMap<string, Entry>, changes: ReadonlyMap<string, Entry>, faults: Fault[]): Tree {
  const entries = new Map(base);
  for (const [key, change] of changes) {
    const before = entries.get(key);
    if (change.tree.kind === 'scalar' && change.tree.value === null) {
      if (before === undefined)
        faults.push(faultAt(change, 'is empty, which removes it, but the rest of the file does not set it'));
      entries.delete(key);
    } else if (change.tree.kind === 'map' && before?.tree.kind === 'map') {
      entries.set(key, { place: before.place, tree: merged(before.tree.entries, change.tree.entries, faults) });
    } else {
      entries.set(key, change);
    }
  }
  return { kind: 'map', entries };
}

function faultAt(entry: Entry, message: string): Fault {
  const { path, position } = entry.place;
  return { path, message, ...(position === undefined ? {} : { position }) };
}

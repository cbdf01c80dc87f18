/** What must hold between the parts of a configuration. Looks at plain values, so that a fault elsewhere hides none here. */
import type { Path } from './path.ts';

export interface BrokenRule {
  readonly path: Path;
  readonly message: string;
}

/** What only a second region gives a meaning to. */
const needRecovery: readonly Path[] = [
  ['roles', 'recovery'],
  ['api', 'recovery'],
  ['compute', 'recovery'],
  ['cache', 'recovery'],
  ['cache', 'warm'],
  ['database', 'recoveryCluster'],
  ['database', 'globalCluster'],
  ['storage', 'replicaBucket'],
  ['dns', 'routingControls'],
  ['dns', 'switchObject'],
];

export function brokenRules(config: unknown): BrokenRule[] {
  const broken: BrokenRule[] = [];
  const primary = valueAt(config, ['regions', 'primary']);
  const recovery = valueAt(config, ['regions', 'recovery']);
  if (recovery === undefined) {
    for (const path of needRecovery) {
      if (valueAt(config, path) !== undefined) {
        broken.push({ path, message: 'means nothing without regions.recovery: set that, or remove this' });
      }
    }
  } else if (recovery === primary) {
    broken.push({ path: ['regions', 'recovery'], message: 'must be another region than regions.primary' });
  }
  const bucket = valueAt(config, ['storage', 'bucket']);
  if (bucket !== undefined && bucket === valueAt(config, ['storage', 'replicaBucket'])) {
    broken.push({ path: ['storage', 'replicaBucket'], message: 'must be another bucket than storage.bucket' });
  }
  return [...broken, ...toldInVain(config)];
}

/** Whoever is to be told has to be configured. */
function toldInVain(config: unknown): BrokenRule[] {
  const notify = valueAt(config, ['notify']);
  const routing = valueAt(notify, ['routing']);
  if (typeof routing !== 'object' || routing === null) return [];
  return Object.keys(routing).flatMap((level) => {
    const tell = valueAt(routing, [level, 'tell']);
    if (!Array.isArray(tell)) return [];
    return tell.flatMap((name: unknown, index): BrokenRule[] => {
      if (typeof name !== 'string' || valueAt(notify, [name]) !== undefined) return [];
      return [
        {
          path: ['notify', 'routing', level, 'tell', index],
          message: `means nothing without notify.${name}: set that, or remove this`,
        },
      ];
    });
  });
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    // Own keys only, which has just been seen.
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}

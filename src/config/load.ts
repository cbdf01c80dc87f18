/**
 * From a file to a `Config`: finds, reads, lays the chosen overlay over the rest and checks the result, telling every
 * fault at once. Contacts nothing and resolves no secret.
 */
import { NanoopsError } from '../errors.ts';
import { checkConfig } from './check.ts';
import { readConfigFile, startOne } from './config-file.ts';
import { invalidConfig, type Fault } from './faults.ts';
import { didYouMean } from './nearest.ts';
import { originsOf, type Origin } from './origins.ts';
import { applyOverlay, splitOverlays, type SplitConfig } from './overlay.ts';
import { printable, quoted } from './printable.ts';
import { readYaml } from './read-yaml.ts';
import { childOf, treeOf, valueOf, type Entry } from './tree.ts';
import type { Config } from './schema.ts';

export interface LoadOptions {
  /** As given with `--config`; absent: `nanoops.yaml`, searched from `cwd` upwards. */
  readonly file?: string;
  readonly cwd: string;
  /** As given with `--environment`; absent: the file without overlays. */
  readonly environment?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** The same as it was written, overlay included: without defaults, with references to secrets. */
  readonly written: unknown;
  /** The absolute path of the file. */
  readonly file: string;
  /** The file as messages show it. */
  readonly origin: string;
  readonly environment: string;
  /** The names of the file's overlays. */
  readonly overlays: readonly string[];
  /** Where each value came from, by its path (`api.loadBalancer`). */
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Loads the configuration of one environment. Overlays that are not chosen are not judged, so that a fault in one
 * environment's never stands in the way of another. Throws a NanoopsError that exits with 2: `ConfigInvalid` with one
 * line a fault, `ConfigNotFound`, `ConfigUnreadable`, `ConfigTooLarge`, `ConfigNotUtf8`, `ConfigAliasBomb`,
 * `UnknownEnvironment`.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { file, origin, text } = await readConfigFile(options.cwd, options.file);
  return { file, ...loadConfigText(text, origin, options.environment) };
}

/** The same for a text that has been read already; `origin` names it in messages. */
export function loadConfigText(text: string, origin: string, environment?: string): Omit<LoadedConfig, 'file'> {
  const written = readText(text, origin);
  const { root, faults } = choose(written, origin, environment);
  const checked = checkConfig(root, environment);
  const all = gathered(written, faults, checked.ok ? [] : checked.faults);
  if (!checked.ok || all.length > 0) throw invalidConfig(origin, all, nextStepFor(written));
  const { config } = checked;
  const overlays = [...written.split.overlays.keys()];
  const origins = originsOf(config, root);
  return { config, written: valueOf(root.tree), origin, environment: config.environment, overlays, origins };
}

export interface ValidatedConfig {
  readonly file: string;
  readonly origin: string;
  /** The environments that were checked: the file's own first, then its overlays. */
  readonly environments: readonly string[];
}

/**
 * Checks the whole file, without an overlay and under each of them; or, where `environment` is given, as `loadConfig`
 * would read it. Throws as `loadConfig` does.
 */
export async function validateConfig(options: LoadOptions): Promise<ValidatedConfig> {
  const { file, origin, text } = await readConfigFile(options.cwd, options.file);
  return { file, origin, environments: validateConfigText(text, origin, options.environment) };
}

/** The same for a text that has been read already; returns the names of the environments that were checked. */
export function validateConfigText(text: string, origin: string, environment?: string): readonly string[] {
  if (environment !== undefined) return [loadConfigText(text, origin, environment).environment];
  const written = readText(text, origin);
  const { base, overlays } = written.split;
  const faults: Fault[] = [];
  const checked = checkConfig(base);
  if (!checked.ok) faults.push(...checked.faults);
  const known = new Set(faults.map(identity));
  for (const [name, overlay] of overlays) {
    const overlaid = applyOverlay(base, name, overlay);
    faults.push(...overlaid.faults);
    const under = checkConfig(overlaid.root, name);
    // What is wrong without the overlay too has been told.
    if (!under.ok) faults.push(...under.faults.filter((fault) => !known.has(identity(fault))));
  }
  const all = gathered(written, faults, []);
  if (!checked.ok || all.length > 0) throw invalidConfig(origin, all, nextStepFor(written));
  return [...new Set([checked.config.environment, ...overlays.keys()])];
}

/**
 * Checks a configuration that a program made; `origin` says in messages where it comes from, `environment` is as given with
 * `--environment`. Throws `ConfigInvalid`, `UnknownEnvironment`.
 */
export function parseConfig(value: unknown, origin: string, environment?: string): Config {
  const split = splitOverlays(treeOf(value));
  const { root, faults } = choose({ split }, origin, environment);
  const checked = checkConfig(root, environment);
  const all = [...split.faults, ...faults, ...(checked.ok ? [] : checked.faults)];
  if (checked.ok && all.length === 0) return checked.config;
  throw invalidConfig(origin, all, 'Correct what is listed.');
}

interface Written {
  readonly split: SplitConfig;
  readonly formFaults: readonly Fault[];
  readonly broken: boolean;
}

function readText(text: string, origin: string): Written {
  const { root, faults, broken, aliasBombAt, advice } = readYaml(text);
  if (aliasBombAt !== undefined) {
    throw new NanoopsError(
      `${printable(origin)}:${aliasBombAt.line}:${aliasBombAt.column} its aliases stand for more than any configuration needs`,
      { code: 'ConfigAliasBomb', exitCode: 2, nextStep: 'Write the values out instead of nesting aliases (*name).' },
    );
  }
  if (root === undefined) throw invalidConfig(origin, faults, advice ?? (broken ? correctSyntax : startOne));
  const split = splitOverlays(root);
  return { split, formFaults: [...faults, ...split.faults], broken };
}

function choose(
  written: Pick<Written, 'split'>,
  origin: string,
  environment: string | undefined,
): { root: Entry; faults: readonly Fault[] } {
  const { base, overlays } = written.split;
  if (environment === undefined) return { root: base, faults: [] };
  const overlay = overlays.get(environment);
  if (overlay !== undefined) return applyOverlay(base, environment, overlay);
  const own = ownEnvironment(base);
  if (environment === own) return { root: base, faults: [] };
  const known = [own, ...overlays.keys()];
  const suggestion = didYouMean(environment, known);
  throw new NanoopsError(
    `${printable(origin)} describes no environment ${quoted(environment)}${suggestion === undefined ? '' : `; ${suggestion}`}`,
    {
      code: 'UnknownEnvironment',
      exitCode: 2,
      details: known.map(printable),
      nextStep: `Choose one with -e: ${known.map(printable).join(', ')}.`,
    },
  );
}

/** What the file calls itself, as far as that can be told before it is checked. */
function ownEnvironment(base: Entry): string {
  const tree = childOf(base.tree, 'environment')?.tree;
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? tree.value : 'prod';
}

/**
 * All faults, less those that only follow from others: about a value that could not be read, and, where syntax is
 * broken, about what is missing or stands in the same line, since that may be there once the syntax is right.
 */
function gathered(written: Written, overlayFaults: readonly Fault[], schemaFaults: readonly Fault[]): Fault[] {
  const { formFaults, broken } = written;
  const unreadable = new Set(formFaults.filter(({ path }) => path.length > 0).map(({ path }) => path.join('\0')));
  const brokenLines = new Set(formFaults.map(({ position }) => position?.line));
  const kept = [...overlayFaults, ...schemaFaults].filter((fault) => {
    if (unreadable.has(fault.path.join('\0'))) return false;
    if (!broken) return true;
    return fault.absent !== true && !brokenLines.has(fault.position?.line);
  });
  return [...formFaults, ...kept];
}

function identity(fault: Fault): string {
  return JSON.stringify([fault.path, fault.message]);
}

const correctSyntax = 'Correct the syntax first: other faults may follow from it. Then run "nanoops config validate".';

function nextStepFor(written: Written): string {
  return written.broken
    ? correctSyntax
    : 'Correct the lines above; "nanoops config schema" prints what the file may say. Then run "nanoops config validate".';
}

/**
 * A team's own runbooks and checks: the files of `runbooks/` and `checks/` beside the configuration, and no others. A folder is listed when an id is asked
 * for that is not built in, and a file loaded when its own id is: one that is broken stands in nobody's way but its own.
 */
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { CommonFlags } from '../../commands/flags.ts';
import { findConfigFile, readConfigFile } from '../../config/config-file.ts';
import { didYouMean, nearest } from '../../config/nearest.ts';
import { NanoopsError } from '../../errors.ts';
import { checkIn, runbookIn, type Faults } from '../../own/exported.ts';
import { guardedCheck, ownFaultText, type PlaceOf } from '../../own/faults.ts';
import type { AnyRunbook } from '../../runbooks/kit.ts';
import type { BrokenFile, OwnCheck, OwnFiles, OwnKind, OwnRunbook } from '../../use-cases/own-files.ts';
import { isBuiltInId } from '../../use-cases/runbooks.ts';
import { scenarioList } from '../../use-cases/scenarios.ts';
import { sha256 } from '../identity.ts';
import type { Io } from '../io.ts';
import type { ImportedCode } from './import-code.ts';
import { isNamed } from './found-config.ts';
import { nameFrom } from './name-from.ts';

interface Entry {
  readonly id: string;
  readonly ending: string;
  readonly path: string;
  /** As somebody would name it from the current folder. */
  readonly shown: string;
  readonly isPlain: boolean;
}

export async function openOwnFiles(flags: CommonFlags, io: Io): Promise<OwnFiles> {
  const config = await findConfigFile(io.cwd, flags.config);
  // Who names a file that is not there means another one. Beside a pattern of many nothing is loaded.
  const isPattern = flags.config !== undefined && /[*?{[]/.test(flags.config);
  if (config === undefined && flags.config !== undefined && !isPattern) {
    await readConfigFile(io.cwd, flags.config);
  }
  const base = config === undefined ? undefined : dirname(config);
  const found = isNamed(flags) ? undefined : config;
  const pattern = config === undefined && isPattern ? flags.config : undefined;
  return {
    runbooks: kindOf(io, { base, pattern, found }, 'runbooks', {
      taken: (id) => Promise.resolve(isBuiltInId(id) ? 'a built-in runbook' : undefined),
      load: (entry) => loadRunbook(entry, io.cwd),
    }),
    checks: kindOf(io, { base, pattern, found }, 'checks', {
      taken: takenByChecks,
      load: (entry) => loadCheck(entry, io.cwd),
    }),
  };
}

interface Where {
  readonly base: string | undefined;
  readonly pattern: string | undefined;
  /** The configuration, where it was found and nobody named it. */
  readonly found: string | undefined;
}

function kindOf<Own>(
  io: Io,
  { base, pattern, found }: Where,
  name: string,
  { taken, load }: { readonly taken: Taken; readonly load: (entry: Entry) => Promise<Own> },
): OwnKind<Own> {
  const folder = base === undefined ? undefined : join(base, name);
  const entries = async (): Promise<readonly Entry[]> => (folder === undefined ? [] : entriesIn(folder, io.cwd));
  const loaded = async (entry: Entry, all: readonly Entry[]): Promise<Own> => {
    await checkName(entry, all, taken);
    if (found !== undefined) {
      const { refuseStrangers } = await import('./owner.ts');
      const others = [dirname(entry.path), entry.path];
      await refuseStrangers({ config: found, others, shown: entry.shown, refusal: 'is not loaded' }, io);
    }
    return load(entry);
  };
  return {
    ...(folder === undefined ? {} : { folder: nameFrom(io.cwd, folder) }),
    ...(pattern === undefined ? {} : { pattern }),
    ids: async () => [...new Set((await entries()).map(({ id }) => id))],
    async find(id) {
      const all = await entries();
      const entry = all.find((each) => each.id === id);
      return entry === undefined ? undefined : loaded(entry, all);
    },
    async all() {
      const usable: Own[] = [];
      const broken: BrokenFile[] = [];
      const all = await entries().catch((error: unknown) => {
        if (!(error instanceof NanoopsError)) throw error;
        broken.push({ id: name, file: nameFrom(io.cwd, folder ?? name), problem: error });
        return [];
      });
      // One after the other: which of them is said to be broken must not depend on how long others take.
      for (const entry of all) {
        try {
          usable.push(await loaded(entry, all));
        } catch (error) {
          if (!(error instanceof NanoopsError)) throw error;
          broken.push({ id: entry.id, file: entry.shown, problem: error });
        }
      }
      return { found: usable, broken };
    },
  };
}

/** What a name with a dot, an underline or none of the endings stands for is the team's business: tests, types, parts of others. */
const namePattern = /^(?<id>[^._][^.]*)(?<ending>\.(?:ts|mts|js|mjs|yaml|yml))$/;

async function entriesIn(folder: string, cwd: string): Promise<readonly Entry[]> {
  const place = await lstat(folder).catch(() => undefined);
  if (place?.isSymbolicLink() === true) {
    throw new NanoopsError(
      `${nameFrom(cwd, folder)} is a link: what is loaded has to lie beside the configuration itself`,
      {
        code: 'OwnFilesUnreadable',
        exitCode: 2,
        nextStep: `put the files there themselves: ls -l ${nameFrom(cwd, folder)}`,
      },
    );
  }
  const listed = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw new NanoopsError(`${nameFrom(cwd, folder)} cannot be listed: ${codeOf(error) ?? String(error)}`, {
      code: 'OwnFilesUnreadable',
      exitCode: 2,
      nextStep: `check it: ls -l ${nameFrom(cwd, folder)}`,
      cause: error,
    });
  });
  return listed
    .flatMap((each): Entry[] => {
      const { id, ending } = namePattern.exec(each.name)?.groups ?? {};
      if (id === undefined || ending === undefined || each.isDirectory()) return [];
      const path = join(folder, each.name);
      return [{ id, ending, path, shown: nameFrom(cwd, path), isPlain: each.isFile() }];
    })
    .toSorted((one, other) => (one.shown < other.shown ? -1 : 1));
}

/** What has an id already, in words. */
type Taken = (id: string) => Promise<string | undefined>;

async function takenByChecks(id: string): Promise<string | undefined> {
  const { areas, catalogue } = await import('../../checks/catalogue.ts');
  if (catalogue.some((each) => each.id === id)) return 'a built-in check';
  return id === 'own' || areas.some((area) => area === id) ? 'an area of checks' : undefined;
}

async function checkName(entry: Entry, all: readonly Entry[], taken: Taken): Promise<void> {
  const { id, shown, isPlain } = entry;
  const other = await taken(id);
  const twins = all.filter((each) => each.id === id && each !== entry).map((each) => each.shown);
  const faults = [
    ...(isPlain ? [] : ['it is a link, or no file: what is loaded has to lie beside the configuration itself']),
    ...(/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id)
      ? []
      : ['its name is an id, and ids are small letters, digits and hyphens: drain-workers']),
    ...(other === undefined ? [] : [`"${id}" is ${other}: call it something else`]),
    ...twins.map((twin) => `${twin} has the same id "${id}"`),
  ];
  if (faults.length > 0)
    throw invalid(
      entry,
      faults.map((fault) => `${shown}: ${fault}`),
    );
}

function loadRunbook(entry: Entry, cwd: string): Promise<OwnRunbook> {
  return isYaml(entry) ? loadYaml(entry, cwd) : loadCode(entry, cwd);
}

function isYaml({ ending }: Entry): boolean {
  return ending === '.yaml' || ending === '.yml';
}

async function loadYaml(entry: Entry, cwd: string): Promise<OwnRunbook> {
  const { id, path, shown } = entry;
  const [{ readRunbookFile }, { rulesBy }, { judgeCall }, { runbookOfFile }] = await Promise.all([
    import('../../config/own/read-own-file.ts'),
    import('../../own/rules.ts'),
    import('../../aws/named/operations.ts'),
    import('../../own/compile.ts'),
  ]);
  const { text } = await readConfigFile(cwd, path);
  const reading = await readRunbookFile(text, shown, rulesBy(judgeCall));
  if (!reading.ok) throw invalid(entry, reading.faults);
  checkScenarios(entry, reading.file.scenarios);
  return { ...runbookOfFile(id, reading.file), file: shown, namesItself: true, source: sha256(text) };
}

async function loadCode(entry: Entry, cwd: string): Promise<OwnRunbook> {
  const { path, shown } = entry;
  const { exports, sources, placeOf } = await importOf(entry, cwd);
  const found = runbookIn(exports, entry.id);
  if ('faults' in found) throw invalid(entry, linesOf(found, shown));
  checkScenarios(entry, found.scenarios);
  await checkOperations(entry, found.steps);
  return {
    ...found,
    resources: guardedResources(found, placeOf),
    file: shown,
    source: digestOf(sources, dirname(path)),
    faultText: (error) => ownFaultText(error, placeOf),
  };
}

/**
 * What a team's runbook locks. It is asked when the run begins, outside of every step, so that what it throws, or gives in the
 * place of names, has to be told here.
 *
 * @throws NanoopsError `OwnCodeFault`
 */
function guardedResources({ id, resources }: AnyRunbook, placeOf: PlaceOf): AnyRunbook['resources'] {
  const fault = (error: unknown) =>
    new NanoopsError(`runbook "${id}" cannot say what it locks; nothing was changed`, {
      code: 'OwnCodeFault',
      exitCode: 5,
      details: [ownFaultText(error, placeOf)],
      nextStep:
        'correct it, and type the command again: resources gives a list of names, such as ecs:us-west-2:nano/worker',
      cause: error,
    });
  return (settings) => {
    let names: unknown;
    try {
      names = resources(settings);
    } catch (error) {
      throw fault(error);
    }
    if (areNames(names)) return names;
    throw fault(new TypeError('resources gives no list of names'));
  };
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each.trim() !== '');
}

async function loadCheck(entry: Entry, cwd: string): Promise<OwnCheck> {
  const { id, path, shown } = entry;
  if (!isYaml(entry)) {
    const { exports, placeOf } = await importOf(entry, cwd);
    const found = checkIn(exports, id);
    if ('faults' in found) throw invalid(entry, linesOf(found, shown));
    await checkOperations(entry, found.observations);
    return { ...guardedCheck(found, placeOf), file: shown };
  }
  const [{ readCheckFile }, { checkRulesBy }, { judgeCall }, { checkOfFile }] = await Promise.all([
    import('../../config/own/read-own-file.ts'),
    import('../../own/rules.ts'),
    import('../../aws/named/operations.ts'),
    import('../../own/compile-check.ts'),
  ]);
  const { text } = await readConfigFile(cwd, path);
  const reading = await readCheckFile(text, shown, checkRulesBy(judgeCall));
  if (!reading.ok) throw invalid(entry, reading.faults);
  return { ...checkOfFile(id, reading.file), file: shown };
}

/** The code of a file, and where in it something was thrown: now, or later when it runs. */
async function importOf(entry: Entry, cwd: string): Promise<ImportedCode & { readonly placeOf: PlaceOf }> {
  const { importCode, ImportProblem, placeIn } = await import('./import-code.ts');
  const told = ({ file, line }: ReturnType<typeof placeIn>): string =>
    `${nameFrom(cwd, file)}${line === undefined ? '' : `:${line}`}`;
  const code = await importCode(entry.path).catch((error: unknown) => {
    if (!(error instanceof ImportProblem)) throw error;
    throw invalid(entry, [`${told(error.place)}: ${error.message}`], error);
  });
  return { ...code, placeOf: (error) => told(placeIn(error, [entry.path, ...code.sources.keys()])) };
}

/** That of a scenario which is not there, a run would say only when it is tried. */
function checkScenarios(entry: Entry, scenarios: readonly string[] = []): void {
  const known = scenarioList().items.map(({ id }) => id);
  const faults = scenarios
    .filter((each) => !known.includes(each))
    .map((each) => {
      const guess = nearest(each, known);
      const hint = guess === undefined ? 'nanoops sandbox list shows them' : `did you mean "${guess}"?`;
      return `${entry.shown}: there is no scenario "${each}" of the sandbox; ${hint}`;
    });
  if (faults.length > 0) throw invalid(entry, faults);
}

/** An operation that AWS does not have would be refused when the step runs, and stand in a policy that nobody can attach. */
async function checkOperations(
  entry: Entry,
  steps: readonly Readonly<Record<'calls' | 'changes', readonly string[]> & { readonly id: string }>[],
): Promise<void> {
  const { unknownOperation } = await import('../../aws/named/operations.ts');
  const faults: string[] = [];
  for (const { id, calls, changes } of steps) {
    for (const name of new Set([...calls, ...changes])) {
      const fault = await unknownOperation(name);
      if (fault === undefined) continue;
      const guess = didYouMean(fault.word, fault.known);
      faults.push(`${entry.shown}: step "${id}": ${fault.message}${guess === undefined ? '' : `; ${guess}`}`);
    }
  }
  if (faults.length > 0) throw invalid(entry, faults);
}

function linesOf({ faults }: Faults, shown: string): readonly string[] {
  return faults.map((fault) => `${shown}: ${fault}`);
}

/** Of the texts, each with where it lies beside the others: the same files elsewhere are the same runbook. */
function digestOf(sources: ReadonlyMap<string, string>, folder: string): string {
  const told = [...sources].map(([path, text]) => [relative(folder, path), text] as const);
  return sha256(JSON.stringify(told.toSorted(([one], [other]) => (one < other ? -1 : 1))));
}

function invalid({ shown }: Entry, details: readonly string[], cause?: unknown): NanoopsError {
  return new NanoopsError(`${shown} cannot be used; nothing was contacted`, {
    code: 'OwnFileInvalid',
    exitCode: 2,
    details,
    nextStep:
      'correct what is listed, then see it with: nanoops runbook list, nanoops checks list; nanoops help own-runbooks tells how such files are written',
    ...(cause === undefined ? {} : { cause }),
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

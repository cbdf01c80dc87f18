/** The catalogue of checks, and which of them somebody means. */
import { areas, catalogue } from '../checks/catalogue.ts';
export { recoveryPoint } from '../checks/backup/rpo.ts';
export { alertChecks, backupChecks, logChecks, weeklyChecks, metricChecks } from '../checks/catalogue.ts';
export { statusSummary } from '../checks/status.ts';
import type { AnyCheck } from '../checks/check.ts';
import { limitTexts, type Limit } from '../checks/limits.ts';
import { nearest } from '../config/nearest.ts';
import { NanoopsError } from '../errors.ts';
import type { ListDocument } from '../report/schemas.ts';
import { limitsOf } from './check-report.ts';
import type { BrokenFile, OpenOwnFiles, OwnCheck } from './own-files.ts';
import { whereOwnAre, type WhereOwnAre } from './runbooks.ts';

/** With the thresholds that hold where nobody has set others. The team's own come last, each with its file. */
export function listChecks(own: readonly OwnCheck[] = []): ListDocument {
  const limits: Readonly<Record<string, Limit>> = limitsOf();
  return {
    schema: 'nanoops/list@1',
    items: [...catalogue, ...own].map(({ id, title, area, severity, window, observations, ...more }) => {
      const limit = limits[id];
      return {
        id,
        title,
        area,
        severity,
        ...(limit === undefined ? {} : limitTexts(limit)),
        ...(window === undefined ? {} : { window }),
        reads: [...new Set(observations.flatMap(({ calls }) => calls))].toSorted(),
        ...('file' in more ? { file: more.file } : {}),
      };
    }),
  };
}

/**
 * The built-in checks that some words name: ids and areas; all where there are none. In the order of the catalogue, each once.
 *
 * @throws NanoopsError `UnknownCheck`
 */
export function checksNamed(words: readonly string[]): readonly AnyCheck[] {
  return chosen(catalogue, words);
}

/** What is run, and the files that were meant and cannot be used: each is one of the checks, and unknown. */
export interface ChosenChecks {
  readonly checks: readonly AnyCheck[];
  /** Those of the team among them. */
  readonly own: readonly AnyCheck[];
  readonly broken: readonly BrokenFile[];
}

/**
 * As `checksNamed`, with the team's own: by their ids, by their areas, and by `own`. Their files are loaded where a word may mean
 * one of them.
 *
 * @throws NanoopsError `UnknownCheck`, and `OwnFileInvalid` for one that is asked for by its id.
 */
export async function allChecksNamed(words: readonly string[], open: OpenOwnFiles): Promise<ChosenChecks> {
  const builtIn = new Set<string>(catalogue.map(({ id }) => id));
  if (words.length > 0 && words.every((word) => builtIn.has(word))) {
    return { checks: checksNamed(words), own: [], broken: [] };
  }
  const { checks: files } = await open();
  const ids = await files.ids();
  const asked = words.filter(
    (word) => ids.includes(word) && !builtIn.has(word) && !areas.some((area) => area === word),
  );
  // One that is asked for has to be there; whoever asks for many is told of those that are broken.
  for (const id of asked) await files.find(id);
  const isWide = words.length === 0 || words.some((word) => !builtIn.has(word) && !asked.includes(word));
  const { found, broken } = isWide
    ? await files.all()
    : {
        found: (await Promise.all(asked.map((id) => files.find(id)))).filter((each) => each !== undefined),
        broken: [],
      };
  const told = words.length === 0 || words.includes('own') ? broken : [];
  const own = [...found, ...told.map(unusable)];
  if (words.includes('own') && own.length === 0) throw noneOfYourOwn(files);
  const checks = chosen(
    [...catalogue, ...own],
    words.flatMap((word) => (word === 'own' && own.length > 0 ? own.map(({ id }) => id) : [word])),
  );
  return { checks, own: checks.filter((each) => own.includes(each)), broken };
}

function noneOfYourOwn(where: WhereOwnAre): NanoopsError {
  return new NanoopsError('there is no check of your own', {
    code: 'UnknownCheck',
    exitCode: 2,
    details: [whereOwnAre(where)],
    nextStep: 'nanoops help own-runbooks tells how such files are written; nanoops checks list shows the others',
  });
}

/** A file that cannot be used is a check that could not be made. */
function unusable({ id, file, problem }: BrokenFile): AnyCheck {
  return {
    id,
    title: file,
    area: 'own',
    severity: 'warning',
    observations: [],
    judge: () => ({
      status: 'unknown',
      summary: [`${file} cannot be used`, ...problem.details.slice(0, 1)].join(': '),
      nextStep: 'nanoops checks list',
      evidence: [],
    }),
  };
}

function chosen(checks: readonly AnyCheck[], words: readonly string[]): readonly AnyCheck[] {
  if (words.length === 0) return checks;
  const places = [...new Set([...areas, ...checks.map(({ area }) => area)])];
  const known = new Set<string>([...checks.map(({ id }) => id), ...places]);
  const unknown = words.filter((word) => !known.has(word));
  if (unknown.length > 0) {
    throw new NanoopsError(
      unknown.length === 1
        ? `there is no check and no area "${unknown[0]}"`
        : `there are no checks and no areas ${unknown.map((word) => `"${word}"`).join(', ')}`,
      {
        code: 'UnknownCheck',
        exitCode: 2,
        details: unknown.flatMap((word) => {
          const guess = nearest(word, [...known]);
          return guess === undefined ? [] : [`did you mean "${guess}"?`];
        }),
        nextStep: `nanoops checks list; the areas are ${places.join(', ')}`,
      },
    );
  }
  return checks.filter(({ id, area }) => words.includes(id) || words.includes(area));
}

/** The catalogue of checks, and which of them somebody means. */
import { areas, catalogue } from '../checks/catalogue.ts';
export { recoveryPoint } from '../checks/backup/rpo.ts';
export { alertChecks, backupChecks, logChecks, weeklyChecks, metricChecks } from '../checks/catalogue.ts';
export { statusSummary } from '../checks/status.ts';
import type { Check } from '../checks/check.ts';
import { limitTexts, type Limit } from '../checks/limits.ts';
import { nearest } from '../config/nearest.ts';
import { NanoopsError } from '../errors.ts';
import type { ListDocument } from '../report/schemas.ts';
import { limitsOf } from './check-report.ts';

/** With the thresholds that hold where nobody has set others. */
export function listChecks(): ListDocument {
  const limits: Readonly<Record<string, Limit>> = limitsOf();
  return {
    schema: 'nanoops/list@1',
    items: catalogue.map(({ id, title, area, severity, window, observations }) => {
      const limit = limits[id];
      return {
        id,
        title,
        area,
        severity,
        ...(limit === undefined ? {} : limitTexts(limit)),
        ...(window === undefined ? {} : { window }),
        reads: [...new Set(observations.flatMap(({ calls }) => calls))].toSorted(),
      };
    }),
  };
}

/**
 * The checks that some words name: ids and areas; all where there are none. In the order of the catalogue, each once.
 *
 * @throws NanoopsError `UnknownCheck`
 */
export function checksNamed(words: readonly string[]): readonly Check[] {
  if (words.length === 0) return catalogue;
  const known = new Set<string>([...catalogue.map(({ id }) => id), ...areas]);
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
        nextStep: `nanoops checks list; the areas are ${areas.join(', ')}`,
      },
    );
  }
  return catalogue.filter(({ id, area }) => words.includes(id) || words.includes(area));
}

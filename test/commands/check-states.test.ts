/**
 * The sandbox shows every check in each of its states: `check-states.ts` says where, and why a state cannot be. A check that
 * comes to the catalogue has to have its places there.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { catalogue } from '../../src/checks/catalogue.ts';
import type { CheckStatus } from '../../src/checks/check.ts';
import type { CheckId } from '../../src/config/check-ids.ts';
import { isThresholdCheckId, thresholdDefinitions, type Threshold } from '../../src/config/thresholds.ts';
import { reportDocument } from '../../src/report/schemas.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { runMain } from '../support/run-main.ts';
import { inTier } from '../support/tier.ts';
import {
  configurationOf,
  impossible,
  showings,
  type ConfigurationName,
  type Impossible,
  type Showing,
} from './check-states.ts';

const states: readonly CheckStatus[] = ['ok', 'warning', 'breach', 'unknown', 'not-configured'];
const ids = catalogue.map(({ id }) => id);
const scenarios = listScenarios();
/** How a run of checks ends in the scenarios that are made for one. */
const truths = new Map<string, number>(
  scenarios.flatMap(({ id, runbook, truth }) => (runbook === 'checks run' ? [[id, truth.exitCode] as const] : [])),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-states-'));
});
afterAll(() => rm(folder, { recursive: true }));

const impossibleStates = new Set(impossible.flatMap(({ checks, state }) => checks.map((id) => `${id} ${state}`)));

function canBe(id: CheckId, state: CheckStatus): boolean {
  return !impossibleStates.has(`${id} ${state}`);
}

/** What a run is said to show. */
function shownIn({ shows }: Showing): readonly (readonly [CheckId, CheckStatus])[] {
  return states.flatMap((state) => {
    const those = shows[state] ?? [];
    const checks = those === 'all' ? ids.filter((id) => canBe(id, state)) : those;
    return checks.map((id) => [id, state] as const);
  });
}

async function statesIn(scenario: string, configuration: ConfigurationName | undefined, checks: readonly CheckId[]) {
  const words = ['checks', 'run', ...checks, '--sandbox', scenario, '--json'];
  if (configuration !== undefined) {
    const path = join(folder, `${configuration.replaceAll(' ', '-')}.yaml`);
    await writeFile(path, stringify(configurationOf(configuration)));
    words.push('-c', path);
  }
  // A home that cannot be written to: nothing is to be kept of a simulated account.
  const { exitCode, stdout, stderr } = await runMain(words, { env: { XDG_CACHE_HOME: '/proc/nowhere' } });
  expect(stderr).toBe('');
  const { checks: results } = reportDocument.parse(JSON.parse(stdout));
  return { exitCode, found: new Map(results.map(({ id, status }) => [id, status])) };
}

describe('is shown', { timeout: 180_000 }, () => {
  const all = showings.map((showing) => ({
    ...showing,
    name: `${showing.scenario}${showing.configuration === undefined ? '' : `, ${showing.configuration}`}`,
  }));

  test.each(all)('by $name', async (showing) => {
    const expected = shownIn(showing);
    const isWhole = Object.values(showing.shows).includes('all');
    const named = expected.map(([id]) => id);
    const { exitCode, found } = await statesIn(showing.scenario, showing.configuration, isWhole ? [] : named);
    expect(expected.map(([id]) => [id, found.get(id)])).toEqual(expected);
    expect([...found].filter(([id, state]) => impossibleStates.has(`${id} ${state}`))).toEqual([]);
    expect([...found.keys()].toSorted()).toEqual((isWhole ? ids : named).toSorted());
    const isItsOwn = showing.configuration === undefined && truths.has(showing.scenario);
    expect(exitCode).toBe(isItsOwn ? truths.get(showing.scenario) : exitCode);
  });
});

describe('every check', () => {
  test('is shown in each state in which it can be', () => {
    const shown = new Set(showings.flatMap(shownIn).map(([id, state]) => `${id} ${state}`));
    const all = ids.flatMap((id) => states.map((state) => `${id} ${state}`));
    expect(all.filter((each) => !shown.has(each) && !impossibleStates.has(each))).toEqual([]);
    expect(all.filter((each) => shown.has(each) && impossibleStates.has(each))).toEqual([]);
  });

  test('cannot be in a state only where its definition, or what it is about, says so', () => {
    const because = (reason: Impossible['because']) =>
      impossible.flatMap(({ checks, state, because: its }) =>
        its === reason ? checks.map((id) => ({ id, state })) : [],
      );
    const threshold = (id: CheckId): Threshold => (isThresholdCheckId(id) ? thresholdDefinitions[id] : {});
    const readingNothing = catalogue.filter(({ observations }) => observations.length === 0).map(({ id }) => id);
    expect([...new Set(because('reads-nothing').map(({ id }) => id))]).toEqual(readingNothing);
    for (const { id, state } of because('no-target')) {
      expect([id, state, threshold(id)]).toEqual([
        id,
        'warning',
        expect.objectContaining({ alert: expect.any(Number) }),
      ]);
      expect(threshold(id)).not.toHaveProperty('target');
    }
    for (const { id, state } of because('no-alert')) {
      expect([id, state, threshold(id)]).toEqual([
        id,
        'breach',
        expect.objectContaining({ target: expect.any(Number) }),
      ]);
      expect(threshold(id)).not.toHaveProperty('alert');
    }
  });
});

const everywhere = inTier({ all: scenarios.map(({ id }) => id), some: [] });

test.skipIf(everywhere.length === 0)('nowhere is a check in a state that cannot be', { timeout: 900_000 }, async () => {
  for (const scenario of everywhere) {
    const { found } = await statesIn(scenario, undefined, []);
    expect([scenario, [...found].filter(([id, state]) => impossibleStates.has(`${id} ${state}`))]).toEqual([
      scenario,
      [],
    ]);
  }
});

/** Where a state is shown first, as people are told. */
function placeOf(id: CheckId, state: CheckStatus): string {
  if (!canBe(id, state)) return '\u2013';
  const place = showings.find((showing) => shownIn(showing).some(([each, its]) => each === id && its === state));
  if (place === undefined) return '';
  return `\`${place.scenario}\`${place.configuration === undefined ? '' : ` with ${place.configuration}`}`;
}

test('docs/checks.md tells which scenario shows what', async () => {
  const rows = [
    ['check', 'warning', 'breach'],
    ...ids.map((id) => [`\`${id}\``, placeOf(id, 'warning'), placeOf(id, 'breach')]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const table = [lines[0], rule, ...lines.slice(1)].join('\n');
  expect(await readFile(new URL('../../docs/checks.md', import.meta.url), 'utf8')).toContain(table);
});

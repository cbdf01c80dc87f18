/** What can be told of runbooks without running them, and of runs by their names. */
import { describe, expect, test } from 'vitest';
import { NanoopsError } from '../../src/errors.ts';
import { listDocument } from '../../src/report/schemas.ts';
import { newRunId } from '../../src/use-cases/run-id.ts';
import { findRunbook, listRunbooks, showRunbook } from '../../src/use-cases/runbooks.ts';
import { parseSeed } from '../../src/use-cases/seed.ts';

test('the list of runbooks holds latency', () => {
  expect(listDocument.parse(listRunbooks()).items).toContainEqual(
    expect.objectContaining({ id: 'latency', title: 'API latency spike' }),
  );
});

test('a runbook is shown with its steps, in order, and what they need', () => {
  const shown = showRunbook(findRunbook('latency'));
  const seen = new Set<string>();
  for (const step of shown.steps) {
    for (const need of step.needs) expect(seen).toContain(need);
    seen.add(step.id);
  }
  expect(shown.steps.at(-1)?.id).toBe('conclusion');
});

test('a runbook that is not there is wrong usage, with the nearest one', () => {
  const error = thrownBy(() => findRunbook('latncy'));
  expect(error).toMatchObject({ code: 'UnknownRunbook', exitCode: 2, details: ['did you mean "latency"?'] });
  expect(thrownBy(() => findRunbook('something-else-entirely')).details).toEqual([
    'there is no nanoops.yaml here or in a folder above, and what is a team\u2019s own lies beside it',
  ]);
});

describe('the id of a run', () => {
  const at = Date.UTC(2026, 10, 23, 11, 3, 0, 789);

  test('tells when and what', () => {
    expect(newRunId('latency', at, () => 0.5)).toMatch(/^20261123T110300Z-latency-[0-9a-z]{6}$/);
  });

  test('sorts by time', () => {
    const ids = [at + 86_400_000, at, at + 1_000].map((ms) => newRunId('latency', ms, () => 0));
    expect(ids.toSorted()).toEqual([ids[1], ids[2], ids[0]]);
  });

  test('holds whatever the random source gives, up to the edge', () => {
    expect(newRunId('latency', at, () => 0)).toMatch(/-000000$/);
    expect(newRunId('latency', at, () => 1 - Number.EPSILON)).toMatch(/-z{6}$/);
  });
});

describe('a seed', () => {
  test.each([
    [undefined, 1],
    ['0', 0],
    ['42', 42],
    ['4294967295', 4_294_967_295],
  ])('%s is %i', (text, seed) => {
    expect(parseSeed(text)).toBe(seed);
  });

  test.each(['', ' 1', '-1', '1.5', '1e3', '0x10', '4294967296', '99999999999', 'NaN'])('"%s" is none', (text) => {
    expect(thrownBy(() => parseSeed(text))).toMatchObject({ code: 'InvalidSeed', exitCode: 2 });
  });
});

function thrownBy(work: () => unknown): NanoopsError {
  try {
    work();
  } catch (error) {
    if (error instanceof NanoopsError) return error;
    throw error;
  }
  throw new TypeError('nothing was thrown');
}

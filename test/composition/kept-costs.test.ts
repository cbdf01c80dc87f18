/** What Cost Explorer answers is kept for whoever asks next, readable by its owner alone. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AccountRef, DailyCosts, DaySpan } from '../../src/cloud/cost-facts.ts';
import { keepingCosts } from '../../src/composition/kept-costs.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const account: AccountRef = { region: 'us-west-2', account: '123456789012' };
const toDay = Date.UTC(2026, 10, 22);
const span: DaySpan = { fromDay: toDay - dayMs, toDay };

let home: string;
let nowMs: number;
let asked: number;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'nanoops-costs-'));
  nowMs = Date.UTC(2026, 10, 23, 11);
  asked = 0;
});
afterEach(() => {
  chmodSync(home, 0o700);
  rmSync(home, { recursive: true, force: true });
});

const clock = { now: () => nowMs, sleep: async () => {}, busy: <T>(work: () => Promise<T>) => work() };
const folder = () => join(home, 'nanoops', 'costs');
const file = () => join(folder(), '123456789012-2026-11-22.json');

async function costs(of = account, within = span, env: Record<string, string> = { XDG_CACHE_HOME: home }) {
  const dailyCosts = async (): Promise<DailyCosts> => {
    asked += 1;
    return {
      currency: 'USD',
      days: [{ day: span.fromDay, byService: { RDS: 10.5 } }],
      readAt: nowMs,
      pages: 1,
      source: { operation: 'ce:GetCostAndUsage', region: 'us-east-1', detail: 'account' },
    };
  };
  return keepingCosts({ dailyCosts }, { env, clock, refreshAfterMs: 8 * hourMs }).dailyCosts(of, within);
}

it('is asked once, until what is kept is too old', async () => {
  const first = await costs();
  nowMs += 8 * hourMs - 1;
  expect(await costs()).toEqual(first);
  expect(asked).toBe(1);
  nowMs += 1;
  expect((await costs()).readAt).toBe(nowMs);
  expect(asked).toBe(2);
});

it('is kept where only its owner reads it', async () => {
  await costs();
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(statSync(folder()).mode & 0o777).toBe(0o700);
});

it('is kept for each account, and of each the newest alone', async () => {
  await costs();
  await costs({ ...account, account: '210987654321' });
  await costs(account, { fromDay: toDay, toDay: toDay + dayMs });
  expect(asked).toBe(3);
  expect(readdirSync(folder()).toSorted()).toEqual(['123456789012-2026-11-23.json', '210987654321-2026-11-22.json']);
});

it('of another span of days is no answer', async () => {
  await costs();
  await costs(account, { ...span, fromDay: span.fromDay - dayMs });
  expect(asked).toBe(2);
});

it('that was read by a clock that is ahead is asked for again', async () => {
  await costs();
  nowMs -= hourMs;
  await costs();
  expect(asked).toBe(2);
});

it.each([
  '',
  '{',
  '[]',
  '{"format":"nanoops/costs@1"}',
  '{"format":"nanoops/costs@1","span":{},"costs":{"days":[{}]}}',
])('that cannot be made out is asked for again and replaced: %s', async (text) => {
  await costs();
  writeFileSync(file(), text);
  expect((await costs()).days).toEqual([{ day: span.fromDay, byService: { RDS: 10.5 } }]);
  expect(asked).toBe(2);
  await costs();
  expect(asked).toBe(2);
});

it('that cannot be kept is told all the same, with the reason', async () => {
  mkdirSync(join(home, 'nanoops'));
  writeFileSync(folder(), 'a file where the folder should be');
  const answer = await costs();
  expect(answer.days).toHaveLength(1);
  expect(answer.notKept).toContain(folder());
  const homeless = await costs(account, span, { XDG_CACHE_HOME: '/proc/nowhere' });
  expect(homeless.notKept).toContain('/proc/nowhere');
  expect(existsSync('/proc/nowhere')).toBe(false);
});

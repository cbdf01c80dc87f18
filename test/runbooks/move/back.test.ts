/** Whether it is too early for a way back. */
import { expect, test } from 'vitest';
import type { MoveSettings } from '../../../src/runbooks/kit.ts';
import { holdOver } from '../../../src/runbooks/move/back.ts';
import { looking } from './looking.ts';
import { moveTold, nowMs, settingsTold } from './pictures.ts';

const hourMs = 3_600_000;

async function holdWith(move: Partial<MoveSettings>) {
  const { body } = holdOver;
  if (body.form !== 'run') throw new Error('it does not run');
  const settings = { ...settingsTold(), lookedAt: nowMs, move: moveTold(move) };
  return body.execute(new Map(), { ...looking({}), settings });
}

test.each<[string, Partial<MoveSettings>]>([
  ['no hold time is set', { lastFailoverAt: nowMs - 1 }],
  ['no hold time is set, and not all past runs could be read', { historyGaps: ['run-1 cannot be read'] }],
  ['no failover is known of', { holdMs: hourMs }],
  ['the failover has stood for exactly so long', { holdMs: hourMs, lastFailoverAt: nowMs - hourMs }],
])('it is over where %s', async (_what, move) => {
  expect(await holdWith(move)).toMatchObject({ kind: 'done' });
});

test.each<[string, Partial<MoveSettings>, string]>([
  ['the failover has not stood long enough', { holdMs: hourMs, lastFailoverAt: nowMs - hourMs + 1 }, 'too early'],
  ['a failover may be among what could not be read', { holdMs: hourMs, historyGaps: ['run-1 is damaged'] }, 'run-1 is'],
  [
    'an old failover is known, and a newer one may be among what could not be read',
    { holdMs: hourMs, lastFailoverAt: nowMs - 2 * hourMs, historyGaps: ['the table does not answer'] },
    'the table does not answer',
  ],
])('it is not over where %s', async (_what, move, reason) => {
  expect(await holdWith(move)).toMatchObject({ kind: 'skipped', reason: expect.stringContaining(reason) });
});

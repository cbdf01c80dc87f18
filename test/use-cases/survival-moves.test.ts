/**
 * Moves between regions survive whatever happens at whatever moment, on the simulated AWS. They are long, so that of the
 * moments around records only some are tried here, and every one around a change; all of them are tried by
 * `nanoops runbook test <id> --crash-everywhere`.
 */
import { describe, expect, test } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import { sha256 } from '../../src/composition/identity.ts';
import { createTheatre, type TheatreParts } from '../../src/composition/theatre.ts';
import { changesOf } from '../../src/engine/runbook.ts';
import type { SurvivalDocument } from '../../src/report/schemas.ts';
import { sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { survive } from '../../src/use-cases/survival.ts';
import { inTier, isPatient } from '../support/tier.ts';

interface Trial extends Pick<TheatreParts, 'overlay' | 'faults'> {
  readonly id: string;
  readonly scenario: string;
  readonly everyRecord: number;
}

async function trial({ id, scenario, everyRecord, ...parts }: Trial): Promise<SurvivalDocument> {
  const runbook = findRunbook(id);
  const { signal } = new AbortController();
  const theatre = createTheatre({ openAws, changes: changesOf(runbook.steps), seed: 1, signal, ...parts });
  return survive(theatre, { runbook, scenarios: [scenario], digest: sha256, signal, everyRecord });
}

function failuresOf({ rows }: SurvivalDocument): readonly string[] {
  return rows.flatMap(({ fault, failures }) => failures.map(({ moment, reason }) => `${fault}, ${moment}: ${reason}`));
}

function changesIn({ rows }: SurvivalDocument): number {
  return rows.find(({ fault }) => fault === 'killed before a change reached AWS')?.moments ?? 0;
}

describe('everything is survived by', () => {
  const dead = {
    id: 'region-failover',
    scenario: 'region-down',
    everyRecord: inTier({ all: 4, some: 192 }),
    changes: 4,
  };
  const well = { ...dead, scenario: 'healthy' };

  test.each(inTier({ all: [dead, well], some: [dead] }))(
    '$id in $scenario',
    async ({ changes, ...tried }) => {
      const document = await trial(tried);
      expect(failuresOf(document)).toEqual([]);
      expect(document.verdict).toBe('ok');
      expect(changesIn(document)).toBe(changes);
    },
    1_800_000,
  );

  // The simulation lets alarms ring in the middle of drills, too.
  test.runIf(isPatient)(
    'a drill that halts for an alarm, while it puts back what it changed',
    async () => {
      const alarm = 'nano-api-cpu';
      const document = await trial({
        id: 'region-drill',
        scenario: 'healthy',
        everyRecord: 8,
        faults: [{ effect: 'alarm', name: alarm, from: sandboxStartMs + 234_000, rampMs: 0 }],
        overlay: { drill: { stopAlarms: [alarm] } },
      });
      // A run that was held up for a minute or two is somewhere else when the alarm rings, and has less to put back.
      const heldUp = ['throttled for a minute', 'credentials expired in mid-run'];
      const comparable = document.rows.filter(({ fault }) => !heldUp.includes(fault));
      expect(failuresOf({ ...document, rows: comparable })).toEqual([]);
      // Four changes there, and three of them back: tasks that were replaced are.
      expect(changesIn(document)).toBe(7);
    },
    1_800_000,
  );
});

import { confidenceText } from '../../src/cloud/quantity.ts';
import { describe, expect, it } from 'vitest';
import { confidenceInWords, durationText, headlineOf, momentText } from '../../src/report/wording.ts';
import { actingRuns } from '../terminal/acting.ts';
import { runs, runWith } from '../terminal/fixtures.ts';
import { recoveries } from './recovery.ts';

describe('a length of time', () => {
  it.each([
    [0, '0 ms'],
    [412, '412 ms'],
    [2310, '2.3 s'],
    [3000, '3 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [5_460_000, '1 h 31 min'],
    [180_000_000, '2 d 2 h'],
  ])('of %d ms is "%s"', (durationMs, expected) => {
    expect(durationText(durationMs)).toBe(expected);
  });
});

it('says a confidence in words that rise with it', () => {
  expect([0.3, 0.5, 0.75, 0.9].map(confidenceInWords)).toEqual(['unlikely', 'possible', 'likely', 'almost certain']);
});

it('tells a moment with its zone, and its date only where that is news', () => {
  const at = '2026-11-23T23:30:00.000Z';
  expect(momentText(at, '2026-11-23T23:50:00.000Z', 'UTC')).toBe('23:30 UTC');
  expect(momentText(at, '2026-11-24T00:10:00.000Z', 'UTC')).toBe('2026-11-23 23:30 UTC');
  expect(momentText(at, undefined, 'Asia/Kolkata')).toBe('2026-11-24 05:00 GMT+5:30');
});

describe('the headline', () => {
  it('is calm only where everything was looked at', () => {
    expect(headlineOf(runs.healthy.document)).toMatchObject({ tone: 'good' });
    expect(headlineOf(runs.transient.document)).toMatchObject({ tone: 'good' });
    expect(headlineOf(runs.unknown.document)).toMatchObject({ tone: 'doubt' });
    expect(headlineOf(runs.interrupted.document)).toMatchObject({ tone: 'doubt' });
    expect(headlineOf(runs.cause.document)).toMatchObject({ tone: 'bad' });
    expect(headlineOf(runs.failed.document)).toMatchObject({ tone: 'bad' });
  });

  it('says of every way to end what it waits for, and what became of the changes', () => {
    const headline = (name: keyof typeof actingRuns): string => headlineOf(actingRuns[name].document).text;
    expect(headline('awaiting')).toBe('Waiting for an approval: Consent to more tasks: nobody is there to answer');
    expect(headline('locked')).toMatch(/^Locked: ecs:us-west-2:nano\/nano-api is held by run .* of ben@bastion, since/);
    expect(headline('undone')).toMatch(/^The run failed: Is it fast again\?: .*; 1 change stays, 1 was put back$/);
    expect(headline('doubtful')).toMatch(/^Interrupted: .*, 1 change stays, 1 may or may not have been made$/);
    expect(headline('planned')).toBe('Dry run, nothing was changed. Something needs attention: 2 changes planned');
    expect(headlineOf(actingRuns.locked.document).tone).toBe('bad');
    expect(headlineOf(actingRuns.awaiting.document).tone).toBe('doubt');
  });

  it('says what it waits for also where the run does not', () => {
    const { suspended: _suspended, ...document } = actingRuns.awaiting.document;
    expect(headlineOf(document).text).toBe('Waiting for an approval: Consent to more tasks: nobody is there to answer');
    expect(headlineOf({ ...document, verdict: 'locked' }).text).toBe(
      'Locked: another run holds what this one would change; nothing was changed',
    );
  });

  it('counts what could not be looked at, though one note tells of it all', () => {
    const { steps } = runs.unknown.document;
    const document = { ...runs.unknown.document, steps, notes: ['the AWS credentials have expired. Not read: …'] };
    expect(headlineOf(document).text).toMatch(/, but 3 things could not be looked at$/);
  });

  it('says that nothing was found, and what could not be looked at', () => {
    const { document } = runWith({
      verdict: 'attention',
      exitCode: 1,
      document: { causes: [], notes: ['traces: denied'] },
    });
    expect(headlineOf(document).text).toBe(
      'Nothing found that explains it, but one thing could not be looked at: p99 640 ms → 4.81 s for 18 min',
    );
  });
});

describe('the headline of a recovery', () => {
  const headline = (name: keyof typeof recoveries): string => headlineOf(recoveries[name]).text;

  it('says whether the objectives were met, and by how much', () => {
    expect(headline('drill')).toBe('The drill met its objectives: RTO 6 min 14 s of 1 h, RPO 800 ms of 15 min');
    expect(headlineOf(recoveries.drill).tone).toBe('good');
  });

  it('says of a dry run what would be', () => {
    expect(headline('rehearsed')).toBe(
      'Dry run, nothing was changed. The drill would meet its objectives: RTO 6 min 42 s of 1 h, RPO 1 s of 15 min',
    );
    const { objectives } = recoveries.rehearsed;
    const slow = {
      ...recoveries.rehearsed,
      verdict: 'attention' as const,
      objectives: objectives && { ...objectives, rto: { ...objectives.rto, predictedMs: 4_000_000, wouldMeet: false } },
    };
    expect(headlineOf(slow).text).toBe(
      'Dry run, nothing was changed. The drill would miss its RTO: 1 h 6 min of 1 h; RPO 1 s of 15 min would be met',
    );
  });

  it('says first what stands in the way, then what was missed, then what else needs attention', () => {
    expect(headline('blocked')).toBe(
      'The failover is not possible: us-east-1 has no instance that can write: nano-global is headless there (and 1 more)',
    );
    expect(headline('missed')).toBe('The drill missed its RTO: 1 h 12 min of 1 h; RPO 800 ms of 15 min was met');
    expect(headline('failover')).toMatch(/^The failover needs attention: split brain is possible: .*; RTO .* was met/);
    const { recovery } = recoveries.drill;
    const consistency = [{ program: 'nano-count', ok: false, detail: '3 of 4' }];
    const uneven = {
      ...recoveries.drill,
      verdict: 'attention' as const,
      recovery: recovery && { ...recovery, consistency },
    };
    expect(headlineOf(uneven).text).toMatch(
      /^The drill needs attention: the data is not consistent by nano-count: 3 of 4/,
    );
  });

  it('says of the way back that it is on the way back', () => {
    const { failback } = recoveries.drill;
    const run = {
      ...recoveries.drill,
      verdict: 'attention' as const,
      failback: failback && { ...failback, recovery: { ...failback.recovery, blockers: ['us-west-2 is still down'] } },
    };
    expect(headlineOf(run).text).toMatch(/^The drill needs attention: on the way back, us-west-2 is still down; RTO /);
  });

  it('says what was not measured before what was', () => {
    expect(headline('unmeasured')).toBe('Could not tell: RPO was not measured; RTO 6 min 14 s of 1 h was met');
    expect(headlineOf(recoveries.unmeasured).tone).toBe('doubt');
  });

  it('never calls met what was not measured, whatever the document claims', () => {
    const { objectives } = recoveries.drill;
    const claimed = {
      ...recoveries.drill,
      objectives: objectives && { ...objectives, rpo: { ...objectives.rpo, measuredMs: null, met: true } },
    };
    expect(headlineOf(claimed).text).toBe('The drill ended well: RTO 6 min 14 s of 1 h was met; RPO was not measured');
  });

  it('is that of any run where the run did not get to its end', () => {
    expect(headline('failed')).toMatch(/^The run failed: us-east-1 is the writer: not within 15 min/);
  });
});

it('calls no cause certain: evidence weighs', () => {
  expect([0.5, 0.985, 0.998, 1].map(confidenceText)).toEqual(['50 %', '99 %', '99 %', '99 %']);
});

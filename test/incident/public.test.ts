/** What customers must not read is found in what people type, and is in no public text that is shown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { impactOf } from '../../src/incident/impact.ts';
import { internalsIn, masked } from '../../src/incident/public-text.ts';
import { isPublic, publicCause, publicImpact, publicUpdates } from '../../src/incident/public-view.ts';
import { standingOf } from '../../src/incident/standing.ts';
import { incidentWith, minute, runWith, start } from './made-up.ts';

const internals = {
  names: ['nano-api', 'nano-db', 'nano', '/aws/ecs/nano-api'],
  people: ['ana', 'ben@laptop', 'root'],
};

/** Each with what must not be left of it. */
const planted = [
  'arn:aws:ecs:us-west-2:123456789012:service/nano/nano-api',
  '123456789012',
  '1234-5678-9012',
  'ana',
  'Ana',
  'ben',
  'ben@laptop',
  'ana.b@nano.example',
  'nano-db',
  'nano-db.cluster-c1a2.us-west-2.rds.amazonaws.com',
  'ip-10-0-3-7.us-west-2.compute.internal',
  'db-1.acme.ch',
  'db.acme.ai',
  '10.0.3.7',
  '2001:db8::8a2e:370:7334',
  'i-0abcdef1234567890',
  'sg-0a1b2c3d',
  'us-west-2',
  '1-5f84c7a5-e46cb62b27e3f5f7fbd5eb45',
  '20261126T221500Z-latency-7k2m9x',
  '1126-tango',
  '7d3f2c1e-1111-4222-8333-944455556666',
  'AKIAIOSFODNN7EXAMPLE',
  'https://grafana.nano.example/d/abc?from=1',
  '/aws/ecs/nano-api',
  'deadbeef12',
] as const;

describe('a public text', () => {
  it.each(planted)('with %s in it is found out, and masked', (part) => {
    for (const text of [`We look at ${part}, and say more soon.`, `(${part})`, part, `${part}: slow`]) {
      expect(internalsIn(text, internals)).not.toEqual([]);
      expect(masked(text, internals)).not.toContain(part);
    }
  });

  it.each([
    'Most requests are fast again; we go on watching.',
    'Uploads failed for 12 minutes, from 10:15:30 to 10:27:30 UTC on 2026-11-26.',
    'The root cause is known: nano is slow. We will say more at 11:30.',
    'About 1,404 of 56,407 requests failed (2.5 %), i.e. one in 40.',
    'A banana is no person.',
  ])('without any stays as it is: %s', (text) => {
    expect(internalsIn(text, internals)).toEqual([]);
    expect(masked(text, internals)).toBe(text);
  });

  it('masked twice is masked once, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...planted), fc.string())), (parts) => {
        const once = masked(parts.join(' '), internals);
        expect(internalsIn(once, internals)).toEqual([]);
      }),
    );
  });

  it('takes time in proportion to its length', () => {
    const long = `${'a.'.repeat(20_000)} ${'1-'.repeat(20_000)} ${'::1'.repeat(10_000)} ${'a@'.repeat(10_000)}`;
    expect(masked(long, internals).length).toBeGreaterThan(0);
  });
});

describe('what customers hear', () => {
  it('is what was said to them, else what the severity says', () => {
    const incident = incidentWith([
      [3, { type: 'incident.noted', text: 'nano-db is down' }],
      [5, { type: 'incident.updated', text: 'we fail nano-db over', publicText: 'Ana looks at nano-db.' }],
      [6, { type: 'severity.changed', from: 'SEV-1', to: 'SEV-2' }],
      [9, { type: 'incident.resolved', text: 'failed over' }],
    ]);
    expect(publicUpdates(incident).map(({ at, text }) => [(at - start) / minute, text])).toEqual([
      [0, 'Major Outage. We are looking into it.'],
      [5, '[somebody] looks at [component].'],
      [6, 'Now: Degraded Performance.'],
      [9, 'Resolved.'],
    ]);
  });

  it('is nothing of what is for the backlog, unless somebody said something', () => {
    expect(isPublic(incidentWith([], { severity: 'SEV-4' }))).toBe(false);
    expect(isPublic(incidentWith([[1, { type: 'incident.updated', publicText: 'x' }]], { severity: 'SEV-4' }))).toBe(
      true,
    );
    expect(isPublic(incidentWith([], { severity: 'SEV-3' }))).toBe(true);
  });
});

describe('the cause, for customers,', () => {
  const general = 'A new version of our software had a defect.';
  const named = (summary: string, confirmed: boolean) => ({
    type: 'cause.named' as const,
    summary,
    confirmed,
    basis: 'ana',
  });

  it('is what a run named, in general words, confirmed once somebody confirms it', () => {
    expect(publicCause(standingOf(incidentWith([]), [runWith()], start + 10 * minute))).toEqual({
      text: general,
      confirmed: false,
    });
    const confirmed = incidentWith([[5, named('slow since nano-api:61', true)]]);
    expect(publicCause(standingOf(confirmed, [runWith()], start + 10 * minute))).toEqual({
      text: general,
      confirmed: true,
    });
  });

  it('is not what a run named where somebody found another one', () => {
    const other = incidentWith([[5, named('the pool of nano-db was too small', true)]]);
    expect(publicCause(standingOf(other, [runWith()], start + 10 * minute))).toEqual({
      text: 'We know the cause.',
      confirmed: true,
    });
  });
});

describe('what it meant', () => {
  const series = (id: 'requests' | 'server-errors', values: readonly number[]) => ({
    id,
    label: id,
    unit: 'count' as const,
    points: values.map((value, index) => ({ at: start + index * minute, value })),
  });
  const seen = (more: object) => ({
    type: 'evidence.kept' as const,
    evidence: {
      from: start,
      to: start + 9 * minute,
      alarms: [],
      deployments: [],
      database: [],
      logs: [],
      series: [],
      gaps: [],
      ...more,
    },
  });

  it('is not measured, and not nothing, where nobody looked', () => {
    const impact = impactOf(standingOf(incidentWith([]), [], start + 9 * minute));
    expect(impact).toMatchObject({
      users: null,
      requests: null,
      requestsFailed: null,
      failedShare: null,
      dataLoss: [],
    });
    expect(publicImpact(impact)).toEqual(['How many users were affected is not measured.']);
  });

  it('is counted from the beginning to the mitigation', () => {
    const incident = incidentWith([
      [
        2,
        seen({
          series: [series('requests', [100, 100, 100, 100]), series('server-errors', [0, 30, 20, 7])],
          dailyActiveUsers: 1000,
        }),
      ],
      [3, { type: 'incident.mitigated' }],
    ]);
    const impact = impactOf(standingOf(incident, [], start + 9 * minute));
    expect(impact).toMatchObject({ requests: 300, requestsFailed: 50, users: 167, usersShare: 50 / 300 });
  });

  it('users who only waited are not estimated from no failure', () => {
    const incident = incidentWith([
      [2, seen({ series: [series('requests', [100]), series('server-errors', [0])], dailyActiveUsers: 1000 })],
    ]);
    expect(impactOf(standingOf(incident, [], start + 9 * minute))).toMatchObject({ requestsFailed: 0, users: null });
  });

  it('data that was lost is what a move measured, and not measured stays so', () => {
    const recovery = {
      rtoMs: 600_000,
      rpoMs: null,
      stores: [{ store: 'database', lossMs: null, basis: 'no heartbeat' }],
      lessons: [],
    };
    const impact = impactOf(standingOf(incidentWith([]), [runWith({ recovery })], start + 9 * minute));
    expect(impact.dataLoss).toMatchObject([{ store: 'database', lossMs: null }]);
    expect(publicImpact(impact).join(' ')).not.toContain('No data was lost');
  });
});

/** Whether a region is gone: who was asked, who was silent, who was not let in, and what goes on arriving from it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectionOf } from '../../../src/runbooks/move/detection.ts';
import { answered } from '../../support/recording-outside.ts';
import { denied, known, lagOf, minuteMs, notConfigured, nowMs, silent, unknown } from './pictures.ts';

type Seen = Parameters<typeof detectionOf>[0];
type Told = Parameters<typeof detectionOf>[1];

/** One probe for each status, four seconds apart, the last one now. */
const probes = (...statuses: readonly number[]): Seen['outside'] =>
  known(statuses.map((status, index) => ({ at: nowMs - (statuses.length - 1 - index) * 4_000, ...answered(status) })));

const good = probes(200, 200, 200);
const bad = probes(503, 503, 503);
const some = probes(200, 503, 200);
const here = known({});
const traffic = (errorShare?: number) => known({ errorShare });

const inside = (each: Seen['oldService']) => ({
  oldService: each,
  oldDatabase: each,
  oldTraffic: each.known ? traffic(0) : each,
});

/** Of a drill or not, looked at now, without any lag. */
const detect = (seen: Partial<Seen>, told: Partial<Told> = {}) =>
  detectionOf(
    { outside: notConfigured, ...inside(notConfigured), lag: notConfigured, ...seen },
    { isDrill: false, askedAt: nowMs - 20_000, now: nowMs, ...told },
  );

const fresh = known(lagOf(900, 800));
const stale = known(lagOf(900, 8 * minuteMs));

describe('a region', () => {
  test.each([
    ['well', 'answers inside and outside', { outside: good, ...inside(here) }],
    ['well', 'answers inside, and is not asked from outside', inside(here)],
    ['down', 'answers nobody', { outside: bad, ...inside(silent) }],
    ['down', 'answers nobody inside, and is not asked from outside', inside(silent)],
    ['down', 'answers with faults of its own only', { outside: bad, ...inside(unknown('500', 'service-fault')) }],
    ['down', 'answers nobody in time', { outside: bad, ...inside(unknown('no answer', 'deadline')) }],
    ['down', 'answers nobody, and its writes stopped', { outside: bad, ...inside(silent), lag: stale }],
    // A point of before the first failed probe says nothing of what came after it.
    ['down', 'answers nobody, and has only just stopped', { outside: bad, ...inside(silent), lag: fresh }],
    ['cut-off', 'answers nobody inside, and its writes keep arriving', { ...inside(silent), lag: fresh }],
    ['impaired', 'answers inside and not outside', { outside: bad, ...inside(here) }],
    ['impaired', 'answers outside and not inside', { outside: good, ...inside(silent) }],
    ['impaired', 'answers outside now and then', { outside: some, ...inside(here) }],
    ['impaired', 'answers half of the questions', { outside: bad, ...inside(here), oldDatabase: silent }],
    ['impaired', 'answers with errors', { outside: good, ...inside(here), oldTraffic: traffic(0.05) }],
    ['well', 'answers with a few errors', { outside: good, ...inside(here), oldTraffic: traffic(0.04) }],
    ['well', 'is asked for nothing', { outside: good, ...inside(here), oldTraffic: traffic(undefined) }],
    ['unknown', 'is asked nothing at all', {}],
    ['unknown', 'lets nobody in, and is not asked from outside', inside(denied)],
    ['unknown', 'lets nobody in, and does not answer outside', { outside: bad, ...inside(denied) }],
    ['impaired', 'lets nobody in, and answers outside', { outside: good, ...inside(denied) }],
    ['unknown', 'lets somebody in nowhere and is silent else', { outside: bad, ...inside(silent), oldTraffic: denied }],
  ] as const)('is %s that %s', (state, _what, seen) => {
    expect(detect(seen).state).toBe(state);
  });

  const answer = fc.constantFrom(here, silent, denied, notConfigured);
  const lookers = fc.record({
    outside: fc.constantFrom(good, bad, some, notConfigured, denied),
    oldService: answer,
    oldDatabase: answer,
    oldTraffic: fc.constantFrom(traffic(0), silent, denied, notConfigured),
    lag: fc.constantFrom(fresh, stale, silent, notConfigured),
  });

  test('is never gone on the word of a question that was not let in, or was answered', () => {
    fc.assert(
      fc.property(lookers, (seen) => {
        const { state } = detect(seen);
        const asked = [seen.oldService, seen.oldDatabase, seen.oldTraffic];
        const isGone = state === 'down' || state === 'cut-off';
        expect(isGone && asked.some((each) => each.known || each === denied)).toBe(false);
        expect(isGone && asked.every((each) => each === notConfigured)).toBe(false);
        expect(isGone && (seen.outside === good || seen.outside === some)).toBe(false);
        expect(state === 'well' && (seen.outside === bad || seen.outside === some)).toBe(false);
        expect(state === 'well' && asked.some((each) => each === silent || each === denied)).toBe(false);
      }),
    );
  });

  test('that goes on writing is told apart by writes of after the outage began only', () => {
    const seen = { outside: bad, ...inside(silent), lag: fresh };
    expect(detect(seen, { outageAt: nowMs - 10 * minuteMs }).state).toBe('cut-off');
    // The newest point is of the minute before: it says nothing of an outage of half a minute ago.
    expect(detect(seen, { outageAt: nowMs - 30_000 }).state).toBe('down');
  });

  test.each([
    ['is too old', 6, 800],
    ['is behind too far', 1, 30_000],
  ])('is not taken to go on writing by a point that %s', (_what, minutesAgo, value) => {
    const [series] = [lagOf(value)];
    const lag = known({ ...series, lag: { ...series.lag, points: [{ at: nowMs - minutesAgo * minuteMs, value }] } });
    expect(detect({ outside: bad, ...inside(silent), lag }).state).toBe('down');
  });
});

describe('when it began', () => {
  test('is the first probe that failed', () => {
    const { outageAt, outageBasis, detectedAt } = detect({ outside: probes(200, 503, 503), ...inside(silent) });
    expect({ outageAt, outageBasis, detectedAt }).toEqual({
      outageAt: nowMs - 4_000,
      outageBasis: 'probe',
      detectedAt: nowMs,
    });
  });

  test('is what the operator says', () => {
    const since = nowMs - 12 * minuteMs;
    expect(detect({ outside: bad, ...inside(silent) }, { outageAt: since })).toMatchObject({
      outageAt: since,
      outageBasis: 'given',
    });
  });

  test('is when the drill was declared', () => {
    const at = nowMs - 30_000;
    const told = { isDrill: true, outageAt: at };
    expect(detect({ outside: good, ...inside(here) }, told)).toMatchObject({ outageAt: at, outageBasis: 'declared' });
  });

  test.each([
    ['nothing is out', { outside: good, ...inside(here) }],
    ['nobody asks from outside', inside(silent)],
    ['nothing could be told', {}],
  ])('is when somebody asked for the move, where %s', (_what, seen) => {
    expect(detect(seen)).toMatchObject({ outageAt: nowMs - 20_000, outageBasis: 'declared' });
  });
});

describe('the evidence', () => {
  test('says what was asked, what came back, and when the copy stopped, with what to type', () => {
    const { evidence } = detect({ outside: bad, ...inside(silent), lag: stale });
    expect(evidence).toEqual([
      'from outside: 0 of 3 probes were answered (503 in 34 ms)',
      'inside: 0 of 3 questions were answered',
      'its writes: the copy was 8 min behind at 02:59 UTC',
      'the copy stopped at 02:51 UTC: if the outage began then, say so (--since 2026-11-26T02:51Z), and RTO counts from there',
    ]);
  });

  test('does not say when it began to whoever said so', () => {
    const seen = { outside: bad, ...inside(silent), lag: stale };
    expect(detect(seen, { outageAt: nowMs - 9 * minuteMs }).evidence.join()).not.toContain('--since');
  });

  test('says what nobody could ask', () => {
    expect(detect({}).evidence).toEqual([
      'from outside: not asked, since api.probeUrl is not configured',
      'inside: nothing is configured that could be asked',
      'its writes: how far they were copied is not reported',
    ]);
  });

  test('says that two writers are possible', () => {
    const told = { outageAt: nowMs - 10 * minuteMs };
    expect(detect({ outside: bad, ...inside(silent), lag: fresh }, told).evidence.join()).toContain(
      'its database goes on taking writes: two writers are possible',
    );
  });
});

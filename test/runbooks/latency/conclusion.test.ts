/** From what was found, and what was not, to a verdict. */
import { describe, expect, test } from 'vitest';
import type { Symptom } from '../../../src/diagnosis/symptom.ts';
import { diagnoseLatency } from '../../../src/diagnosis/latency/diagnose.ts';
import { concludeLatency } from '../../../src/runbooks/latency/conclusion.ts';
import { minutesAgo, seriesOf, times } from '../../diagnosis/series.ts';
import {
  cacheLoad,
  databaseLoad,
  denied,
  known,
  moved,
  notConfigured,
  picture,
  silent,
  slowIn,
  steady,
  traffic,
  utilisation,
} from '../../diagnosis/latency/pictures.ts';

const ongoing = picture().symptom;
const none: Symptom = { ...ongoing, state: 'none', onset: undefined, summary: 'p99 400 ms' };
const over: Symptom = { ...ongoing, state: 'over', endedAt: minutesAgo(5) };

type Ended = Parameters<typeof concludeLatency>[0];

function ended(symptom: Symptom, more: Partial<Ended> = {}): Ended {
  return {
    symptom: known(symptom),
    diagnosis: known({ causes: diagnoseLatency(picture({ symptom })) }),
    traffic: known(traffic()),
    utilisation: known(utilisation()),
    databaseLoad: known(databaseLoad()),
    cacheLoad: known(cacheLoad(steady(900), steady(100))),
    escalation: notConfigured,
    ...more,
  };
}

const conclude = (end: Ended) => concludeLatency(end, () => undefined);

describe('the verdict', () => {
  const gap = { zones: denied('not allowed') };

  test.each([
    ['none', none, {}, 'ok'],
    ['over', over, {}, 'ok'],
    ['ongoing', ongoing, {}, 'attention'],
    ['none, with a gap', none, gap, 'unknown'],
    ['over, with a gap', over, gap, 'unknown'],
    ['ongoing, with a gap', ongoing, gap, 'attention'],
    ['unknown', { ...none, state: 'unknown' } as const, {}, 'unknown'],
    ['none, with something not configured', none, { zones: notConfigured }, 'ok'],
  ])('%s', (_what, symptom, more, verdict) => {
    expect(conclude(ended(symptom, more)).verdict).toBe(verdict);
  });

  test.each([denied('not allowed'), notConfigured])('is unknown without a symptom', (missing) => {
    expect(conclude(ended(none, { symptom: missing })).verdict).toBe('unknown');
  });
});

describe('gaps', () => {
  test('are told once, by their root', () => {
    const { notes } = conclude(
      ended(none, {
        traffic: denied('not allowed'),
        diagnosis: denied('needs "symptom": needs "api-traffic": not allowed'),
        zones: denied('not allowed'),
        logs: denied('throttled'),
      }),
    );
    expect(notes).toEqual(['not allowed', 'throttled']);
  });

  test('that are none are not told', () => {
    expect(conclude(ended(none, { zones: notConfigured })).notes).toEqual([]);
  });
});

describe('silent series', () => {
  test('are named', () => {
    const { notes, verdict } = conclude(
      ended(none, {
        traffic: known(traffic({ latencyP99: silent('s') })),
        utilisation: known(utilisation({ cpuAverage: silent('%'), memoryAverage: silent('%') })),
        cacheLoad: known(cacheLoad(silent(), silent())),
      }),
    );
    expect(verdict).toBe('unknown');
    expect(notes.map((note) => note.split(':')[0])).toEqual([
      'API latency',
      'ECS CPU',
      'ECS memory',
      'cache hits and misses',
    ]);
    for (const note of notes) expect(note).toContain('CloudWatch holds no data for test');
  });

  test('are silent where they ended before the time that is judged', () => {
    const stopped = seriesOf([...times(60, 44), ...times(60, undefined)], '%');
    const { notes } = conclude(ended(none, { utilisation: known(utilisation({ cpuAverage: stopped })) }));
    expect(notes).toEqual(['ECS CPU: CloudWatch holds no data for test']);
  });

  test('of a cache with hits or misses are not silent', () => {
    expect(conclude(ended(none, { cacheLoad: known(cacheLoad(silent(), steady(1))) })).notes).toEqual([]);
  });

  test('of errors are no gap: only those that happened are published', () => {
    expect(conclude(ended(none, { traffic: known(traffic({ targetServerErrors: silent() })) })).verdict).toBe('ok');
  });
});

test('each cause carries the remedy that fits, where there is one', () => {
  const hot = known(utilisation({ cpuAverage: moved(44, 99, '%') }));
  const causes = diagnoseLatency(picture({ utilisation: hot, slowTraces: slowIn({ own: 3_000 }) }));
  const end = ended(ongoing, { diagnosis: known({ causes: causes.slice(0, 1) }) });
  const remedy = { stepId: 'scale-out', summary: 'one task more' };
  expect(concludeLatency(end, () => remedy).causes).toEqual(
    causes.slice(0, 1).map((cause) => ({ ...cause, remediation: remedy })),
  );
  expect(concludeLatency(end, () => undefined).causes[0]).not.toHaveProperty('remediation');
});

/** Is it slow, since when, and is it still? As an operator who looks at the p99 of the last hours would say. */
import { describe, expect, test } from 'vitest';
import { ageText } from '../../src/diagnosis/incident.ts';
import { latencySymptom, type SymptomInput } from '../../src/diagnosis/symptom.ts';
import { endMs, minutesAgo, minuteMs, seriesOf, times, wave, windowOf } from './series.ts';

const calm = 0.3;
const bad = 4;

function look(p99: readonly (number | undefined)[], options: Partial<SymptomInput> = {}) {
  return latencySymptom({
    p99: seriesOf(p99, 's'),
    requests: seriesOf(p99.map((value) => (value === undefined ? undefined : 600))),
    window: windowOf(180),
    targetSeconds: 2,
    ...options,
  });
}

test('a healthy API has no incident, and the line says what was measured', () => {
  const found = look(times(180, calm));
  expect(found).toMatchObject({ state: 'none', onsetGiven: false });
  expect(found.summary).toBe('p99 300 ms, within its target of 2 s; no incident in the window');
  expect(found.during).toEqual({ from: minutesAgo(15), to: endMs });
});

describe('an incident that goes on', () => {
  test('is found with its onset to the minute, and compared with the hour before', () => {
    const found = look([...wave(163, calm), ...wave(17, bad)]);
    expect(found).toMatchObject({ state: 'ongoing', onset: minutesAgo(17), onsetGiven: false });
    expect(found.during).toEqual({ from: minutesAgo(17), to: endMs });
    expect(found.before).toEqual({ from: minutesAgo(80), to: minutesAgo(20) });
    expect(found.endedAt).toBeUndefined();
    expect(found.summary).toMatch(/^p99 \d+ ms → \d(?:\.\d+)? s for 17 min$/);
  });

  test('is one incident though it paused for two minutes', () => {
    const found = look([...wave(150, calm), ...times(10, bad), calm, calm, ...times(18, bad)]);
    expect(found).toMatchObject({ state: 'ongoing', onset: minutesAgo(30) });
  });

  test('begins anew after three calm minutes', () => {
    const found = look([...wave(150, calm), ...times(10, bad), calm, calm, calm, ...times(17, bad)]);
    expect(found.onset).toBe(minutesAgo(17));
  });

  test('is seen below the target too, where it is far from what is normal here', () => {
    expect(look([...wave(170, 0.1), ...times(10, 1.6)])).toMatchObject({ state: 'ongoing', onset: minutesAgo(10) });
  });

  test('is not seen in what is unusual and yet fast', () => {
    expect(look([...wave(170, 0.05), ...times(10, 0.6)]).state).toBe('none');
  });

  test('is seen where it fills the whole window', () => {
    expect(look(wave(180, bad))).toMatchObject({ state: 'ongoing', onset: minutesAgo(180), p99Before: undefined });
  });

  test('is seen through gaps: two of three measured minutes are bad', () => {
    const found = look([...wave(175, calm), bad, undefined, bad, undefined, calm]);
    expect(found.state).toBe('ongoing');
  });
});

describe('the target', () => {
  test('is met by p99 exactly at it', () => {
    expect(look(times(180, 2)).state).toBe('none');
  });

  test('is missed by a hair above it', () => {
    expect(look(times(180, 2.001)).state).toBe('ongoing');
  });

  test('is what the operator says it is', () => {
    const values = wave(180, 0.9);
    expect(look(values, { targetSeconds: 0.5 }).state).toBe('ongoing');
    expect(look(values, { targetSeconds: 1 }).state).toBe('none');
  });

  test('is never said to be met where more than half of the last minutes missed it', () => {
    for (const last of [
      [bad, bad, calm, undefined, undefined],
      [bad, bad, calm, calm, undefined],
      [bad, calm, bad, calm, bad],
      [calm, bad, bad, undefined, undefined],
    ]) {
      const found = look([...wave(175, calm), ...last]);
      expect(found.state).toBe('ongoing');
    }
  });
});

describe('an incident that is over', () => {
  const past = [...wave(140, calm), ...times(12, bad), ...wave(28, calm)];

  test('is told with its end', () => {
    const found = look(past);
    expect(found).toMatchObject({ state: 'over', onset: minutesAgo(40), endedAt: minutesAgo(28) });
    expect(found.summary).toMatch(/^p99 \d+ ms → 4 s, over for 28 min after 12 min$/);
  });

  test('is not hidden by a single bad minute since', () => {
    const values = [...past];
    values[170] = bad;
    expect(look(values)).toMatchObject({ state: 'over', onset: minutesAgo(40) });
  });

  test('is not over while three of the last five minutes are bad', () => {
    expect(look([...wave(165, calm), ...times(13, bad), calm, calm]).state).toBe('ongoing');
    expect(look([...wave(165, calm), ...times(12, bad), ...times(4, calm)]).state).toBe('over');
  });

  test('was none where it lasted less than three minutes', () => {
    expect(look([...wave(140, calm), bad, bad, ...wave(38, calm)]).state).toBe('none');
  });
});

test('a quiet service whose p99 jumps about within its target has no incident', () => {
  const jumpy = Array.from({ length: 180 }, (_, index) => (index % 7 === 0 ? 0.9 : 0.1 + (index % 3) * 0.1));
  expect(look(jumpy).state).toBe('none');
});

test('a single bad minute in each quarter of an hour is noise', () => {
  expect(look(Array.from({ length: 180 }, (_, index) => (index % 15 === 0 ? bad : calm))).state).toBe('none');
});

describe('where nothing can be told', () => {
  test('no points at all: no traffic, an outage, or lost telemetry', () => {
    const found = look([]);
    expect(found).toMatchObject({ state: 'unknown', onsetGiven: false });
    expect(found.summary).toMatch(/^neither latency nor requests were reported in the last 5 minutes/);
  });

  test('telemetry that ended is unknown, however healthy it was', () => {
    expect(look([...wave(175, calm), ...times(5, undefined)]).state).toBe('unknown');
  });

  test('an incident before that does not count as over', () => {
    expect(look([...wave(100, calm), ...times(75, bad), ...times(5, undefined)]).state).toBe('unknown');
  });

  test('requests without latency are said to be there', () => {
    const found = look([], { requests: seriesOf(times(180, 600)) });
    expect(found.summary).toBe('requests were reported in the last 5 minutes, but no latency');
  });

  test('two minutes of latency are too few, and are not called none', () => {
    const found = look([...wave(175, calm), undefined, calm, undefined, calm, undefined]);
    expect(found.state).toBe('unknown');
    expect(found.summary).toBe('latency was reported in only 2 of the last 5 minutes: too little to judge');
  });

  test('values that are no numbers are no values', () => {
    expect(look(times(180, Number.NaN)).state).toBe('unknown');
  });
});

test('what is more than two hours old is told in hours', () => {
  expect([3, 120, 121, 150, 780].map((minutes) => ageText(minutes * minuteMs))).toEqual([
    '3 min',
    '120 min',
    '2 h',
    '2.5 h',
    '13 h',
  ]);
});

describe('an onset that is given', () => {
  test('is taken, and said to be given', () => {
    const found = look([...wave(150, calm), ...wave(30, bad)], { since: minutesAgo(34) });
    expect(found).toMatchObject({ state: 'ongoing', onset: minutesAgo(34), onsetGiven: true });
    expect(found.before.to).toBe(minutesAgo(37));
    expect(found.summary).toMatch(/ s \(first bad minute 30 min ago, given as 34 min ago\)$/);
  });

  test('that nearly agrees with what was measured is told alone', () => {
    const found = look([...wave(150, calm), ...wave(30, bad)], { since: minutesAgo(33) });
    expect(found.summary).toMatch(/ s for 33 min$/);
  });

  test('long before the trouble does not dilute it: the bad minutes are told', () => {
    const found = look([...wave(171, calm), ...times(9, bad)], { since: minutesAgo(38) });
    expect(found).toMatchObject({ onset: minutesAgo(38), firstBadAt: minutesAgo(9), p99During: bad });
    expect(found.summary).toBe('p99 300 ms → 4 s (first bad minute 9 min ago, given as 38 min ago)');
  });

  test('too late does not make the incident its own normal period', () => {
    const found = look([...wave(150, calm), ...wave(30, bad)], { since: minutesAgo(10) });
    expect(found.onset).toBe(minutesAgo(10));
    expect(found.before.to).toBe(minutesAgo(33));
    expect(found.p99Before).toBeLessThan(0.5);
  });

  test('with nothing bad since is no incident, whatever was before', () => {
    const found = look([...wave(100, calm), ...times(20, bad), ...wave(60, calm)], { since: minutesAgo(40) });
    expect(found).toMatchObject({ state: 'none', onsetGiven: false });
  });

  test('before the window leaves nothing to compare with', () => {
    const found = look(wave(180, bad), { since: minutesAgo(400) });
    expect(found).toMatchObject({ state: 'ongoing', onset: minutesAgo(400), p99Before: undefined });
    expect(found.before.from).toBe(found.before.to);
  });

  test('of an incident that is over ends where it ended', () => {
    const found = look([...wave(120, calm), ...times(20, bad), ...wave(40, calm)], { since: minutesAgo(65) });
    expect(found).toMatchObject({ state: 'over', onset: minutesAgo(65), endedAt: minutesAgo(40) });
  });
});

test('a normal period never begins before what was looked at, and never runs backwards', () => {
  for (const minutes of [1, 2, 5, 30, 100, 179, 180]) {
    const { before, during } = look([...wave(180 - minutes, calm), ...wave(minutes, bad)]);
    expect(before.from).toBeGreaterThanOrEqual(minutesAgo(180));
    expect(before.to).toBeGreaterThanOrEqual(before.from);
    expect(during.to - during.from).toBeGreaterThanOrEqual(minuteMs);
  }
});

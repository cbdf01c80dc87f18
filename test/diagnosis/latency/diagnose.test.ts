/** The ranking as a whole: only where it is slow, most likely first, the same every time. */
import { describe, expect, test } from 'vitest';
import type { Located } from '../../../src/diagnosis/call-graph.ts';
import { diagnoseLatency, weighAll } from '../../../src/diagnosis/latency/diagnose.ts';
import type { Symptom } from '../../../src/diagnosis/symptom.ts';
import { minutesAgo } from '../series.ts';
import { bucketLoad, denied, known, logs, moved, notConfigured, picture, slowIn, utilisation } from './pictures.ts';

/** Everything is on fire at once. */
const burning = {
  utilisation: known(utilisation({ cpuAverage: moved(44, 99, '%'), memoryAverage: moved(50, 97, '%') })),
  bucketLoad: known(bucketLoad(moved(40, 900, 'ms'))),
  errorLines: known(logs([19, 60, 'QueuePool limit of size 20 overflow 10 reached'])),
  slowTraces: slowIn({ own: 1_500, storage: 1_500 }),
};

describe('without a symptom nothing is named', () => {
  test.each(['none', 'unknown'] as const)('%s', (state) => {
    const symptom: Symptom = { ...picture().symptom, state };
    expect(diagnoseLatency(picture({ ...burning, symptom }))).toEqual([]);
  });
});

const settled: Symptom = {
  ...picture().symptom,
  state: 'over',
  endedAt: minutesAgo(5),
  summary: 'p99 400 ms \u2192 4 s, over for 5 min after 15 min',
};

test('latency that settled by itself is transient, and nothing else', () => {
  const symptom = settled;
  expect(diagnoseLatency(picture({ ...burning, symptom }))).toEqual([
    {
      rank: 1,
      component: 'nano-api',
      cause: 'transient',
      confidence: 0.95,
      summary: `latency at nano-api rose and settled by itself: ${symptom.summary}`,
      for: [{ source: 'cloudwatch:GetMetricData', region: 'us-west-2', detail: symptom.summary }],
      against: [],
      missing: [],
    },
  ]);
});

describe('where the operator asks about a time that is over', () => {
  const symptom: Symptom = { ...settled, onsetGiven: true };

  test('what was to blame then is named', () => {
    const [first] = diagnoseLatency(picture({ ...burning, symptom }));
    expect(first?.cause).toBe(diagnoseLatency(picture(burning))[0]?.cause);
  });

  test('with nothing out of the ordinary it was transient', () => {
    expect(diagnoseLatency(picture({ symptom })).map(({ cause }) => cause)).toEqual(['transient']);
  });
});

test('a slow API with nothing out of the ordinary has no cause: nothing found is an answer', () => {
  expect(diagnoseLatency(picture())).toEqual([]);
});

describe('where no known cause fits', () => {
  const source = { operation: 'xray:GetServiceGraph', region: 'us-west-2', detail: 'all that was traced' };
  const located = (score: number): Located => ({
    status: 'found',
    source,
    suspects: [
      {
        component: { kind: 'aws', name: 'SQS' },
        score,
        for: ['Slower: mean 9 ms to 2 s.'],
        against: [],
        missing: [],
        path: ['nano-api', 'SQS'],
      },
    ],
  });

  test('the component is named that most of it is laid at, with what was measured', () => {
    expect(diagnoseLatency(picture({ callGraph: known(located(0.9)) }))).toMatchObject([
      {
        rank: 1,
        component: 'SQS',
        cause: 'slowness-begins-here',
        confidence: 0.8,
        for: [{ detail: 'Slower: mean 9 ms to 2 s.' }],
      },
    ]);
  });

  test('none is where little of it is', () => {
    expect(diagnoseLatency(picture({ callGraph: known(located(0.3)) }))).toEqual([]);
  });

  test('a known cause comes first, and what the calls say against it is listed', () => {
    const [first] = diagnoseLatency(picture({ ...burning, callGraph: known(located(0.9)) }));
    expect(first?.cause).not.toBe('slowness-begins-here');
    expect(first?.against.map(({ source: read }) => read)).toContain('xray:GetServiceGraph');
  });
});

test('a call graph that may not be read is missing evidence, and weighs nothing', () => {
  const read = weighAll(picture(burning));
  const unread = weighAll(picture({ ...burning, callGraph: denied('xray:GetServiceGraph in us-west-2: permission') }));
  expect(unread.map(({ confidence }) => confidence)).toEqual(read.map(({ confidence }) => confidence));
  expect(unread.flatMap(({ missing }) => missing.map(({ source }) => source))).toContain('xray:GetServiceGraph');
});

test('several causes are ranked, most likely first, none below even odds', () => {
  const causes = diagnoseLatency(picture(burning));
  expect(causes.length).toBeGreaterThan(1);
  expect(causes.map(({ rank }) => rank)).toEqual(causes.map((_cause, index) => index + 1));
  const confidences = causes.map(({ confidence }) => confidence);
  expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
  for (const confidence of confidences) expect(confidence).toBeGreaterThanOrEqual(0.5);
});

test('the same picture gives the same answer, to the byte', () => {
  expect(JSON.stringify(diagnoseLatency(picture(burning)))).toBe(JSON.stringify(diagnoseLatency(picture(burning))));
});

test('a picture is plain data: saved and read again, it gives the same answer', () => {
  const saved: typeof burning = JSON.parse(JSON.stringify(burning));
  expect(diagnoseLatency(picture(saved))).toEqual(diagnoseLatency(picture(burning)));
});

test('every weight can be seen, of causes that were not named too', () => {
  const all = weighAll(picture(burning)).map(({ cause }) => cause);
  expect(all).toContain('slow-query');
  expect(diagnoseLatency(picture(burning)).map(({ cause }) => cause)).not.toContain('slow-query');
});

test('a part that the stack does not have is never accused', () => {
  const { names } = picture();
  const bare = { ...names, database: undefined, cache: undefined, bucket: undefined };
  const nothing = { databaseLoad: notConfigured, cacheLoad: notConfigured, bucketLoad: notConfigured };
  const accused = weighAll(picture({ names: bare, ...nothing, slowTraces: notConfigured }));
  expect(accused.map(({ component }) => component)).toEqual(
    accused.map(() => expect.stringMatching(/^(?:nano-api|usw2-az\d)$/)),
  );
});

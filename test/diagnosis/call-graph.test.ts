/** The call graph of several spans before the engine: which spans, and what comes of them. */
import { describe, expect, test } from 'vitest';
import type { CallStatistics, ServiceGraph } from '../../src/cloud/service-graph-facts.ts';
import { graphSpans, locate, locatedText, type GraphSpans } from '../../src/diagnosis/call-graph.ts';
import type { Incident } from '../../src/diagnosis/incident.ts';
import { endMs, minutesAgo, minuteMs } from './series.ts';

const names = { service: 'nano-api', tracedService: 'nano-api', database: 'nano-db' };
const source = { operation: 'xray:GetServiceGraph', region: 'us-west-2', detail: 'all that was traced' };

const incident = (minutes: number): Incident => ({
  state: 'ongoing',
  onset: minutesAgo(minutes),
  firstBadAt: minutesAgo(minutes),
  onsetGiven: false,
  before: { from: minutesAgo(minutes + 63), to: minutesAgo(minutes + 3) },
  during: { from: minutesAgo(minutes), to: endMs },
});

const lengths = ({ normal, incident: struck }: GraphSpans): number[] =>
  [...normal, ...struck].map(({ from, to }) => (to - from) / minuteMs);

describe('the spans', () => {
  test('are six of the normal hour and the latest two of the incident', () => {
    const spans = graphSpans(incident(40));
    expect(lengths(spans)).toEqual([10, 10, 10, 10, 10, 10, 10, 10]);
    expect(spans.normal.at(-1)?.to).toBe(minutesAgo(43));
    expect(spans.incident.map(({ to }) => to)).toEqual([minutesAgo(10), endMs]);
  });

  test('are as long as a young incident, and end before it where they are normal', () => {
    const spans = graphSpans(incident(5));
    expect(lengths(spans)).toEqual([5, 5, 5, 5, 5, 5, 5]);
    expect(spans.normal.every(({ to }) => to <= minutesAgo(8))).toBe(true);
  });

  test('of an incident of a minute are not shorter than three', () => {
    expect(lengths(graphSpans(incident(1)))).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });
});

const counted = (requests: number, faults: number, ms: number): CallStatistics => ({
  requests,
  faults,
  ok: requests - faults,
  errors: 0,
  throttles: 0,
  totalMs: requests * ms,
  latencies: [{ ms, count: requests }],
});

interface Shown {
  readonly api?: readonly [faults: number, ms: number];
  readonly moderation?: readonly [faults: number, ms: number];
}

/** 1,000 requests in a span, of which 400 call a service outside; every span differs a little. */
function graphOf({ api = [1, 160], moderation = [0, 80] }: Shown, index: number): ServiceGraph {
  const wobble = 1 + 0.02 * Math.sin(index);
  const [client, service, remote] = ['client nano-api', 'AWS::ECS::Container nano-api', 'remote moderation.example'];
  const own = counted(1_000 + index, api[0], api[1] * wobble);
  const called = counted(400 + index, moderation[0], moderation[1] * wobble);
  return {
    components: [
      { id: client, name: 'nano-api', type: 'client', isRoot: false },
      { id: service, name: 'nano-api', type: 'AWS::ECS::Container', isRoot: true, statistics: own },
      { id: remote, name: 'moderation.example', type: 'remote', isRoot: false, statistics: called },
    ],
    calls: [
      { from: client, to: service, statistics: own },
      { from: service, to: remote, statistics: called },
    ],
    truncated: false,
    dangling: 0,
    source,
  };
}

const spans = graphSpans(incident(40));
const history = (struck: Shown) => ({
  spans,
  graphs: [
    ...spans.normal.map((_, index) => graphOf({}, index)),
    ...spans.incident.map((_, index) => graphOf(struck, 6 + index)),
  ],
});

describe('the trouble began', () => {
  test('at what is called, where its faults are passed on', () => {
    const found = locate(history({ api: [200, 160], moderation: [199, 80] }), 'availability', names);
    expect(found).toMatchObject({ status: 'found', source });
    expect(found.status === 'found' && found.suspects[0].component).toEqual({
      kind: 'dependency',
      name: 'moderation.example',
    });
    expect(locatedText(found)).toMatch(/^moderation\.example explains \d+ %\. 398 of /);
  });

  test('at the service, where nothing that it calls fails', () => {
    const found = locate(history({ api: [200, 160] }), 'availability', names);
    expect(found.status === 'found' && found.suspects[0].component).toEqual({ kind: 'service', name: 'nano-api' });
  });

  test('at what became slow', () => {
    const found = locate(history({ api: [1, 960], moderation: [0, 2_080] }), 'latency', names);
    expect(found.status === 'found' && found.suspects[0].component.name).toBe('moderation.example');
  });

  test('nowhere, where all is as usual', () => {
    expect(locate(history({}), 'availability', names).status).toBe('nothing-found');
    expect(locate(history({}), 'latency', names).status).toBe('nothing-found');
  });
});

test('a service that is not traced, and hours without traces, are not told', () => {
  expect(locate(history({ api: [200, 160] }), 'availability', { tracedService: 'other' })).toMatchObject({
    status: 'could-not-tell',
    summary: 'other is not among the services that were traced',
  });
  const empty = { components: [], calls: [], truncated: false, dangling: 0, source };
  expect(
    locate({ spans, graphs: [...spans.normal, ...spans.incident].map(() => empty) }, 'latency', names).status,
  ).toBe('could-not-tell');
});

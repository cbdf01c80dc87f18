/** The engine on a made-up shop: faults of every kind at every component, calm days, and input that is not as it should be. */
import { describe, expect, test } from 'vitest';
import { findRootCauses, type RootCauseAnswer } from '../../../src/diagnosis/root-cause/find-root-causes.ts';
import type { Readings, RootCauseInput } from '../../../src/diagnosis/root-cause/input.ts';
import { inTier } from '../../support/tier.ts';
import { componentOf, incidentOf, nothing, readingsOf, shop, times, type Fault } from './made-up.ts';

const seeds = Array.from({ length: inTier({ all: 40, some: 4 }) }, (_, index) => index + 1);
/** 400 days: no normal period is near after that. */
const longAgo = 400 * 288;

function ranked(answer: RootCauseAnswer): readonly string[] {
  return answer.status === 'found' ? answer.causes.map(({ component }) => component) : [];
}

/** Of the two views of the function, the function names it. */
function namedBy(component: string): string {
  return component === 'notify_AWS::Lambda' ? 'notify_AWS::Lambda::Function' : component;
}

const positions = Object.keys(shop).filter((name) => name !== 'site');

/** How many times a request of the site meets the component. */
const perRequest: Readonly<Record<string, number>> = Object.fromEntries(
  positions.map((name) => [name, (shop[name]?.requests ?? 0) / 500]),
);

const faults: readonly (readonly [string, 'latency' | 'availability', (component: string) => Fault])[] = [
  ['slow in all requests', 'latency', (component) => ({ component, slower: 0.06 / (perRequest[component] ?? 1) })],
  [
    'slow in one of fifty requests',
    'latency',
    (component) => ({ component, share: 0.02, slower: (50 * 0.06) / (perRequest[component] ?? 1) }),
  ],
  [
    'slow under three times the load',
    'latency',
    (component) => ({ component, load: 3, slower: 0.06 / (perRequest[component] ?? 1) }),
  ],
  ['failing now and then', 'availability', (component) => ({ component, failing: 0.08 })],
];

describe.each(faults)('%s', (_, kind, faultOf) => {
  test.each(positions)('%s is the first answer', (component) => {
    for (const seed of seeds) {
      for (const gap of [0, longAgo]) {
        const answer = findRootCauses(incidentOf(kind, faultOf(component), seed, gap));
        expect({ seed, gap, first: ranked(answer)[0] }).toEqual({ seed, gap, first: namedBy(component) });
      }
    }
  });
});

test.each(['payments_remote', 'orders_Database::SQL', 'checkout_AWS::ECS::Fargate', 'catalogue_AWS::ECS::Fargate'])(
  '%s vanishes, and is the first answer',
  (component) => {
    for (const seed of seeds) {
      const answer = findRootCauses(incidentOf('availability', { component, isGone: true }, seed));
      expect(ranked(answer)[0]).toBe(component);
    }
  },
);

test.each(['latency', 'availability'] as const)('calm windows have no cause of %s', (kind) => {
  for (let seed = 1; seed <= inTier({ all: 200, some: 30 }); seed += 1) {
    for (const gap of [0, longAgo]) {
      const answer = findRootCauses(incidentOf(kind, undefined, seed, gap));
      expect({ seed, gap, status: answer.status }).toEqual({ seed, gap, status: 'nothing-found' });
    }
  }
});

test('a cause is told with numbers for it, the way to it, and what speaks against it', () => {
  const answer = findRootCauses(incidentOf('latency', { component: 'orders_Database::SQL', share: 0.02, slower: 5 }));
  if (answer.status !== 'found') throw new Error(answer.status);
  const [first] = answer.causes;
  expect(first?.path).toEqual(['site', 'checkout_AWS::ECS::Fargate', 'orders_Database::SQL']);
  expect(first?.for[0]).toMatch(
    /^Slower: mean 1[12]\.?\d* ms to 1\d\d ms \(\d+\.\d spreads of calm windows\), .*p99 \d+\.?\d* ms to 5\./u,
  );
  expect(first?.for.at(-1)).toMatch(/^Explains \d+ % of the \d+\.?\d* s more at site\.$/u);
  expect(first?.score).toBeGreaterThan(0.8);
  expect(first?.missing).toEqual([]);
});

test('a table that nobody called before is its caller’s doing', () => {
  const input = incidentOf('availability', { component: 'notify_AWS::Lambda::Function', failing: 0.9 });
  const [at = []] = input.components.map(({ incident }) => incident.at);
  const wrong: Readings = { at, requests: [0, 150, 150, 150, 0], faults: [0, 150, 150, 150, 0] };
  const answer = findRootCauses({
    ...input,
    components: [...input.components, componentOf('no-such_AWS::DynamoDB::Table', nothing, wrong)],
    calls: [...input.calls, { from: 'notify_AWS::Lambda::Function', to: 'no-such_AWS::DynamoDB::Table' }],
  });
  expect(ranked(answer)[0]).toBe('notify_AWS::Lambda::Function');
  expect(ranked(answer)).not.toContain('no-such_AWS::DynamoDB::Table');
});

test('calls that were measured tell who suffers from a shared callee', () => {
  const input = incidentOf('latency', { component: 'items_AWS::DynamoDB::Table', slower: 0.05 });
  const [normal, incident] = [readingsOf(288, 5), readingsOf(5, 6, undefined, 288)];
  const quiet = normal.get('items_AWS::DynamoDB::Table');
  const still = incident.get('items_AWS::DynamoDB::Table');
  const answer = findRootCauses({
    ...input,
    // The table is slow for somebody else: the catalogue's own calls to it are as fast as ever.
    calls: input.calls.map((call) =>
      call.to === 'items_AWS::DynamoDB::Table' ? { ...call, normal: quiet, incident: still } : call,
    ),
  });
  expect(ranked(answer)[0]).toBe('catalogue_AWS::ECS::Fargate');
});

describe('input that is not as it should be has a clear answer', () => {
  const empty: RootCauseInput = { components: [], calls: [], symptom: { component: 'site', kind: 'latency' } };

  test('an empty graph, or a symptom that is not in it', () => {
    expect(findRootCauses(empty)).toEqual({ status: 'could-not-tell', summary: 'site is not in the call graph.' });
  });

  test('a symptom without readings', () => {
    const input = { ...empty, components: [componentOf('site', nothing, nothing)] };
    expect(findRootCauses(input)).toMatchObject({
      status: 'could-not-tell',
      summary: expect.stringContaining('no readings'),
    });
  });

  test('a symptom of which only the requests are known', () => {
    const some = (first: number, points: number): Readings => ({
      at: times(points, first),
      requests: Array(points).fill(9),
    });
    const input = { ...empty, components: [componentOf('site', some(0, 50), some(50, 5))] };
    expect(findRootCauses(input)).toMatchObject({
      status: 'could-not-tell',
      summary: expect.stringContaining('too few'),
    });
  });

  test('a normal period of a single point', () => {
    const one = (first: number): Readings => ({ at: times(1, first), requests: [5], meanSeconds: [1] });
    const input = { ...empty, components: [componentOf('site', one(0), one(1))] };
    expect(findRootCauses(input).status).toBe('could-not-tell');
  });

  test('an incident of a single point', () => {
    const input = incidentOf('latency', { component: 'payments_remote', slower: 2 });
    const only = (readings: Readings): Readings => ({
      at: readings.at.slice(2, 3),
      requests: readings.requests?.slice(2, 3),
      meanSeconds: readings.meanSeconds?.slice(2, 3),
    });
    const components = input.components.map((component) => ({ ...component, incident: only(component.incident) }));
    expect(ranked(findRootCauses({ ...input, components }))[0]).toBe('payments_remote');
  });

  test('NaN everywhere', () => {
    const input = incidentOf('latency', undefined);
    const nan = (readings: Readings): Readings => ({
      at: readings.at,
      requests: readings.at.map(() => Number.NaN),
      faults: readings.at.map(() => Number.NaN),
      meanSeconds: readings.at.map(() => Number.NaN),
    });
    for (const kind of ['latency', 'availability'] as const) {
      const components = input.components.map((each) => ({ ...each, incident: nan(each.incident) }));
      expect(findRootCauses({ ...input, components, symptom: { component: 'site', kind } }).status).toBe(
        'could-not-tell',
      );
    }
  });

  test('components without readings on the way are passed, and named as missing', () => {
    const input = incidentOf('latency', { component: 'orders_Database::SQL', slower: 0.1 });
    const components = input.components.map((component) =>
      component.id === 'checkout_AWS::ECS::Fargate' ? { ...component, normal: nothing, incident: nothing } : component,
    );
    expect(ranked(findRootCauses({ ...input, components }))[0]).toBe('orders_Database::SQL');
  });

  test('calls in a circle, to oneself, and to nobody', () => {
    const input = incidentOf('latency', { component: 'orders_Database::SQL', slower: 0.1 });
    const circle = [
      { from: 'orders_Database::SQL', to: 'site' },
      { from: 'orders_Database::SQL', to: 'orders_Database::SQL' },
      { from: 'site', to: 'nobody' },
      { from: 'nobody', to: 'site' },
    ];
    const answer = findRootCauses({ ...input, calls: [...input.calls, ...circle] });
    expect(ranked(answer)[0]).toBe('orders_Database::SQL');
  });
});

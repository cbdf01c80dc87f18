/** Why the database is unavailable to the service: each cause where it is one, where it is not, and with gaps. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DatabaseState } from '../../../src/cloud/facts.ts';
import { databaseCauses, diagnoseDatabase, weighDatabaseCauses } from '../../../src/diagnosis/database/diagnose.ts';
import type { DatabasePicture } from '../../../src/diagnosis/database/picture.ts';
import { endMs, minutesAgo } from '../series.ts';
import {
  database,
  denied,
  event,
  failing,
  healthyLog,
  joined,
  known,
  lines,
  load,
  notConfigured,
  picture,
  rule,
  service,
  since,
  stories,
  streams,
  traffic,
  writer,
  reader,
} from './pictures.ts';

type Seen = Partial<DatabasePicture>;
const diagnosed = (seen: Seen) => diagnoseDatabase(picture(seen));
const namesOf = (seen: Seen) => diagnosed(seen).causes.map(({ cause }) => cause);
const weighed = (id: string, seen: Seen) => {
  const found = weighDatabaseCauses(picture(seen)).find(({ cause }) => cause === id);
  if (found === undefined) throw new Error(`${id} was not weighed`);
  return found;
};
const details = (list: readonly { readonly detail: string }[]): string => list.map(({ detail }) => detail).join('; ');
const storyOf = (id: string): Seen => stories[id]?.seen ?? {};

const facts = [
  'errorLines',
  'database',
  'events',
  'ingress',
  'databaseLoad',
  'connectionLimit',
  'traffic',
  'service',
] as const satisfies readonly (keyof DatabasePicture)[];

test('every cause has its story', () => {
  expect(Object.keys(stories).toSorted()).toEqual(databaseCauses.map(({ id }) => id).toSorted());
});

test('on a healthy day there is nothing to explain', () => {
  expect(diagnosed({})).toEqual({
    symptom: { state: 'none', summary: 'no connection error among the log\u2019s error lines in 60 min' },
    causes: [],
  });
});

describe.each(Object.entries(stories))('%s', (id, { component, seen }) => {
  test('is the first answer where it is the cause, and accuses the right component', () => {
    const { symptom, causes } = diagnosed(seen);
    expect(symptom.state).toBe('ongoing');
    expect(causes[0]).toMatchObject({ rank: 1, cause: id, component });
    expect(causes[0]?.confidence).toBeGreaterThan(0.7);
    expect(causes[0]?.for.length).toBeGreaterThan(0);
    expect(causes[0]?.missing).toEqual([]);
  });

  test.each(Object.keys(stories).filter((other) => other !== id))('is not the answer to %s', (other) => {
    expect(namesOf(storyOf(other))).not.toContain(id);
  });

  test('is not named where nothing could be looked at, nor where nothing is configured', () => {
    for (const nothing of [denied(), notConfigured]) {
      const blind = Object.fromEntries(facts.map((fact) => [fact, nothing]));
      expect(diagnosed(blind)).toMatchObject({ symptom: { state: 'unknown' }, causes: [] });
    }
  });

  test.each(facts)(
    'without %s, what is newly named says what is missing, and nothing takes the place of the true cause',
    (fact) => {
      const whole = diagnosed(seen);
      const { causes } = diagnosed({ ...seen, [fact]: denied() });
      const isNew = (cause: string): boolean => !whole.causes.some((each) => each.cause === cause);
      const unexplained = causes.filter((each) => isNew(each.cause) && !details(each.missing).includes('not allowed'));
      expect(unexplained).toEqual([]);
      expect(causes.filter((each) => each.cause !== id && each.confidence > 0.9)).toEqual([]);
    },
  );
});

describe('the symptom', () => {
  test('is ongoing since the first of the lines that follow one another', () => {
    expect(diagnosed(storyOf('writer-unreachable')).symptom).toEqual({
      state: 'ongoing',
      onset: minutesAgo(8),
      summary: '32 connection errors in the log (unreachable), 66.7 % of requests answered with 5xx, for 8 min',
    });
  });

  test('is over where nothing failed in the last minutes, and a failover explains it', () => {
    const { symptom, causes } = diagnosed({
      errorLines: known(failing(lines.lost, 20, 18)),
      events: known([event(20, 'failover-started'), event(19, 'failover-completed')]),
    });
    expect(symptom).toMatchObject({ state: 'over', onset: minutesAgo(20), endedAt: minutesAgo(18.25) });
    expect(causes).toMatchObject([
      {
        cause: 'transient',
        component: 'nano-db',
        summary: 'connections to nano-db failed, around the failover 19 min ago, and are made again',
      },
    ]);
  });

  test('over without a known failover: the events are missing where they could not be read', () => {
    const [cause] = diagnosed({ errorLines: known(failing(lines.lost, 20, 18)), events: denied() }).causes;
    expect(cause).toMatchObject({ cause: 'transient', summary: 'connections to nano-db failed, and are made again' });
    expect(details(cause?.missing ?? [])).toBe('not allowed');
  });

  test.each<[string, Seen]>([
    ['no task is left to complain', { service: known(service({ running: 0 })) }],
    [
      'the writer has no connections',
      { databaseLoad: known(load(since(20, 60, 0))), traffic: known(traffic(20, 500)) },
    ],
    ['the cluster is stopped', { database: known(database({ status: 'stopped' })) }],
  ])('is not over while %s', (_what, seen) => {
    expect(diagnosed({ errorLines: known(failing(lines.timedOut, 20, 10)), ...seen }).symptom).toMatchObject({
      state: 'ongoing',
      summary: expect.stringContaining('it is not over'),
    });
  });

  test('is none with fewer lines than make an incident', () => {
    const few = { ...healthyLog(), lines: failing(lines.lost, 10, 9.5).lines };
    expect(diagnosed({ errorLines: known(few) })).toMatchObject({
      symptom: { state: 'none', summary: 'only 2 connection errors among the log\u2019s error lines in 60 min' },
      causes: [],
    });
  });

  test('is unknown where the log could not be read and nothing else shows it', () => {
    expect(diagnosed({ errorLines: denied() })).toEqual({
      symptom: {
        state: 'unknown',
        summary: 'whether the service reaches its database is unknown: its log was not read (not allowed)',
      },
      causes: [],
    });
  });

  test('is unknown where the search did not come to the present', () => {
    const cut = { ...failing(lines.lost, 40, 35), truncated: true };
    const early = { ...cut, lines: cut.lines.filter(({ at }) => at < minutesAgo(30)) };
    expect(diagnosed({ errorLines: known(early) }).symptom).toMatchObject({
      state: 'unknown',
      summary: expect.stringContaining('newer lines were not read'),
    });
    expect(diagnosed({ errorLines: known({ ...early, lines: [] }) }).symptom.state).toBe('unknown');
  });

  test('shows without the log in a cluster that is down', () => {
    const { symptom, causes } = diagnosed({ errorLines: denied(), database: known(database({ status: 'stopped' })) });
    expect(symptom).toMatchObject({
      state: 'ongoing',
      summary: 'nano-db is stopped; its log was not read (not allowed)',
    });
    expect(causes[0]?.cause).toBe('cluster-not-available');
  });

  test('shows without the log in connections that are gone while requests fail', () => {
    const seen = {
      errorLines: denied(),
      databaseLoad: known(load(since(8, 60, 0))),
      traffic: known(traffic(8, 400)),
    };
    expect(diagnosed(seen).symptom.state).toBe('ongoing');
    expect(details(weighed('writer-unreachable', seen).missing)).toContain('not allowed');
  });

  test('connections that are gone while requests are answered are no outage', () => {
    expect(diagnosed({ databaseLoad: known(load(since(8, 60, 0))) }).symptom.state).toBe('none');
  });
});

describe('writer-unreachable', () => {
  const seen = storyOf('writer-unreachable');

  test('is surer where the writer itself is in trouble', () => {
    const rebooting = known(database({ instances: [{ ...writer, status: 'rebooting' }, reader] }));
    const found = diagnosed({ ...seen, database: rebooting }).causes;
    expect(found[0]).toMatchObject({
      cause: 'writer-unreachable',
      summary: 'the writer of nano-db, nano-db-1, cannot be reached',
    });
    expect(found[0]?.confidence).toBeGreaterThan(weighed('writer-unreachable', seen).confidence);
    expect(found.map(({ cause }) => cause)).not.toContain('cluster-not-available');
  });

  test('is surer where RDS tells of an outage', () => {
    const events = known([event(9, 'unavailable', 'DB instance shutdown', 'nano-db-1')]);
    const found = weighed('writer-unreachable', { ...seen, events });
    expect(found.confidence).toBeGreaterThan(weighed('writer-unreachable', seen).confidence);
    expect(details(found.for)).toContain('nano-db-1, 9 min ago: DB instance shutdown');
  });

  test.each<[string, string, Seen]>([
    [
      'the writer keeps its connections',
      'the writer has its connections',
      { databaseLoad: known(load(since(0, 60, 60))) },
    ],
    [
      'a single task of three complains',
      'only 1 of 3 tasks',
      { errorLines: known(failing(lines.refused, 8, 0, streams.slice(0, 1))) },
    ],
    ['requests are answered', 'answered with 5xx', { traffic: known(traffic()) }],
    [
      'a failover was just completed',
      'clients may still reconnect',
      { events: known([event(2, 'failover-completed')]) },
    ],
  ])('is less sure where %s', (_what, detail, more) => {
    const found = weighed('writer-unreachable', { ...seen, ...more });
    expect(found.confidence).toBeLessThan(weighed('writer-unreachable', seen).confidence);
    expect(details(found.against)).toContain(detail);
  });

  test('is named by the log alone, with everything else missing', () => {
    const blind = Object.fromEntries(facts.map((fact) => [fact, denied()]));
    const { causes } = diagnosed({ ...blind, errorLines: known(failing(lines.refused, 8, 0)) });
    expect(causes.map(({ cause }) => cause)).toEqual(['writer-unreachable']);
    expect(causes[0]?.confidence).toBeLessThan(0.7);
    expect(causes[0]?.missing.length).toBeGreaterThan(3);
  });
});

describe('failover-under-way', () => {
  test('is known by the event before the status tells of it', () => {
    const seen = { errorLines: known(failing(lines.lost, 1, 0)), events: known([event(1, 'failover-started')]) };
    expect(namesOf(seen)).toEqual(['failover-under-way']);
  });

  test('is known by the status where the events could not be read', () => {
    const seen = { ...storyOf('failover-under-way'), events: denied() };
    expect(diagnosed(seen).causes[0]).toMatchObject({
      cause: 'failover-under-way',
      missing: [{ detail: 'not allowed' }],
    });
  });

  test.each([
    ['it was completed', [event(3, 'failover-started'), event(2, 'failover-completed')]],
    ['it failed', [event(3, 'failover-started'), event(2, 'failover-failed')]],
    ['it was never heard of again', [event(40, 'failover-started')]],
  ])('is not, where %s', (_what, events) => {
    expect(namesOf({ errorLines: known(failing(lines.lost, 3, 0)), events: known(events) })).not.toContain(
      'failover-under-way',
    );
  });
});

describe('cluster-not-available', () => {
  const failed = { errorLines: known(failing(lines.timedOut, 6, 0)) };

  test.each<[string, Partial<DatabaseState>]>([
    ['in maintenance', { status: 'maintenance' }],
    ['being upgraded', { status: 'upgrading' }],
    ['without its key', { status: 'inaccessible-encryption-credentials' }],
    ['in a state that nobody knows', { status: 'repairing-itself' }],
    ['full, by its writer', { instances: [{ ...writer, status: 'storage-full' }, reader] }],
    ['without any instance', { instances: [] }],
  ])('is named for a cluster %s', (_what, state) => {
    expect(namesOf({ ...failed, database: known(database(state)) })).toEqual(['cluster-not-available']);
  });

  test.each(['maintenance', 'upgrading', 'backing-up', 'modifying'])('is not, where %s hurts nobody', (status) => {
    expect(diagnosed({ database: known(database({ status })) })).toMatchObject({
      symptom: { state: 'none' },
      causes: [],
    });
  });
});

describe('too-many-connections', () => {
  const seen = storyOf('too-many-connections');
  const changed = {
    events: known([event(30, 'parameters-changed', 'Updated parameter max_connections to 90', 'nano-params')]),
    database: known(database({ instances: [{ ...writer, parameterStatus: 'pending-reboot' }, reader] })),
  };

  test('says how many there are of how many', () => {
    expect(diagnosed(seen).causes[0]?.summary).toBe('nano-db refuses further connections (90 of 90)');
  });

  test('names changed parameters and a pending reboot as evidence', () => {
    const found = weighed('too-many-connections', { ...seen, ...changed });
    expect(details(found.for)).toContain(
      'parameters of nano-params changed 30 min ago: Updated parameter max_connections',
    );
    expect(details(found.for)).toContain('nano-db-1 waits for a reboot');
  });

  test('takes them for nothing alone', () => {
    expect(diagnosed(changed)).toMatchObject({ symptom: { state: 'none' }, causes: [] });
    const elsewhere = { ...storyOf('writer-unreachable'), ...changed };
    expect(details(weighed('too-many-connections', elsewhere).for)).toBe('');
  });

  test('comes before a pool that runs empty because of it', () => {
    const both = joined(failing(lines.tooMany, 10, 0), failing(lines.pool, 10, 0), failing(lines.pool, 9.9, 0));
    expect(diagnosed({ ...seen, errorLines: known(both) }).causes[0]?.cause).toBe('too-many-connections');
  });

  test('is doubtful far below the limit, and says that the limit is missing where it is', () => {
    const below = weighed('too-many-connections', { ...seen, connectionLimit: known(1_000) });
    expect(details(below.against)).toContain('only 90 connections of 1,000');
    const untold = weighed('too-many-connections', { ...seen, connectionLimit: known(undefined) });
    expect(details(untold.missing)).toContain('max_connections cannot be told');
  });
});

describe('read-only-writer', () => {
  const seen = storyOf('read-only-writer');
  const started = (task: string) =>
    known(
      service({ events: [{ at: minutesAgo(5), message: `(service nano-api) has started 1 tasks: (task ${task}).` }] }),
    );

  test('is surer where tasks that were started since the failover can write', () => {
    const found = weighed('read-only-writer', { ...seen, service: started('dddd4444') });
    expect(found.confidence).toBeGreaterThan(weighed('read-only-writer', seen).confidence);
    expect(details(found.for)).toContain('only older tasks fail; 1 task started since the failover, and can write');
  });

  test('is doubtful where such tasks fail too', () => {
    const found = weighed('read-only-writer', { ...seen, service: started('aaaa1111') });
    expect(found.confidence).toBeLessThan(weighed('read-only-writer', seen).confidence);
    expect(details(found.against)).toContain('old connections do not explain that');
  });

  test('is named with less certainty where no failover is known', () => {
    const [first] = diagnosed({ ...seen, events: known([]) }).causes;
    expect(first).toMatchObject({
      cause: 'read-only-writer',
      summary: 'nano-api writes to an instance that is read-only',
    });
    expect(first?.confidence).toBeLessThan(weighed('read-only-writer', seen).confidence);
    expect(details(diagnosed({ ...seen, events: denied() }).causes[0]?.missing ?? [])).toContain('not allowed');
  });
});

describe('security-group-changed', () => {
  const seen = storyOf('security-group-changed');

  test('says whom the group lets in instead', () => {
    expect(diagnosed(seen).causes[0]?.summary).toBe(
      'sg-db does not let nano-api in: no rule opens port 3306 to sg-api (it is open to sg-bastion)',
    );
  });

  test.each<[string, Seen]>([
    ['no rules at all', { ingress: known([]) }],
    ['another port', { ingress: known([rule({ fromPort: 5432, toPort: 5432 })]) }],
    ['another protocol', { ingress: known([rule({ protocol: 'udp' })]) }],
    [
      'another range',
      { ingress: known([rule({ fromGroups: [], fromRanges: ['10.9.0.0/16'] })]), serviceAddresses: ['10.0.1.0/24'] },
    ],
    ['a rule of another group', { ingress: known([rule({ group: 'sg-other' })]) }],
  ])('is named with %s', (_what, more) => {
    expect(namesOf({ ...seen, ...more })[0]).toBe('security-group-changed');
  });

  test.each<[string, Seen]>([
    ['to the service\u2019s group', { ingress: known([rule()]) }],
    ['on all ports', { ingress: known([rule({ protocol: 'all', fromPort: undefined, toPort: undefined })]) }],
    ['to everybody', { ingress: known([rule({ fromGroups: [], fromRanges: ['0.0.0.0/0'] })]) }],
    [
      'to the tasks\u2019 range',
      {
        ingress: known([rule({ fromGroups: [], fromRanges: ['10.0.0.0/16'] })]),
        serviceAddresses: ['10.0.1.0/24', '10.0.2.17'],
      },
    ],
  ])('is not, where the port is open %s', (_what, more) => {
    expect(namesOf({ ...seen, ...more })).not.toContain('security-group-changed');
    expect(namesOf({ ...seen, ...more })[0]).toBe('writer-unreachable');
  });

  test.each<[string, Seen]>([
    ['a range that the tasks may be in', { ingress: known([rule({ fromGroups: [], fromRanges: ['10.0.0.0/16'] })]) }],
    [
      'a list of ranges',
      { ingress: known([rule({ fromGroups: [], fromRanges: ['pl-1'] })]), serviceAddresses: ['10.0.1.0/24'] },
    ],
    ['rules that could not be read', { ingress: denied('cannot be told') }],
    ['a service that could not be read', { service: denied('cannot be told') }],
  ])('is not named with %s, which is missing', (_what, more) => {
    expect(namesOf({ ...seen, ...more })).not.toContain('security-group-changed');
    expect(details(weighed('security-group-changed', { ...seen, ...more }).missing)).toContain('cannot be told');
  });

  test('is doubtful where connections are refused, which a group never does', () => {
    const refused = weighed('security-group-changed', { ...seen, errorLines: known(failing(lines.refused, 15, 0)) });
    expect(refused.confidence).toBeLessThan(weighed('security-group-changed', seen).confidence);
  });
});

describe('connection-pool-exhausted', () => {
  test('never speaks for a failover', () => {
    const { causes } = diagnosed(storyOf('connection-pool-exhausted'));
    expect(causes.map(({ cause }) => cause)).toEqual(['connection-pool-exhausted']);
    expect(causes[0]?.summary).toContain('a failover would not help');
  });

  test('is the aftermath where the database itself cannot be reached', () => {
    const both = joined(failing(lines.pool, 8, 0), failing(lines.refused, 8, 0));
    const found = diagnosed({ ...storyOf('writer-unreachable'), errorLines: known(both) }).causes;
    expect(found.map(({ cause }) => cause)).toEqual(['writer-unreachable']);
  });
});

test('the order of lines, events and rules makes no difference', () => {
  const mixed = joined(failing(lines.readOnly, 11, 0), failing(lines.lost, 12, 11));
  const events = [event(13, 'failover-started'), event(12, 'failover-completed'), event(30, 'parameters-changed')];
  const usual = diagnosed({ errorLines: known(mixed), events: known(events) });
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...mixed.lines], { minLength: mixed.lines.length }),
      fc.shuffledSubarray(events, { minLength: events.length }),
      (shuffledLines, shuffledEvents) => {
        const errorLines = known({ ...mixed, lines: shuffledLines });
        expect(diagnosed({ errorLines, events: known(shuffledEvents) })).toEqual(usual);
      },
    ),
    { numRuns: 20 },
  );
});

test('a healthy day with ever more unrelated error lines stays healthy', () => {
  const message = fc.oneof(
    fc.string({ maxLength: 60 }).map((text) => `ERROR ${text}`),
    fc.integer({ min: 1000, max: 4000 }).map((number) => `ERROR nano ${number}: took ${number} ms, user ${number}`),
  );
  const at = fc.integer({ min: minutesAgo(60), max: endMs - 1 });
  fc.assert(
    fc.property(fc.array(fc.record({ at, message }), { maxLength: 40 }), (extra) => {
      const errorLines = known(
        joined({ ...healthyLog(), lines: extra.map((each) => ({ ...each, stream: streams[0] })) }),
      );
      expect(diagnosed({ errorLines })).toMatchObject({ symptom: { state: 'none' }, causes: [] });
    }),
    { numRuns: 50 },
  );
});

test('a log that was not read back to the first failure: requests tell since when', () => {
  const log = { ...failing(lines.refused, 2, 0), truncated: true };
  const seen = { errorLines: known(log), databaseLoad: known(load(since(9, 60, 0))), traffic: known(traffic(9, 500)) };
  const { symptom } = diagnoseDatabase(picture(seen));
  expect(symptom).toMatchObject({ state: 'ongoing', onset: minutesAgo(9) });
  expect(symptom.summary).toContain('for 9 min');
});

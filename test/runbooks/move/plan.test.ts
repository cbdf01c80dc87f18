/** Whether and how a stack is moved: what stands in the way, what whoever agrees must know, and that nothing else is done. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { scalingKinds, type ScalingLimits } from '../../../src/cloud/facts.ts';
import type { RegionalStack } from '../../../src/cloud/stack.ts';
import { planHash, worstRisk, type Change } from '../../../src/engine/change.ts';
import type { Detection } from '../../../src/runbooks/move/detection.ts';
import {
  canLead,
  changesIn,
  planFacts,
  planMove,
  type MovePlan,
  type Picture,
} from '../../../src/runbooks/move/plan.ts';
import { reverseTraffic } from '../../../src/runbooks/move/traffic-move.ts';
import { reverseCount, reverseSuspension, reverseUnlessStaying } from '../../../src/runbooks/service-changes.ts';
import {
  balancer,
  cname,
  database,
  deadPicture,
  denied,
  detected,
  east,
  global,
  known,
  lagOf,
  limits,
  minuteMs,
  moveTold,
  newArn,
  notConfigured,
  nowMs,
  oldArn,
  picture,
  service,
  silent,
  unknown,
  west,
} from './pictures.ts';

type More = Partial<Picture>;
type Move = Parameters<typeof moveTold>[0];

const hash = (changes: readonly Change[]) =>
  planHash(changes, (text) => createHash('sha256').update(text).digest('hex'));
const dead = (more: More = {}, move: Move = {}) => planMove(deadPicture(more), moveTold(move));
const well = (more: More = {}, move: Move = {}) => planMove(picture(more), moveTold(move));
const drill = (more: More = {}, move: Move = {}) => well(more, { isDrill: true, mode: 'switchover', ...move });
const operationsOf = (plan: MovePlan) => changesIn(plan).map(({ operation }) => operation);
const replica = database('nano-db-dr', { replicatesFrom: oldArn });
const inWest = { region: 'us-west-2', cluster: 'nano', service: 'nano-api' };
const suspendedLimits = { ...limits(2, 10), suspended: scalingKinds };
const other = { engineVersion: '8.0.mysql_aurora.3.09.0' };
/** Of a stack whose recovery cluster is a replica. */
const ofReplica = { globalCluster: undefined as never };

describe('the way', () => {
  test.each<[string, MovePlan, MovePlan['mode']]>([
    ['of a region that is down is a failover', dead(), 'failover'],
    ['of one that is cut off is a failover', dead({ detection: detected('cut-off') }), 'failover'],
    ['of one that is impaired is a failover', well({ detection: detected('impaired') }), 'failover'],
    ['of one of which nothing is known is a failover', dead({ detection: detected('unknown') }), 'failover'],
    ['of one that is well is a switchover', well(), 'switchover'],
    ['of a drill is a switchover', drill(), 'switchover'],
    ['of a drill as a failover is a failover', well({}, { isDrill: true }), 'failover'],
    [
      'of a drill of an impaired region is still a switchover',
      drill({ detection: detected('impaired') }),
      'switchover',
    ],
    [
      'between versions that differ is a detachment',
      dead({ newDatabase: known(database('nano-db-dr', other)) }),
      'detach',
    ],
    ['of a replica is a promotion', dead({ newDatabase: known(replica) }, ofReplica), 'promotion'],
    [
      'of a replica is a promotion while the region is well',
      well({ newDatabase: known(replica) }, ofReplica),
      'promotion',
    ],
    ['to a cluster that writes already touches no database', dead({ global: known(global({}, 'east')) }), 'none'],
    ['to a replica that was promoted already touches no database', dead({}, ofReplica), 'none'],
    [
      'without any database touches none',
      dead({}, { from: without('database', west), to: without('database', east) }),
      'none',
    ],
  ])('%s', (_what, plan, mode) => {
    expect(plan.blockers).toEqual([]);
    expect(plan.mode).toBe(mode);
    expect(plan.database === undefined).toBe(mode === 'none');
  });

  test('of what was moved already but for its traffic is that alone', () => {
    const plan = dead({
      global: known(global({}, 'east')),
      newService: known(service(6)),
      newLimits: known(limits(6, 10)),
    });
    expect(operationsOf(plan)).toEqual(['route53:ChangeResourceRecordSets']);
    expect(worstRisk(changesIn(plan))).toBe('reversible');
    expect(plan.lossMs).toBe(0);
  });
});

function without(key: 'database' | 'compute', stack: RegionalStack): RegionalStack {
  const { region, ...parts } = stack;
  return { region, ...Object.fromEntries(Object.entries(parts).filter(([name]) => name !== key)) };
}

describe('what stands in the way', () => {
  test.each<[string, MovePlan, string]>([
    ['no cluster to take over', dead({}, { to: without('database', east) }), 'recoveryCluster is not configured'],
    ['a cluster that is not seen', dead({ newDatabase: denied }), 'cannot be looked at: not allowed'],
    ['a global database that is not seen', dead({ global: silent }), 'nano-global cannot be looked at in us-east-1'],
    [
      'a move that is under way',
      dead({ global: known(global({ moving: { status: 'failing-over', to: newArn } })) }),
      'is being moved already',
    ],
    [
      'a cluster that is not part of it',
      dead({ global: known(global({ members: global().members.slice(0, 1) })) }),
      'it is a cluster of its own, with a writer; add the region again first',
    ],
    [
      'a drill of a region that is down',
      planMove(deadPicture(), moveTold({ isDrill: true, mode: 'switchover' })),
      'does not answer: a switchover waits',
    ],
    ['a drill of a region that nobody saw', drill({ detection: detected('unknown') }), 'does not answer'],
    [
      'a copy that is not in step',
      drill({ global: known(global({ members: membersWith('pending-resync') })) }),
      'is pending-resync: it has to be in step first',
    ],
    ['a copy that is behind', drill({ lag: known(lagOf(900, 30_001)) }), 'the copy is 30 s behind'],
    ['versions that differ', drill({ newDatabase: known(database('nano-db-dr', other)) }), 'engine versions differ'],
    [
      'versions that differ while the region is well',
      well({ newDatabase: known(database('nano-db-dr', other)) }),
      'engine versions differ',
    ],
    ['a drill of a replica', drill({ newDatabase: known(replica) }, ofReplica), 'can only be promoted'],
    [
      'a cluster without an ARN',
      dead({ newDatabase: known(anonymous(replica)), global: notConfigured }, ofReplica),
      'ARNs',
    ],
    [
      'an instance that is not available',
      dead({ newDatabase: known(database('nano-db-dr', { instances: [instanceThat({ status: 'creating' })] })) }),
      'nano-db-dr-1 is creating',
    ],
    [
      'no instance, and nobody knows of which class',
      dead({ newDatabase: known(database('nano-db-dr', { instances: [] })) }),
      'of which class it needs one is not known',
    ],
    ['a service that is not seen', dead({ newService: denied }), 'nano-api-dr in us-east-1 cannot be looked at'],
    ['limits that are not seen', dead({ newLimits: denied }), 'may grow cannot be looked at'],
    [
      'a service that would run nothing',
      dead({ newService: known(service(0)), newLimits: known(null) }),
      'to run no task at all',
    ],
    ['a limit, while the region is well', well({ newLimits: known(limits(2, 4)) }), 'may run 4 tasks at most, 2 fewer'],
    ['a limit, in a drill', drill({ newLimits: known(limits(2, 4)) }), '2 fewer'],
    ['a record that cannot be read', dead({ records: silent }), 'traffic cannot be moved'],
    ['a balancer that is not seen', dead({ newBalancer: denied }), 'the load balancer in us-east-1 is not known'],
    [
      'nothing to move',
      well({
        global: known(global({}, 'east')),
        newService: known(service(6)),
        newLimits: known(limits(6, 10)),
        records: known([cname(balancer.dnsName)]),
      }),
      'there is nothing to move: us-east-1 serves already',
    ],
  ])('%s', (_what, plan, blocker) => {
    expect(plan.blockers.join('\n')).toContain(blocker);
    expect(changesIn(plan)).toEqual([]);
    expect(plan.isThere).toBe(_what === 'nothing to move' ? true : undefined);
    expect(plan).toMatchObject({ mode: 'none', movesByHand: false, splitBrain: 'excluded' });
  });
});

const membersWith = (synchronization: string) =>
  global().members.map((each) => (each.isWriter ? each : { ...each, synchronization }));

function anonymous(state: typeof replica): typeof replica {
  const { arn: _arn, ...rest } = state;
  return rest;
}

function instanceThat(more: Partial<(typeof replica)['instances'][number]>) {
  const [first] = database('nano-db-dr').instances;
  if (first === undefined) throw new Error('no instance');
  return { ...first, ...more };
}

describe('what whoever agrees must know', () => {
  test.each<[string, MovePlan, string]>([
    ['that a switchover would lose nothing', well(), 'us-west-2 is well: a switchover loses nothing'],
    ['that the copy may be behind', drill({ lag: silent }), 'how far the copy is behind is not known'],
    [
      'that the versions may differ',
      dead({
        global: known(global({}, 'west')),
        newDatabase: known(database('nano-db-dr')),
        oldDatabase: silent,
        ...noVersion(),
      }),
      'same version of the engine is not known',
    ],
    [
      'that the versions differ',
      dead({ newDatabase: known(database('nano-db-dr', other)) }),
      'taken out of the global database instead',
    ],
    ['that the old writer cannot be fenced', dead(), 'split brain is possible'],
    ['that the old writer lives', dead({ detection: detected('cut-off') }), 'two writers take writes until it is'],
    ['that the old tasks are stopped', well({ detection: detected('impaired') }), 'are stopped first'],
    ['that the load is not known', dead(), 'goes on with the 2 that it has'],
    [
      'that there are too few tasks',
      dead({ oldService: known(service(6)), newLimits: known(limits(2, 4)) }),
      '2 fewer than today',
    ],
    [
      'that the class is a small one',
      dead({
        newDatabase: known(database('nano-db-dr', { instances: [instanceThat({ instanceClass: 'db.t4g.medium' })] })),
      }),
      'db.t4g.medium in us-east-1 is of a burstable class',
    ],
    [
      'that an instance is made first',
      well({ detection: detected('impaired'), newDatabase: known(database('nano-db-dr', { instances: [] })) }),
      'one is made first',
    ],
    [
      'that tasks are not replaced',
      well({ newService: known(service(2, { deployments: [] })) }, { restartsApplication: true }),
      'tasks are not replaced',
    ],
  ])('%s', (_what, plan, concern) => {
    expect(plan.blockers).toEqual([]);
    expect(plan.concerns.join('\n')).toContain(concern);
  });

  test('is in the facts of the question, with the loss and the way back', () => {
    const seen = deadPicture();
    const plan = planMove(seen, moveTold());
    const facts = planFacts(plan, seen, moveTold());
    expect(facts).toEqual([
      ...seen.detection.evidence,
      'the database fails over to us-east-1 with what it has',
      'up to 2 min of the newest writes may be lost',
      ...plan.concerns,
      'it is not put back by itself: the way back is nanoops dr failback',
    ]);
    const unknownLoss = deadPicture({ lag: silent });
    expect(planFacts(planMove(unknownLoss, moveTold()), unknownLoss, moveTold())).toContain(
      'how much would be lost is not known',
    );
    expect(planFacts(drill(), picture(), moveTold()).at(-1)).toBe('what does not come out well is put back');
  });
});

function noVersion(): More {
  const { engineVersion: _version, ...rest } = global();
  return { global: known(rest) };
}

describe('two writers', () => {
  test.each<[string, MovePlan, MovePlan['splitBrain']]>([
    ['are possible where the old tasks cannot be reached', dead(), 'possible'],
    [
      'are possible where there are none that could be stopped',
      dead({}, { from: without('compute', west) }),
      'possible',
    ],
    ['are excluded by a switchover', well(), 'excluded'],
    ['are excluded where the old tasks are stopped', well({ detection: detected('impaired') }), 'excluded'],
    [
      'are excluded where the old tasks were stopped before',
      well({ detection: detected('impaired'), oldService: known(service(0)) }),
      'excluded',
    ],
    [
      'are not excluded by tasks that still end',
      well({ detection: detected('impaired'), oldService: known(service(0, { running: 2 })) }),
      'excluded',
    ],
    ['are excluded where no database moves', dead({ global: known(global({}, 'east')) }), 'excluded'],
  ])('%s', (_what, plan, splitBrain) => {
    expect(plan.splitBrain).toBe(splitBrain);
    expect(plan.concerns.join().includes('split brain')).toBe(
      splitBrain === 'possible' && !plan.concerns.every((each) => !each.includes('split')),
    );
  });

  test('are told of where the clusters part, though the old tasks are stopped', () => {
    const impaired = { detection: detected('impaired') };
    const differing = { newDatabase: known(database('nano-db-dr', other)) };
    const told = 'nano-db in us-west-2 stays a writer, on its own: its application is stopped there';
    const tellsOf = ({ concerns }: MovePlan) => concerns.some((each) => each.startsWith(told));
    expect(tellsOf(well({ ...impaired, ...differing }))).toBe(true);
    expect(tellsOf(well({ ...impaired, newDatabase: known(replica) }, ofReplica))).toBe(true);
    // Aurora makes the old one a copy; or nobody stops its tasks, which is told in other words.
    expect(tellsOf(well(impaired))).toBe(false);
    expect(tellsOf(dead(differing))).toBe(false);
    expect(tellsOf(well({ ...impaired, ...differing }, { from: without('compute', west) }))).toBe(false);
  });

  test('are kept apart by stopping what still runs, and nothing is stopped that has ended', () => {
    expect(well({ detection: detected('impaired') }).fence?.input).toMatchObject({ from: 6, to: 0 });
    expect(well({ detection: detected('impaired'), oldService: known(service(0)) }).fence).toBeUndefined();
    expect(well().fence).toBeUndefined();
  });

  test('stay apart: what would start tasks again is suspended, also where none runs', () => {
    const stopped = { detection: detected('impaired'), oldService: known(service(0)) };
    for (const plan of [well({ detection: detected('impaired') }), well(stopped)]) {
      expect(plan).toMatchObject({ fences: true, suspend: { input: { from: [], to: [...scalingKinds] } } });
    }
    for (const oldLimits of [known(suspendedLimits), known(limits(0, 0)), known(null)]) {
      expect(well({ ...stopped, oldLimits })).toMatchObject({ fences: false, splitBrain: 'excluded' });
      expect(well({ ...stopped, oldLimits }).suspend).toBeUndefined();
    }
    const unseen = well({ detection: detected('impaired'), oldLimits: denied });
    expect(unseen.suspend?.input).toEqual({ service: inWest, to: [...scalingKinds] });
    expect(unseen.suspend && reverseSuspension(unseen.suspend)).toBeUndefined();
    expect(unseen.concerns.join()).toContain('what Auto Scaling does in us-west-2 cannot be looked at');
    const blind = well({ detection: detected('impaired'), oldService: silent });
    expect(blind.fence).toMatchObject({ before: { desiredCount: 'not known' }, input: { service: inWest, to: 0 } });
    expect(blind.fence && reverseCount(blind.fence)).toBeUndefined();
    expect(dead()).toMatchObject({ fences: false, splitBrain: 'possible' });
  });

  test('the region that takes over gets its tasks and its scaling back', () => {
    const plan = drill({ newService: known(service(0)), newLimits: known(suspendedLimits) });
    expect(plan).toMatchObject({
      tasks: 6,
      capacity: { operation: 'ecs:UpdateService', input: { sets: 'desired-count', from: 0, to: 6 } },
      resume: {
        operation: 'application-autoscaling:RegisterScalableTarget',
        input: { from: [...scalingKinds], to: [] },
      },
    });
    expect(plan.concerns.join()).toContain('Auto Scaling is suspended in us-east-1');
    expect(drill().resume).toBeUndefined();
  });
});

describe('what may be lost', () => {
  const lossOf = (...values: readonly number[]) => dead({ lag: known(lagOf(...values)) }).lossMs;

  test('is what may have been written since the newest write that was copied, until the outage, in whole minutes', () => {
    // The outage began ten minutes ago; what was reported since is of a writer that is gone.
    const since = Array.from({ length: 10 }, (_none, index) => (index + 1) * minuteMs);
    expect(lossOf(200_000, 900, 90_000, 800, 700, 600, ...since)).toBe(2 * minuteMs);
    expect(lossOf(900, 800, 700, ...since)).toBe(2 * minuteMs);
    // A copy that had stopped fell behind further until then, whatever was reported of it.
    expect(lossOf(60_000, 120_000, 180_000, ...since)).toBe(4 * minuteMs);
    expect(lossOf(...since)).toBeUndefined();
  });

  test('is how far it is behind now where writes go on', () => {
    const lag = known(lagOf(900, 61_000));
    expect(well({ lag: known(lagOf(61_000, 900)), detection: detected('impaired') }).lossMs).toBe(2 * minuteMs);
    // One that has stopped falls behind further until it is reported.
    expect(dead({ lag, detection: detected('cut-off') }).lossMs).toBe(5 * minuteMs);
    expect(well({ lag, detection: detected('impaired') }).lossMs).toBe(5 * minuteMs);
  });

  test('is nothing for a switchover, and not known where nothing is reported', () => {
    expect(well().lossMs).toBe(0);
    expect(well().database).not.toHaveProperty('lossMs');
    expect(dead({ lag: silent })).not.toHaveProperty('lossMs');
    expect(dead({ lag: known(lagOf()) })).not.toHaveProperty('lossMs');
    expect(dead({ lag: silent }).database).toMatchObject({ risk: 'data-loss' });
  });

  test('keeps the plan the same while the lag wanders within its minute', () => {
    const of = (values: readonly number[]) =>
      hash(changesIn(dead({ lag: known(lagOf(...values)), detection: detected('cut-off') })));
    const first = of([500]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: minuteMs - 1 }), { minLength: 1, maxLength: 8 }), (values) => {
        expect(of(values)).toBe(first);
      }),
    );
    expect(of([minuteMs + 1])).not.toBe(first);
  });
});

describe('tasks', () => {
  test.each<[string, MovePlan, object | undefined, number]>([
    [
      'are as many as the old region runs, kept by Auto Scaling',
      well(),
      { sets: 'minimum-capacity', from: 2, to: 6 },
      6,
    ],
    [
      'are set where nobody scales them',
      well({ newLimits: known(null) }),
      { sets: 'desired-count', from: 2, to: 6 },
      6,
    ],
    ['are as many as there are where the load is not known', dead(), undefined, 2],
    [
      'are no fewer than there are after the old ones were stopped',
      well({ oldService: known(service(0)) }),
      undefined,
      2,
    ],
    [
      'are as many as the limit lets where the region is down',
      dead({ oldService: known(service(6)), newLimits: known(limits(2, 4)) }),
      { sets: 'minimum-capacity', from: 2, to: 4 },
      4,
    ],
    [
      'are never fewer than run already',
      well({ newService: known(service(9)), newLimits: known(limits(9, 10)) }),
      undefined,
      9,
    ],
  ])('%s', (_what, plan, input, tasks) => {
    expect(plan.blockers).toEqual([]);
    expect(plan.tasks).toBe(tasks);
    expect(plan.capacity === undefined).toBe(input === undefined);
    expect(plan.capacity?.input ?? {}).toMatchObject(input ?? {});
  });

  test('of the configuration are never exceeded', () => {
    const to = { ...east, compute: { region: 'us-east-1', cluster: 'nano', service: 'nano-api-dr', maxTasks: 3 } };
    expect(dead({ oldService: known(service(6)) }, { to })).toMatchObject({ tasks: 3 });
  });

  test('are fewer again after a drill', () => {
    const there = { comesBack: true };
    expect(drill({}, there).standby?.input).toMatchObject({ sets: 'minimum-capacity', from: 6, to: 2 });
    expect(drill().standby).toBeUndefined();
    expect(well().standby).toBeUndefined();
    expect(drill({ newService: known(service(6)), newLimits: known(limits(6, 10)) }, there).standby).toBeUndefined();
  });

  test('are replaced where that is configured, and a database moves', () => {
    const restarts = { restartsApplication: true };
    expect(well({}, restarts).restart).toMatchObject({ risk: 'irreversible' });
    expect(well().restart).toBeUndefined();
    expect(well({ global: known(global({}, 'east')) }, restarts).restart).toBeUndefined();
  });
});

describe('a cluster without an instance', () => {
  test('gets one like the old writer, before anything else', () => {
    const plan = well({
      detection: detected('impaired'),
      newDatabase: known(database('nano-db-dr', { instances: [] })),
    });
    expect(plan.instance?.input).toMatchObject({ instance: 'nano-db-dr-1', instanceClass: 'db.r6g.large' });
    expect(operationsOf(plan)[0]).toBe('rds:CreateDBInstance');
  });

  test.each([
    ['db.t3.medium', false],
    ['db.t4g.large', false],
    ['db.r6g.large', true],
    ['db.serverless', true],
    ['db.x2g.large', true],
  ])('%s: may lead is %s', (instanceClass, may) => {
    expect(canLead(instanceClass)).toBe(may);
  });
});

describe('traffic', () => {
  test('is moved by hand where nothing is configured for it, and the plan says so', () => {
    const { traffic: _traffic, ...rest } = moveTold();
    const plan = planMove(deadPicture({ records: notConfigured }), rest);
    expect(plan).toMatchObject({ blockers: [], movesByHand: true, ttlMs: 60_000 });
    expect(plan.traffic).toBeUndefined();
    const serving = {
      global: known(global({}, 'east')),
      newService: known(service(6)),
      newLimits: known(limits(6, 10)),
    };
    expect(planMove(picture(serving), rest)).toMatchObject({ blockers: [], movesByHand: true });
  });

  test('that moves by itself is not changed', () => {
    const found = [cname('x', { setIdentifier: 'w', failover: 'PRIMARY' })];
    const plan = dead({ records: known(found) });
    expect(plan.traffic).toBeUndefined();
    expect(plan.trafficDone).toContain('Route 53 moves it by its health check');
  });
});

describe('putting back', () => {
  test('is for what loses nothing, of a region that is well', () => {
    for (const plan of [well(), drill()]) {
      expect(plan.undoable).toBe(true);
      expect(plan.traffic && reverseTraffic(plan.traffic)).toBeDefined();
      expect(plan.capacity && reverseUnlessStaying(plan.capacity)).toBeDefined();
    }
    for (const plan of [
      dead({ oldService: known(service(6)) }),
      well({ detection: detected('impaired') }),
      well({}, { isDrill: true }),
      dead({ oldService: known(service(6)), global: known(global({}, 'east')) }),
    ]) {
      expect(plan.undoable).toBe(false);
      expect(plan.traffic && reverseTraffic(plan.traffic)).toBeUndefined();
      expect(plan.capacity && reverseUnlessStaying(plan.capacity)).toBeUndefined();
    }
  });
});

describe('whatever was seen', () => {
  const state = fc.constantFrom<Detection['state']>('well', 'down', 'cut-off', 'impaired', 'unknown');
  const maybe = <T>(...values: readonly T[]) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...values.map((value) => known(value))) },
      fc.constantFrom(silent, denied),
    );
  const pictures: fc.Arbitrary<Picture> = fc.record({
    detection: state.map((each) => detected(each)),
    oldService: maybe(service(6), service(0), service(0, { running: 1 })),
    oldLimits: maybe<ScalingLimits | null>(limits(2, 10), suspendedLimits, null),
    oldDatabase: maybe(database('nano-db'), database('nano-db', other)),
    global: maybe(
      global(),
      global({}, 'east'),
      global({ members: membersWith('pending-resync') }),
      global({ moving: { status: 'x' } }),
    ),
    newDatabase: maybe(database('nano-db-dr'), replica, database('nano-db-dr', { instances: [] })),
    lag: maybe(lagOf(900), lagOf(), lagOf(...Array.from({ length: 20 }, () => 90_000))),
    newService: maybe(service(2), service(6), service(0)),
    newLimits: maybe(limits(2, 10), limits(2, 4), null),
    newBalancer: maybe(balancer),
    records: maybe([cname('x')], [cname(balancer.dnsName)], []),
    switches: fc.constant(notConfigured),
    alarms: fc.constant(notConfigured),
  });
  const moves = fc.record({
    mode: fc.constantFrom('switchover' as const, 'failover' as const),
    isDrill: fc.boolean(),
    restartsApplication: fc.boolean(),
    isReplica: fc.boolean(),
  });

  test('a plan is all there is, and says what it risks', () => {
    fc.assert(
      fc.property(pictures, moves, (seen, { isReplica, ...told }) => {
        const plan = planMove(seen, moveTold({ ...told, ...(isReplica ? { globalCluster: undefined as never } : {}) }));
        const changes = changesIn(plan);
        // Every change that a step could make is among those that are shown.
        const inPlan = Object.values(plan).filter(
          (each): each is Change => typeof each === 'object' && each !== null && 'operation' in each,
        );
        expect(new Set(changes)).toEqual(new Set(inPlan));
        const isPossible = plan.blockers.length === 0;
        const isLossy = plan.mode === 'failover' || plan.mode === 'detach' || plan.mode === 'promotion';
        expect(isPossible || (changes.length === 0 && plan.mode === 'none' && !plan.movesByHand)).toBe(true);
        expect(changes.some(({ risk }) => risk === 'data-loss')).toBe(isLossy);
        expect(plan.undoable && isLossy).toBe(false);
        expect(isPossible && !isLossy ? plan.lossMs : 0).toBe(0);
        expect(isLossy ? plan.database?.lossMs : plan.lossMs).toBe(plan.lossMs);
        // A drill that is to lose nothing never does.
        expect(told.isDrill && told.mode === 'switchover' && isLossy).toBe(false);
        // Nobody says that there is one writer where the old one was not stopped.
        const isStopped = seen.oldService.known && seen.oldService.value.desired + seen.oldService.value.running === 0;
        const isSplit = isLossy && !plan.fences && !isStopped;
        expect(plan.splitBrain).toBe(isSplit ? 'possible' : 'excluded');
        // What is stopped is not started again by itself.
        const mayScale = !seen.oldLimits.known || (seen.oldLimits.value?.suspended ?? scalingKinds).length < 3;
        expect(plan.suspend !== undefined).toBe(plan.fences && mayScale);
        expect(planFacts(plan, seen, moveTold()).length).toBeGreaterThan(2);
      }),
      { numRuns: 300 },
    );
  });

  test('the same picture gives the same plan', () => {
    fc.assert(
      fc.property(pictures, (seen) => {
        const again = { ...seen, detection: { ...seen.detection, detectedAt: nowMs + 60_000 } };
        expect(hash(changesIn(planMove(again, moveTold())))).toBe(hash(changesIn(planMove(seen, moveTold()))));
      }),
    );
  });
});

test('of a global database whose ARNs only it knows the right clusters are taken', () => {
  const plan = dead({ newDatabase: known(anonymous(database('nano-db-dr'))) });
  expect(plan.database?.input).toMatchObject({ from: { arn: oldArn }, to: { arn: newArn } });
  expect(unknown('x').known).toBe(false);
});

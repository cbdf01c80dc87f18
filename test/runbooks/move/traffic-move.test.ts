/** Moving traffic: what is changed for every kind of record and switch, how it stands, and when it is everywhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../../src/cloud/recovery-facts.ts';
import type { TrafficSwitch } from '../../../src/cloud/stack.ts';
import type { Change } from '../../../src/engine/change.ts';
import { isSame } from '../../../src/runbooks/equal.ts';
import {
  leadsTo,
  longestTtlMs,
  lookAtTraffic,
  planTraffic,
  pollTraffic,
  reverseTraffic,
  type TrafficInput,
} from '../../../src/runbooks/move/traffic-move.ts';
import { looking } from './looking.ts';
import { balancer, cname, nowMs } from './pictures.ts';

const byRecord: TrafficSwitch = { mechanism: 'records', hostedZoneId: 'Z1', record: 'api.nano.example' };
const to = { region: 'us-east-1', balancer };
const oldName = 'nano-1.us-west-2.elb.amazonaws.com';

const alias = (dnsName: string, type: 'A' | 'AAAA' = 'A'): DnsRecord => ({
  name: 'api.nano.example',
  type,
  values: [],
  alias: { dnsName, hostedZoneId: 'Z1H1FL5HABSF5', evaluateTargetHealth: true },
});
const weighted = (dnsName: string, weight: number, setIdentifier: string) => ({
  ...alias(dnsName),
  weight,
  setIdentifier,
});

function changeOf(found: readonly DnsRecord[]): Change<TrafficInput> {
  const plan = planTraffic(byRecord, to, found, undefined);
  if (!('change' in plan)) throw new Error(`no change: ${JSON.stringify(plan)}`);
  return plan.change;
}

const after = (found: readonly DnsRecord[]) => {
  const { input } = changeOf(found);
  if (input.kind !== 'records') throw new Error(input.kind);
  return input.after;
};

describe('the record', () => {
  test('that is a CNAME leads to the other balancer, and keeps its TTL', () => {
    const change = changeOf([cname(oldName, { ttl: 300 })]);
    expect(after([cname(oldName, { ttl: 300 })])).toEqual([cname(balancer.dnsName, { ttl: 300 })]);
    expect(change).toMatchObject({
      operation: 'route53:ChangeResourceRecordSets',
      region: 'us-east-1',
      before: { records: `CNAME ${oldName} TTL 300 s` },
      after: { records: `CNAME ${balancer.dnsName} TTL 300 s` },
      risk: 'reversible',
    });
    expect(planTraffic(byRecord, to, [cname(oldName, { ttl: 300 })], undefined)).toMatchObject({ ttlMs: 300_000 });
  });

  test('that is an alias gets the other balancer\u2019s zone, and stays dualstack where it was', () => {
    const found = [alias(`dualstack.${oldName}`), alias(oldName, 'AAAA')];
    expect(after(found).map((each) => each.alias)).toEqual([
      { dnsName: `dualstack.${balancer.dnsName}`, hostedZoneId: balancer.hostedZoneId, evaluateTargetHealth: true },
      { dnsName: balancer.dnsName, hostedZoneId: balancer.hostedZoneId, evaluateTargetHealth: true },
    ]);
  });

  test('that is weighted gives all of it to the other balancer, and as much as there was', () => {
    const found = [weighted(oldName, 100, 'west'), weighted(`dualstack.${balancer.dnsName}.`, 0, 'east')];
    expect(after(found).map(({ weight, setIdentifier }) => [setIdentifier, weight])).toEqual([
      ['west', 0],
      ['east', 100],
    ]);
  });

  test('that is weighted with nothing at all still moves', () => {
    const found = [weighted(oldName, 0, 'west'), weighted(balancer.dnsName, 0, 'east')];
    expect(after(found).map(({ weight }) => weight)).toEqual([0, 1]);
  });

  test.each<[string, readonly DnsRecord[] | undefined, string]>([
    ['cannot be read', undefined, 'cannot be read'],
    ['is not there', [], 'there is no record api.nano.example in zone Z1'],
    ['holds addresses', [{ ...cname('192.0.2.7'), type: 'A' }], 'holds addresses (A)'],
    ['is routed by latency', [{ ...alias(oldName), setIdentifier: 'w', region: 'us-west-2' }], 'routed by latency'],
    ['is weighted without the other balancer', [weighted(oldName, 1, 'west')], 'none of the weighted records'],
    [
      'is weighted in part',
      [weighted(oldName, 1, 'west'), { ...alias(balancer.dnsName), setIdentifier: 'e' }],
      'routed by latency',
    ],
  ])('that %s is not changed', (_what, found, reason) => {
    expect(planTraffic(byRecord, to, found, undefined)).toEqual({ reason: expect.stringContaining(reason) });
  });

  test('is not changed where the balancer that is to serve is not known', () => {
    const plan = planTraffic(byRecord, { region: 'us-east-1', balancer: undefined }, [cname(oldName)], undefined);
    expect(plan).toEqual({ reason: 'the load balancer in us-east-1 is not known (api.recovery)' });
  });

  test.each<[string, readonly DnsRecord[], string]>([
    ['leads there', [cname(balancer.dnsName.toUpperCase())], 'leads to us-east-1 already'],
    ['leads there by an alias', [alias(`dualstack.${balancer.dnsName}.`)], 'leads to us-east-1 already'],
    ['has all its weight there', [weighted(oldName, 0, 'w'), weighted(balancer.dnsName, 5, 'e')], 'already'],
    [
      'is a failover record',
      [
        { ...alias(oldName), setIdentifier: 'w', failover: 'PRIMARY' },
        { ...alias(balancer.dnsName), setIdentifier: 'e', failover: 'SECONDARY' },
      ],
      'Route 53 moves it by its health check',
    ],
  ])('that %s needs no change', (_what, found, done) => {
    expect(planTraffic(byRecord, to, found, undefined)).toMatchObject({ done: expect.stringContaining(done) });
  });

  test('is waited for as long as the longest TTL, an alias for a minute', () => {
    expect(longestTtlMs([])).toBe(60_000);
    expect(longestTtlMs([cname('x', { ttl: 5 }), alias('y')])).toBe(60_000);
    expect(longestTtlMs([cname('x', { ttl: 3_600 }), cname('x', { ttl: 60 })])).toBe(3_600_000);
  });

  const name = fc.constantFrom(oldName, balancer.dnsName, `dualstack.${balancer.dnsName}`, 'other.elb.amazonaws.com');
  const simple = fc.oneof(
    fc.tuple(name, fc.integer({ min: 1, max: 86_400 })).map(([value, ttl]) => [cname(value, { ttl })]),
    fc.tuple(name, name).map(([one, other]) => [alias(one), alias(other, 'AAAA')]),
    fc
      .tuple(fc.nat(255), fc.nat(255))
      .map(([one, other]) => [weighted(oldName, one, 'w'), weighted(balancer.dnsName, other, 'e')]),
  );

  test('once changed leads to the balancer with all that counts, needs no more change, and can be put back', () => {
    fc.assert(
      fc.property(simple, (found) => {
        const plan = planTraffic(byRecord, to, found, undefined);
        fc.pre('change' in plan);
        const { input } = changeIn(plan);
        const changed = input.kind === 'records' ? input.after : [];
        for (const each of changed) expect(leadsTo(each, balancer) || each.weight === 0).toBe(true);
        expect(planTraffic(byRecord, to, changed, undefined)).toHaveProperty('done');
        const back = reverseTraffic(changeIn(plan));
        expect(back?.input).toMatchObject({ before: changed, after: found });
        expect(back && reverseTraffic(back)?.input).toEqual(input);
      }),
    );
  });
});

const controls: TrafficSwitch = {
  mechanism: 'routing-control',
  hostedZoneId: 'Z1',
  record: 'api.nano.example',
  controls: { 'us-west-2': 'arn:x/west', 'us-east-1': 'arn:x/east' },
  endpoints: [{ region: 'us-east-2', url: 'https://a' }],
};

describe('routing controls', () => {
  test('are set all at once, on for the one region and off for the other', () => {
    const plan = planTraffic(controls, to, [], { 'arn:x/west': 'on', 'arn:x/east': 'off' });
    expect(plan).toMatchObject({
      change: {
        operation: 'route53-recovery-cluster:UpdateRoutingControlStates',
        region: 'us-east-2',
        before: { west: 'on', east: 'off' },
        after: { west: 'off', east: 'on' },
      },
    });
  });

  test.each([
    ['both are on', { 'arn:x/west': 'on', 'arn:x/east': 'on' } as const],
    ['both are off', { 'arn:x/west': 'off', 'arn:x/east': 'off' } as const],
    ['one is not told', { 'arn:x/west': 'on' } as const],
  ])('are set where %s', (_what, states) => {
    expect(planTraffic(controls, to, [], states)).toMatchObject({ change: { after: { west: 'off', east: 'on' } } });
  });

  test('that are so already are left alone, and where no endpoint answers nothing is planned', () => {
    expect(planTraffic(controls, to, [], { 'arn:x/west': 'off', 'arn:x/east': 'on' })).toMatchObject({
      done: 'the controls are on us-east-1 already',
    });
    expect(planTraffic(controls, to, [], undefined)).toEqual({ reason: 'no endpoint of the routing controls answers' });
  });
});

const object = { region: 'us-east-1', bucket: 'nano-dr', key: 'primary-serves' };
const byObject: TrafficSwitch = {
  mechanism: 'health-check',
  hostedZoneId: 'Z1',
  record: 'api.nano.example',
  healthCheckId: 'hc-1',
  switchObject: object,
};

describe('the object that a health check watches', () => {
  test.each([
    ['us-east-1', 'on', 's3:DeleteObject'],
    ['us-west-2', 'off', 's3:PutObject'],
  ] as const)('to %s: it was %s', (region, state, operation) => {
    const plan = planTraffic(byObject, { region, balancer: undefined }, undefined, { object: state });
    expect(plan).toMatchObject({
      change: { operation, region: 'us-east-1', resource: 'nano-dr/primary-serves', input: { kind: 'object', object } },
    });
    expect('change' in plan && plan.change.summary).toContain('keeps traffic away from us-east-1');
    expect('change' in plan && plan.change.summary).toContain(`${region} serves`);
  });

  test.each([
    ['us-east-1', 'off'],
    ['us-west-2', 'on'],
  ] as const)('is left alone to %s where it is %s', (region, state) => {
    const plan = planTraffic(byObject, { region, balancer: undefined }, undefined, { object: state });
    expect(plan).toMatchObject({ done: `traffic is switched to ${region} already` });
  });

  test('that cannot be looked at is not changed', () => {
    expect(planTraffic(byObject, to, undefined, undefined)).toHaveProperty('reason');
  });
});

const planned = {
  records: changeOf([cname(oldName)]),
  controls: changeIn(planTraffic(controls, to, [], { 'arn:x/west': 'on', 'arn:x/east': 'off' })),
  object: changeIn(planTraffic(byObject, to, [], { object: 'on' })),
};

function changeIn(plan: ReturnType<typeof planTraffic>): Change<TrafficInput> {
  if (!('change' in plan)) throw new Error('no change');
  return plan.change;
}

describe('putting it back', () => {
  test.each(['records', 'controls', 'object'] as const)('of %s is its own inverse', (kind) => {
    const back = reverseTraffic(planned[kind]);
    expect(back?.operation).toBe(kind === 'object' ? 's3:PutObject' : planned[kind].operation);
    expect(back?.before).toEqual(planned[kind].after);
    expect(back?.after).toEqual(planned[kind].before);
    const again = back && reverseTraffic(back);
    expect(again?.input).toEqual(planned[kind].input);
    expect(again?.operation).toBe(planned[kind].operation);
  });

  test.each(['records', 'controls', 'object'] as const)('is not done to %s that is to stay', (kind) => {
    const change = planned[kind];
    expect(reverseTraffic({ ...change, input: { ...change.input, stays: true } })).toBeUndefined();
  });
});

describe('how it stands', () => {
  test.each([
    ['not-started', [cname(oldName)]],
    ['done', [cname(balancer.dnsName)]],
    ['drifted', [cname('third.elb.amazonaws.com')]],
    ['drifted', [cname(balancer.dnsName, { ttl: 5 })]],
    ['drifted', []],
  ] as const)('the record: %s', async (state, records) => {
    expect(await lookAtTraffic(planned.records, looking({ records }))).toMatchObject({ state });
  });

  test('does not depend on the order in which Route 53 lists', async () => {
    const found = [alias(oldName), alias(oldName, 'AAAA')];
    const change = changeOf(found);
    const changed = after(found).toReversed();
    expect(isSame(changed, after(found))).toBe(false);
    expect(await lookAtTraffic(change, looking({ records: changed }))).toMatchObject({ state: 'done' });
    expect(await lookAtTraffic(change, looking({ records: found.toReversed() }))).toMatchObject({
      state: 'not-started',
    });
  });

  test.each([
    ['not-started', { 'arn:x/west': 'on', 'arn:x/east': 'off' }],
    ['done', { 'arn:x/west': 'off', 'arn:x/east': 'on' }],
    ['drifted', { 'arn:x/west': 'on', 'arn:x/east': 'on' }],
    ['drifted', { 'arn:x/west': 'off', 'arn:x/east': 'off' }],
  ] as const)('the controls: %s', async (state, routingControls) => {
    expect(await lookAtTraffic(planned.controls, looking({ routingControls }))).toMatchObject({ state });
  });

  test.each([
    ['not-started', true],
    ['done', false],
  ] as const)('the object: %s', async (state, objectExists) => {
    expect(await lookAtTraffic(planned.object, looking({ objectExists }))).toMatchObject({ state });
  });
});

describe('waiting until it is everywhere', () => {
  const isThere = { records: [cname(balancer.dnsName)] };
  const done = { receipt: { changeId: 'C1' }, at: nowMs };

  test.each([
    ['pending', 'waiting', 'PENDING'],
    ['insync', 'reached', 'INSYNC'],
  ] as const)('asks Route 53 by the receipt: %s', async (recordChangeState, state, word) => {
    const seen = await pollTraffic(planned.records, done, looking({ ...isThere, recordChangeState }));
    expect(seen).toMatchObject({ state, detail: expect.stringContaining(word) });
  });

  test.each([
    [0, 'waiting'],
    [59_999, 'waiting'],
    [60_000, 'reached'],
  ] as const)('without a receipt waits a minute: after %d ms %s', async (laterMs, state) => {
    const seen = await pollTraffic(planned.records, { at: nowMs }, looking(isThere, nowMs + laterMs));
    expect(seen).toMatchObject({ state });
  });

  test.each([
    ['put back', [cname(oldName)]],
    ['changed', [cname('third.elb.amazonaws.com')]],
  ])('fails where somebody else has %s it', async (_what, records) => {
    const seen = await pollTraffic(planned.records, done, looking({ records }));
    expect(seen).toMatchObject({ state: 'failed', detail: expect.stringContaining('somebody else') });
  });

  test('of controls goes on where an endpoint does not know of it yet, and fails where they are otherwise', async () => {
    const told = (west: 'on' | 'off', east: 'on' | 'off') =>
      looking({ routingControls: { 'arn:x/west': west, 'arn:x/east': east } });
    expect(await pollTraffic(planned.controls, { at: nowMs }, told('on', 'off'))).toMatchObject({ state: 'waiting' });
    expect(await pollTraffic(planned.controls, { at: nowMs }, told('on', 'on'))).toMatchObject({ state: 'failed' });
    expect(await pollTraffic(planned.controls, { at: nowMs }, told('off', 'on'))).toMatchObject({ state: 'reached' });
  });

  test('of the object ends when it is so', async () => {
    expect(await pollTraffic(planned.object, { at: nowMs }, looking({ objectExists: false }))).toMatchObject({
      state: 'reached',
      output: { at: nowMs },
    });
  });
});

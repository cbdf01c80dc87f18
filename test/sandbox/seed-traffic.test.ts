/** A model's traffic goes where the live stack's records lead, under the names that its load balancers have. */
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { expect, test } from 'vitest';
import type { DnsRecord } from '../../src/cloud/recovery-facts.ts';
import type { Stack } from '../../src/cloud/stack.ts';
import { sandboxStack, sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import type { CapturedTraffic } from '../../src/sandbox/world/seed-traffic.ts';
import { seedWorld } from '../../src/sandbox/world/seed-world.ts';
import { clientsAt } from '../../src/sandbox/world/traffic.ts';
import { reopened } from './services/opened.ts';

const west = 'live-alb-1234567890.us-west-2.elb.amazonaws.com';
const east = 'live-alb-dr-987654321.us-east-1.elb.amazonaws.com';
const name = 'api.nano.example';

const alias = (dnsName: string, extra: Partial<DnsRecord>): DnsRecord => ({
  name,
  type: 'A',
  values: [],
  alias: { dnsName: `dualstack.${dnsName}`, hostedZoneId: 'Z1', evaluateTargetHealth: true },
  ...extra,
});

const weighted = (primary: number, recovery: number) => [
  alias(west, { setIdentifier: 'west', weight: primary }),
  alias(east, { setIdentifier: 'east', weight: recovery }),
];

function seededWith(traffic: CapturedTraffic, stack: Stack = sandboxStack) {
  return seedWorld(stack, { primary: {}, recovery: {}, traffic }, { seed: 3, startMs: sandboxStartMs });
}

test('weighted aliases: told as they were read, and followed', async () => {
  const records = weighted(100, 0);
  const inventory = seededWith({
    records,
    balancers: { primary: { dnsName: west.toUpperCase() }, recovery: { dnsName: east } },
  });
  expect(clientsAt(inventory, sandboxStartMs)).toEqual({ primary: 1, recovery: 0 });
  const client = new Route53Client(reopened({ inventory }).settings('us-east-1'));
  const { ResourceRecordSets = [] } = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: 'Z0123456789NANOEXAMPL', StartRecordName: name }),
  );
  expect(ResourceRecordSets).toMatchObject([
    { Name: `${name}.`, SetIdentifier: 'east', Weight: 0, AliasTarget: { DNSName: `dualstack.${east}.` } },
    { Name: `${name}.`, SetIdentifier: 'west', Weight: 100, AliasTarget: { DNSName: `dualstack.${west}.` } },
  ]);
});

test('the balancer of a region that could not be asked is the one that the records name there', () => {
  const inventory = seededWith({ records: weighted(0, 100), balancers: { recovery: { dnsName: east } } });
  expect(inventory.primary.balancerDnsName).toBe(west);
  expect(clientsAt(inventory, sandboxStartMs)).toEqual({ primary: 0, recovery: 1 });
});

test('without records the model’s own lead to the balancers that were read', () => {
  const inventory = seededWith({ balancers: { primary: { dnsName: west } } });
  expect(inventory.traffic.records).toMatchObject([{ name, type: 'CNAME', ttl: 60, values: [west] }]);
  expect(clientsAt(inventory, sandboxStartMs)).toEqual({ primary: 1, recovery: 0 });
});

test('routing controls and the switch object stand as they were read', () => {
  const panel = 'arn:aws:route53-recovery-control::123456789012:controlpanel/aa/routingcontrol';
  const record = { hostedZoneId: 'Z0123456789NANOEXAMPL', record: name };
  const thrown = seededWith(
    { routingControls: { [`${panel}/w`]: 'off', [`${panel}/e`]: 'on' } },
    {
      ...sandboxStack,
      traffic: {
        ...record,
        mechanism: 'routing-control',
        controls: { 'us-west-2': `${panel}/w`, 'us-east-1': `${panel}/e` },
        endpoints: [],
      },
    },
  );
  expect(clientsAt(thrown, sandboxStartMs)).toEqual({ primary: 0, recovery: 1 });
  const watched: Stack = {
    ...sandboxStack,
    traffic: {
      ...record,
      mechanism: 'health-check',
      healthCheckId: '0d9f8e7c-6b5a-4a4b-8c3d-2e1f0a9b8c7d',
      switchObject: { region: 'us-east-1', bucket: 'nano-switch', key: 'primary-serves' },
    },
  };
  expect(clientsAt(seededWith({ switchObject: true }, watched), sandboxStartMs)).toEqual({ primary: 1, recovery: 0 });
  expect(clientsAt(seededWith({ switchObject: false }, watched), sandboxStartMs)).toEqual({ primary: 0, recovery: 1 });
});

test('failover records with checks that were read: one that is disabled holds traffic where it is', () => {
  const failover = (values: string, extra: Partial<DnsRecord>): DnsRecord => ({
    name,
    type: 'CNAME',
    ttl: 60,
    values: [values],
    ...extra,
  });
  const records = [
    failover(west, { setIdentifier: 'west', failover: 'PRIMARY', healthCheckId: 'check' }),
    failover(east, { setIdentifier: 'east', failover: 'SECONDARY' }),
  ];
  const check = { id: 'check', type: 'HTTPS', inverted: false, observations: [] };
  const share = (disabled: boolean) => {
    const inventory = seededWith({
      records,
      healthChecks: [{ ...check, disabled }],
      balancers: { primary: { dnsName: west }, recovery: { dnsName: east } },
    });
    const down = { effect: 'region-down', region: 'primary', from: sandboxStartMs, rampMs: 0 } as const;
    return clientsAt({ ...inventory, faults: [down] }, sandboxStartMs + 10 * 60_000);
  };
  expect(share(true)).toEqual({ primary: 1, recovery: 0 });
  expect(share(false)).toEqual({ primary: 0, recovery: 1 });
});

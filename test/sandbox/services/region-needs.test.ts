/** What a region needs to take over is there in both, under the stack's own names; and each of it can be missing. */
import { describe, expect, test } from 'vitest';
import type { RegionalStack, Stack } from '../../../src/cloud/stack.ts';
import { sandboxStack } from '../../../src/sandbox/sandbox.ts';
import { struck, type Struck } from './struck.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const ownStack: Stack = {
  service: 'orders-api',
  environment: 'live',
  account: '444455556666',
  primary: {
    region: 'eu-west-1',
    api: { region: 'eu-west-1', loadBalancer: 'app/orders/0123456789abcdef', targetGroup: 'targetgroup/orders/01' },
    compute: { region: 'eu-west-1', cluster: 'shop', service: 'orders' },
    database: { region: 'eu-west-1', cluster: 'orders-db' },
    cache: { region: 'eu-west-1', replicationGroup: 'orders-redis' },
    storage: { region: 'eu-west-1', bucket: 'orders-files' },
  },
  recovery: {
    region: 'eu-central-1',
    api: {
      region: 'eu-central-1',
      loadBalancer: 'app/orders-2/fedcba9876543210',
      targetGroup: 'targetgroup/orders-2/02',
    },
    compute: { region: 'eu-central-1', cluster: 'shop-2', service: 'orders' },
    database: { region: 'eu-central-1', cluster: 'orders-db-2' },
    cache: { region: 'eu-central-1', replicationGroup: 'orders-redis-2' },
    storage: { region: 'eu-central-1', bucket: 'orders-files-2' },
  },
  globalCluster: 'orders-world',
  traffic: { mechanism: 'records', hostedZoneId: 'Z0ORDERS', record: 'orders.shop.example' },
  sessionsTable: 'orders-carts',
};

function half(
  stack: Stack,
  side: 'primary' | 'recovery',
): Required<Omit<RegionalStack, 'logs' | 'tracing' | 'business'>> {
  const { region, api, compute, database, cache, storage } =
    (side === 'primary' ? stack.primary : stack.recovery) ?? stack.primary;
  if (api === undefined || compute === undefined || database === undefined) throw new Error('the stack has gaps');
  if (cache === undefined || storage === undefined) throw new Error('the stack has gaps');
  return { region, api, compute, database, cache, storage };
}

/** All that a region's half says of itself, in short. */
async function told({ facts, stack, startMs }: Struck, side: 'primary' | 'recovery') {
  const { region, api, compute, database, cache } = half(stack, side);
  const other = half(stack, side === 'primary' ? 'recovery' : 'primary');
  const service = await facts.serviceState(compute);
  const definition = await facts.taskDefinition(region, service.taskDefinition);
  const balancer = await facts.loadBalancer(api);
  const certificates = balancer.listeners.flatMap((listener) => listener.certificates);
  const health = await facts.targetHealth(api);
  const copied = await facts.bucketReplication(other.storage);
  const gone = (reason: unknown) => ({ status: (reason as { kind?: unknown }).kind });
  const [images, secrets, validTo, cacheState, table, snapshots, copies] = await Promise.all([
    Promise.all(definition.images.map((image) => facts.imageExists(region, image))),
    Promise.all(definition.secrets.map((secret) => facts.secretExists(region, secret))),
    Promise.all(certificates.map((arn) => facts.certificate(region, arn))),
    facts.cacheState(cache).catch(gone),
    facts.tableState({ region, table: stack.sessionsTable ?? '' }).catch(gone),
    facts.clusterSnapshots(database),
    facts.clusterSnapshots({ region, cluster: other.database.cluster }),
  ]);
  return {
    definition: definition.status,
    images,
    secrets,
    balancer: balancer.state,
    ports: balancer.listeners.map(({ port }) => port),
    certificates: validTo.map(({ status, expiresAt = 0 }) => [status, Math.round((expiresAt - startMs) / DAY)]),
    healthy: new Set(health.map((target) => target.state)),
    replicatedFrom: copied.rules.filter((rule) => rule.enabled && rule.metrics).map((rule) => rule.destination),
    versioning: copied.versioning,
    cache: cacheState.status,
    table: table.status,
    snapshots: snapshots.length,
    copies: copies.length,
  };
}

const well = {
  definition: 'ACTIVE',
  images: [true],
  secrets: [true, true],
  balancer: 'active',
  ports: [443, 80],
  certificates: [['ISSUED', 140]],
  healthy: new Set(['healthy']),
  versioning: 'Enabled',
  cache: 'available',
  table: 'ACTIVE',
  snapshots: 35,
};

describe.each([
  ['the sandbox’s own', sandboxStack],
  ['a user’s', ownStack],
])('%s stack', (_whose, stack) => {
  test('lacks nothing in either region', async () => {
    const world = struck([], stack);
    expect(await told(world, 'primary')).toEqual({
      ...well,
      replicatedFrom: [half(stack, 'primary').storage.bucket],
      copies: 0,
    });
    expect(await told(world, 'recovery')).toEqual({
      ...well,
      replicatedFrom: [half(stack, 'recovery').storage.bucket],
      copies: 7,
    });
  });

  test('has a certificate in each region that covers its record, and an image of its own registry', async () => {
    const { facts } = struck([], stack);
    const arns: string[] = [];
    for (const side of ['primary', 'recovery'] as const) {
      const { region, api, compute } = half(stack, side);
      const { listeners } = await facts.loadBalancer(api);
      const [arn = ''] = listeners.find(({ protocol }) => protocol === 'HTTPS')?.certificates ?? [];
      arns.push(arn);
      expect(arn).toContain(`:acm:${region}:${stack.account ?? ''}:certificate/`);
      const { names } = await facts.certificate(region, arn);
      expect(names).toContain(`*.${stack.traffic?.record.split('.').slice(1).join('.') ?? ''}`);
      const { taskDefinition } = await facts.serviceState(compute);
      const { images, secrets } = await facts.taskDefinition(region, taskDefinition);
      expect(images[0]).toContain(`${stack.account ?? ''}.dkr.ecr.${region}.amazonaws.com/${compute.service}:`);
      for (const secret of secrets) expect(secret).toContain(`:${region}:${stack.account ?? ''}:`);
    }
    expect(new Set(arns).size).toBe(2);
  });

  test('has sessions in both regions, each of which names the other', async () => {
    const { facts } = struck([], stack);
    const table = stack.sessionsTable ?? '';
    for (const [side, other] of [
      ['primary', 'recovery'],
      ['recovery', 'primary'],
    ] as const) {
      const { replicas } = await facts.tableState({ region: half(stack, side).region, table });
      expect(replicas).toEqual([{ region: half(stack, other).region, status: 'ACTIVE' }]);
    }
  });
});

describe.each([
  ['image', { images: [false] }],
  ['secret', { secrets: [false, true] }],
  ['certificate', { ports: [80], certificates: [] }],
  ['target-health', { healthy: new Set(['unhealthy']) }],
  ['cache', { cache: 'not-found' }],
  ['table-replica', { table: 'not-found' }],
  ['bucket-replication', { replicatedFrom: [] }],
  ['snapshots', { snapshots: 0, copies: 0 }],
] as const)('missing: %s', (what, less) => {
  test.each(['primary', 'recovery'] as const)('in the %s region alone, from a time on', async (side) => {
    const other = side === 'primary' ? 'recovery' : 'primary';
    const world = struck([`effect: missing, what: ${what}, region: ${side}, from: 30m, to: 60m`]);
    const before = await told(world, side);
    const beside = await told(world, other);
    await world.clock.sleep(0.75 * HOUR);
    expect(await told(world, side)).toEqual({ ...before, ...less });
    expect(await told(world, other)).toEqual(beside);
    await world.clock.sleep(HOUR);
    expect(await told(world, side)).toEqual(before);
  });
});

test('a table whose replica is missing is in one region, and no global table', async () => {
  const { facts } = struck(['effect: missing, what: table-replica, from: -1h']);
  expect((await facts.tableState({ region: 'us-west-2', table: 'nano-sessions' })).replicas).toEqual([]);
});

test('only the newest release’s image did not get there', async () => {
  const { facts, world } = struck(['effect: missing, what: image, from: -1h']);
  const images = world.inventory.recovery.taskDefinitions.map(({ image }) => image);
  expect(await Promise.all(images.map((image) => facts.imageExists('us-east-1', image)))).toEqual([true, true, false]);
});

test('a certificate that is not renewed ends when the scenario says', async () => {
  const { facts, clock, startMs, stack } = struck(['effect: certificate-expiring, from: -2h, days: 3']);
  const recovery = half(stack, 'recovery');
  const [arn = ''] = (await facts.loadBalancer(recovery.api)).listeners.flatMap((each) => each.certificates);
  const ends = startMs - 2 * HOUR + 3 * DAY;
  expect(await facts.certificate('us-east-1', arn)).toMatchObject({ status: 'ISSUED', expiresAt: ends });
  await clock.sleep(3 * DAY);
  expect(await facts.certificate('us-east-1', arn)).toMatchObject({ status: 'EXPIRED', expiresAt: ends });
  const primary = half(stack, 'primary');
  const [other = ''] = (await facts.loadBalancer(primary.api)).listeners.flatMap((each) => each.certificates);
  expect(await facts.certificate('us-west-2', other)).toMatchObject({ status: 'ISSUED' });
});

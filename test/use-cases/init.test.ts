/** `discover` in accounts of other shapes: many services, a person who answers, calls that are refused, many buckets. */
import { describe, expect, test } from 'vitest';
import { CloudError, type CloudErrorKind } from '../../src/cloud/errors.ts';
import type { FoundService, Inventory } from '../../src/cloud/inventory.ts';
import { NanoopsError } from '../../src/errors.ts';
import type { Question } from '../../src/use-cases/init/desk.ts';
import { discover } from '../../src/use-cases/init/discover.ts';
import type { DiscoverWanted } from '../../src/use-cases/init/look.ts';

const service = (name: string): FoundService => ({
  cluster: 'shop',
  service: name,
  taskDefinition: `arn:aws:ecs:us-west-2:123456789012:task-definition/${name}:1`,
  targetGroups: [],
  securityGroups: [],
  tags: {},
});

/** An account with a service and nothing else, but for what is given. */
const account = (more: Partial<Inventory>): Inventory => ({
  account: async () => '123456789012',
  services: async () => ({ services: [service('shop-api')], left: 0 }),
  version: async () => ({ logGroups: [], secrets: [] }),
  mostTasks: async () => undefined,
  loadBalancers: async () => [],
  targetGroups: async () => [],
  isEncrypted: async () => true,
  databases: async () => [],
  globalDatabases: async () => [],
  caches: async () => [],
  admittedBy: async () => new Map(),
  buckets: async () => [],
  copiesOf: async () => [],
  records: async () => ({ records: [], cutOff: [] }),
  distributions: async () => [],
  tables: async () => [],
  logGroups: async () => [],
  tracedServices: async () => [],
  namespacesOf: async () => [],
  ...more,
});

const look = (inventory: Inventory, more: Partial<DiscoverWanted> = {}) =>
  discover({ inventory, region: 'us-west-2', nowMs: 0, said: new Map(), ...more });

const many = account({
  services: async () => ({
    services: Array.from({ length: 200 }, (_each, index) => service(`svc-${String(index).padStart(3, '0')}`)),
    left: 0,
  }),
});

const refused = (kind: CloudErrorKind) => () =>
  Promise.reject(
    new CloudError(kind, 'the caller may not', {
      service: 'elasticache',
      operation: 'DescribeReplicationGroups',
      region: 'us-west-2',
      iamAction: 'elasticache:DescribeReplicationGroups',
      nextStep: '',
    }),
  );

test('of two hundred services, with nobody to ask, the first dozen are listed, and how many more there are', async () => {
  const error: unknown = await look(many).catch((thrown: unknown) => thrown);
  if (!(error instanceof NanoopsError)) throw error;
  expect(error.message).toBe('200 ECS services in us-west-2 could be the one, and nothing says which');
  expect(error.exitCode).toBe(3);
  expect(error.details).toHaveLength(13);
  expect(error.details.at(-1)).toBe('and 188 more');
});

test('a person is offered all of them, and asked for nothing that is clear', async () => {
  const asked: Question[] = [];
  const ask = async (question: Question) => {
    asked.push(question);
    return question.key === 'compute.service' ? 'shop/svc-042' : undefined;
  };
  const { findings } = await look(many, { ask });
  expect(asked.map(({ key, choices, none }) => [key, choices.length, none])).toEqual([
    ['compute.service', 200, undefined],
    ['regions.recovery', 11, 'there is none'],
  ]);
  expect(findings).toContainEqual({
    key: 'compute.service',
    kind: 'found',
    value: 'svc-042',
    why: 'as you chose',
  });
});

test('a service is said with its cluster or without', async () => {
  for (const name of ['svc-007', 'shop/svc-007']) {
    const { findings } = await look(many, { said: new Map([['compute.service', name]]) });
    expect(findings).toContainEqual(expect.objectContaining({ key: 'compute.service', value: 'svc-007' }));
  }
});

test('a part that is refused is told with its action, where it would stand', async () => {
  const { findings, unseen } = await look(account({ caches: refused('permission') }));
  const action = 'elasticache:DescribeReplicationGroups';
  expect(unseen).toEqual([{ part: 'cache', region: 'us-west-2', iamAction: action, message: 'the caller may not' }]);
  expect(findings).toContainEqual({
    key: 'cache.replicationGroup',
    kind: 'absent',
    why: `could not be looked at: needs ${action}`,
  });
});

test('one that is throttled is told without an action', async () => {
  const { unseen } = await look(account({ caches: refused('throttled') }));
  expect(unseen).toEqual([{ part: 'cache', region: 'us-west-2', message: 'the caller may not' }]);
});

test('credentials that do not hold end it', async () => {
  await expect(look(account({ caches: refused('credentials-expired') }))).rejects.toThrow(CloudError);
});

test('services that were not looked at are told', async () => {
  const cut = account({ services: async () => ({ services: [service('shop-api')], left: 400 }) });
  const { unseen } = await look(cut);
  expect(unseen).toEqual([
    {
      part: 'compute',
      region: 'us-west-2',
      message: '400 more ECS services in us-west-2 were not looked at: name the cluster with --cluster',
    },
  ]);
});

test('of many buckets those of the nearest names are asked for their copies, and it is said', async () => {
  const asked: string[] = [];
  const names = [...Array.from({ length: 90 }, (_each, index) => `other-${index}`), 'shop-files'];
  const { notes, findings } = await look(
    account({
      buckets: async () => names.map((bucket) => ({ bucket, region: 'us-west-2' })),
      copiesOf: async ({ bucket }) => {
        asked.push(bucket);
        return [];
      },
    }),
  );
  expect(asked).toHaveLength(40);
  expect(asked).toContain('shop-files');
  expect(notes).toEqual([
    '91 buckets are in us-west-2: the 40 whose names are nearest to the service\u2019s were looked at',
  ]);
  expect(findings).toContainEqual(expect.objectContaining({ key: 'storage.bucket', value: 'shop-files' }));
});

describe('a database that another region writes', () => {
  const cluster = {
    cluster: 'shop-db',
    arn: 'arn:aws:rds:us-west-2:123456789012:cluster:shop-db',
    engine: 'aurora-mysql',
    securityGroups: [],
    replicas: [],
    tags: {},
  };
  const members = [
    { region: 'us-east-1', cluster: 'shop-db-east', isWriter: true },
    { region: 'us-west-2', cluster: 'shop-db', isWriter: false },
  ];
  test('is taken, with a word about the region', async () => {
    const { notes, regions } = await look(
      account({
        databases: async () => [cluster],
        globalDatabases: async () => [{ globalCluster: 'shop-global', members }],
      }),
    );
    expect(notes).toEqual([
      'shop-global is written in us-east-1, not in us-west-2: if the stack serves from there, type --region us-east-1',
    ]);
    expect(regions).toEqual({ primary: 'us-west-2', recovery: 'us-east-1' });
  });
});

test('what was said of something that is not there is an error', async () => {
  await expect(look(account({}), { said: new Map([['sessions.table', 'x']]) })).rejects.toThrow(
    'sessions.table: there is no x among what was found',
  );
});

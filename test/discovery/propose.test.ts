/** What speaks for each part of a stack, in accounts that hold more than one: a table for each ambiguity. */
import { describe, expect, test } from 'vitest';
import type {
  FoundCache,
  FoundDatabase,
  FoundLoadBalancer,
  FoundRecord,
  FoundService,
  FoundTargetGroup,
} from '../../src/cloud/inventory.ts';
import { choose, type Candidate } from '../../src/discovery/choose.ts';
import { environmentIn, sharedTags, sharedWords } from '../../src/discovery/names.ts';
import * as propose from '../../src/discovery/propose.ts';

const outcome = <T>(candidates: readonly Candidate<T>[]): string => {
  const choice = choose(candidates);
  if (choice.kind === 'chosen') return choice.candidate.name;
  return choice.kind === 'none' ? 'none' : `open: ${choice.candidates.map(({ name }) => name).join(' ')}`;
};

const service = (name: string, more: Partial<FoundService> = {}): FoundService => ({
  cluster: 'shop',
  service: name,
  targetGroups: [],
  securityGroups: ['sg-service'],
  tags: {},
  ...more,
});
const balancer = (name: string, more: Partial<FoundLoadBalancer> = {}): FoundLoadBalancer => ({
  loadBalancer: `app/${name}/1`,
  dnsName: `${name}.elb.amazonaws.com`,
  isPublic: true,
  ...more,
});
const group = (name: string, ...balancers: readonly string[]): FoundTargetGroup => ({
  targetGroup: `targetgroup/${name}/1`,
  loadBalancers: balancers.map((each) => `app/${each}/1`),
});
const record = (name: string, targets: readonly string[], more: Partial<FoundRecord> = {}): FoundRecord => ({
  hostedZoneId: 'Z1',
  isPrivate: false,
  record: name,
  targets: targets.map((each) => `${each}.elb.amazonaws.com`),
  ...more,
});
const database = (cluster: string, more: Partial<FoundDatabase> = {}): FoundDatabase => ({
  cluster,
  arn: `arn:aws:rds:us-west-2:123456789012:cluster:${cluster}`,
  engine: 'aurora-mysql',
  securityGroups: [],
  replicas: [],
  tags: {},
  ...more,
});
const cache = (replicationGroup: string, more: Partial<FoundCache> = {}): FoundCache => ({
  replicationGroup,
  securityGroups: [],
  logGroups: [],
  ...more,
});
const behind = (name: string): FoundService => service(name, { targetGroups: [`targetgroup/${name}/1`] });

describe('the service', () => {
  const cases: readonly (readonly [
    string,
    {
      services: readonly FoundService[];
      balancers?: readonly FoundLoadBalancer[];
      groups?: readonly FoundTargetGroup[];
      records?: readonly FoundRecord[];
    },
    string,
  ])[] = [
    ['none at all', { services: [] }, 'none'],
    ['the only one, behind nothing', { services: [service('worker')] }, 'shop/worker'],
    [
      'one of them is behind a balancer',
      { services: [service('worker'), behind('api')], balancers: [balancer('alb')], groups: [group('api', 'alb')] },
      'shop/api',
    ],
    [
      'one answers the public, the other within',
      {
        services: [behind('admin'), behind('api')],
        balancers: [balancer('alb'), balancer('inner', { isPublic: false })],
        groups: [group('api', 'alb'), group('admin', 'inner')],
      },
      'shop/api',
    ],
    [
      'a record leads to one of them',
      {
        services: [behind('web'), behind('api')],
        balancers: [balancer('alb'), balancer('other')],
        groups: [group('api', 'alb'), group('web', 'other')],
        records: [record('api.shop.example', ['alb'])],
      },
      'shop/api',
    ],
    [
      'a record of a private zone is nothing that clients follow',
      {
        services: [behind('web'), behind('api')],
        balancers: [balancer('alb'), balancer('other')],
        groups: [group('api', 'alb'), group('web', 'other')],
        records: [record('api.shop.internal', ['alb'], { isPrivate: true })],
      },
      'open: shop/api shop/web',
    ],
    [
      'both are behind the one public balancer',
      {
        services: [behind('web'), behind('api')],
        balancers: [balancer('alb')],
        groups: [group('api', 'alb'), group('web', 'alb')],
        records: [record('shop.example', ['alb'])],
      },
      'open: shop/api shop/web',
    ],
    ['workers only', { services: [service('b'), service('a')] }, 'open: shop/a shop/b'],
    [
      'a network balancer is none that nanoops reads',
      {
        services: [behind('tcp'), service('other')],
        balancers: [balancer('nlb', { loadBalancer: 'net/nlb/1' })],
        groups: [{ targetGroup: 'targetgroup/tcp/1', loadBalancers: ['net/nlb/1'] }],
      },
      'open: shop/other shop/tcp',
    ],
  ];
  test.each(cases)('%s', (_case, { services, balancers = [], groups = [], records = [] }, expected) => {
    expect(outcome(propose.serviceCandidates(services, balancers, groups, records))).toBe(expected);
  });
});

describe('the load balancer', () => {
  const two = { ...service('shop-api'), targetGroups: ['targetgroup/shop-api/1', 'targetgroup/inner/1'] };
  const groups = [group('shop-api', 'alb'), group('inner', 'inner')];
  test.each([
    ['of two, the public one', [balancer('alb'), balancer('inner', { isPublic: false })], 'app/alb/1'],
    ['of two that are alike, by the target group’s name', [balancer('alb'), balancer('inner')], 'app/alb/1'],
  ])('%s', (_case, balancers, expected) => {
    expect(outcome(propose.apiCandidates({ service: two }, balancers, groups, []))).toBe(expected);
  });

  test('where no target group ties one to the service, names decide, and not between equals', () => {
    const known = { service: service('shop-api') };
    expect(outcome(propose.apiCandidates(known, [balancer('shop-alb'), balancer('blog')], [], []))).toBe(
      'app/shop-alb/1',
    );
    expect(outcome(propose.apiCandidates(known, [balancer('blog'), balancer('wiki')], [], []))).toBe(
      'open: app/blog/1 app/wiki/1',
    );
  });
});

describe('the database', () => {
  const admitted = new Map([
    ['sg-db', ['sg-service']],
    ['sg-other', ['sg-elsewhere']],
  ]);
  const secret = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:rds!cluster-1';
  const known = {
    service: service('shop-api', { tags: { project: 'shop', Name: 'x' } }),
    version: { logGroups: [], secrets: [`${secret}:password::`] },
  };
  test.each([
    [
      'let in by its security group, whatever the name',
      [database('legacy', { securityGroups: ['sg-db'] }), database('shop-db')],
      'legacy',
    ],
    [
      'another’s security group says nothing',
      [database('legacy', { securityGroups: ['sg-other'] }), database('shop-db')],
      'shop-db',
    ],
    [
      'the secret that it is started with counts more',
      [database('a', { securityGroups: ['sg-db'] }), database('b', { secret })],
      'b',
    ],
    [
      'the service’s tag',
      [database('a', { tags: { project: 'shop' } }), database('b', { tags: { project: 'blog' } })],
      'a',
    ],
    ['another tag says nothing', [database('a', { tags: { Name: 'x' } }), database('b')], 'open: a b'],
    ['names that are as near', [database('shop-db'), database('shop-reports')], 'open: shop-db shop-reports'],
    ['one that stands by is not the one that serves', [database('shop-db-dr'), database('shop-db')], 'shop-db'],
  ])('%s', (_case, databases, expected) => {
    expect(outcome(propose.databaseCandidates(known, databases, admitted))).toBe(expected);
  });

  test('with environments in the names, that of the service counts', () => {
    const of = { service: service('shop-api-staging') };
    const databases = [database('shop-db-prod'), database('shop-db-staging')];
    expect(outcome(propose.databaseCandidates(of, databases, new Map()))).toBe('shop-db-staging');
  });

  test('a secret whose name begins alike is another secret', () => {
    const of = { service: service('shop-api'), version: { logGroups: [], secrets: [`${secret}2`] } };
    expect(outcome(propose.databaseCandidates(of, [database('a', { secret }), database('b')], new Map()))).toBe(
      'open: a b',
    );
  });
});

test('the cache that lets the service in', () => {
  const known = { service: service('shop-api') };
  const admitted = new Map([['sg-cache', ['sg-service']]]);
  const caches = [cache('shop-cache'), cache('sessions', { securityGroups: ['sg-cache'] })];
  expect(outcome(propose.cacheCandidates(known, caches, admitted))).toBe('sessions');
});

describe('the bucket', () => {
  const known = { service: service('shop-api') };
  const bucket = (name: string, ...copies: readonly string[]) => ({ bucket: name, region: 'us-west-2', copies });
  test.each([
    ['copied, and of the name', [bucket('shop-files', 'shop-files-dr'), bucket('blog-files')], 'shop-files'],
    ['of two of the name, the one that is copied', [bucket('shop-files', 'x'), bucket('shop-media')], 'shop-files'],
    ['copied against of the name', [bucket('a', 'a-dr'), bucket('shop-files')], 'open: a shop-files'],
    ['logs of load balancers are no uploads', [bucket('shop-alb-logs'), bucket('shop-files')], 'shop-files'],
    ['two of the name', [bucket('shop-files'), bucket('shop-media')], 'open: shop-files shop-media'],
  ])('%s', (_case, buckets, expected) => {
    expect(outcome(propose.bucketCandidates(known, buckets))).toBe(expected);
  });
});

describe('the recovery region', () => {
  const global = {
    globalCluster: 'shop-global',
    members: [
      { region: 'us-west-2', cluster: 'shop-db', isWriter: true },
      { region: 'us-east-1', cluster: 'shop-db-dr', isWriter: false },
    ],
  };
  const elsewhere = { bucket: 'shop-dr', region: 'eu-west-1' };
  const replicated = database('shop-db', { replicas: ['arn:aws:rds:eu-west-1:123456789012:cluster:shop-db-dr'] });
  test.each([
    ['nothing is copied anywhere', { copies: [] }, 'none'],
    ['where the global database has a member', { global, copies: [] }, 'us-east-1'],
    ['where the database has a replica', { database: replicated, copies: [] }, 'eu-west-1'],
    ['where the bucket is copied to', { copies: [elsewhere] }, 'eu-west-1'],
    ['the database counts more than the bucket', { global, copies: [elsewhere] }, 'us-east-1'],
    ['a copy within the region is none', { copies: [{ bucket: 'b', region: 'us-west-2' }] }, 'none'],
    [
      'a database with members in two others',
      {
        copies: [],
        global: {
          ...global,
          members: [...global.members, { region: 'eu-west-1', cluster: 'x', isWriter: false }],
        },
      },
      'open: eu-west-1 us-east-1',
    ],
  ])('%s', (_case, parts, expected) => {
    expect(outcome(propose.recoveryCandidates('us-west-2', parts))).toBe(expected);
  });
});

describe('the record', () => {
  const api = { loadBalancer: balancer('alb') };
  const known = { service: service('shop-api') };
  test.each([
    ['no record leads to it', [record('www.blog.example', ['other'])], undefined, 'none'],
    [
      'one does',
      [record('api.shop.example', ['alb']), record('blog.example', ['other'])],
      undefined,
      'api.shop.example',
    ],
    [
      'of two, the one that leads to both regions',
      [record('west.shop.example', ['alb']), record('api.shop.example', ['alb', 'alb-dr'])],
      { loadBalancer: balancer('alb-dr') },
      'api.shop.example',
    ],
    [
      'a private one, where there is no other',
      [record('api.shop', ['alb'], { isPrivate: true })],
      undefined,
      'api.shop',
    ],
    [
      'a public one before a private one',
      [record('api.shop', ['alb'], { isPrivate: true }), record('x.example', ['alb'])],
      undefined,
      'x.example',
    ],
    [
      'two that lead to the same',
      [record('a.example', ['alb']), record('b.example', ['alb'])],
      undefined,
      'open: a.example b.example',
    ],
  ])('%s', (_case, records, recovery, expected) => {
    expect(outcome(propose.recordCandidates(known, api, recovery, records))).toBe(expected);
  });
});

test('what stands by bears the same names, and otherwise is like them', () => {
  const own = service('shop-api');
  const others = [service('shop-api', { cluster: 'shop-dr' }), service('shop-api'), service('blog')];
  expect(outcome(propose.standbyServiceCandidates(own, others))).toBe('shop/shop-api');
  expect(outcome(propose.standbyServiceCandidates(own, [service('shop-api-dr'), service('blog')]))).toBe(
    'shop/shop-api-dr',
  );
  expect(outcome(propose.standbyServiceCandidates(own, [service('blog')]))).toBe('none');
});

test('names share what is telling in them', () => {
  expect(sharedWords('shop-db-prod', ['shop-api', 'shop'])).toEqual(['shop']);
  expect(sharedWords('ShopSessions', ['shop-api'])).toEqual(['shop']);
  expect(sharedWords('api-db', ['shop-api'])).toEqual([]);
  // Where nothing is telling, the general words have to do.
  expect(sharedWords('api-cache', ['api'])).toEqual(['api']);
});

test('environments as names have them', () => {
  expect(environmentIn(['shop-api-prd'])).toBe('prod');
  expect(environmentIn(['shop-api', 'staging'])).toBe('staging');
  expect(environmentIn(['shop-api'])).toBeUndefined();
});

test('tags of an owner', () => {
  expect(sharedTags({ Project: 'shop', Name: 'a' }, { Project: 'shop', Name: 'a' })).toEqual(['Project=shop']);
  expect(sharedTags({ Project: 'shop' }, { Project: 'blog' })).toEqual([]);
});

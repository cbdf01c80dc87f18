/** The changes of a failover: what each says to AWS, and what is told of a refusal. */
import { describe, expect, it } from 'vitest';
import type { Changes } from '../../src/cloud/changes.ts';
import type { DnsRecord } from '../../src/cloud/recovery-facts.ts';
import { cloudOn, failureOf, fakeEndpoint, type Answer, type Asked } from './fake-endpoint.ts';

const arn = (region: string, cluster: string) => `arn:aws:rds:${region}:123456789012:cluster:${cluster}`;
const secondary = arn('us-east-1', 'nano-db-dr');
const west = { region: 'us-west-2', globalCluster: 'nano-global' };
const east = { region: 'us-east-1', globalCluster: 'nano-global' };
const object = { region: 'us-east-1', bucket: 'nano-switch', key: 'primary/on' };
const zone = { hostedZoneId: 'Z1', record: 'api.nano.example.com' };

const operations = [
  'rds:FailoverGlobalCluster',
  'rds:PromoteReadReplicaDBCluster',
  'rds:RemoveFromGlobalCluster',
  'rds:SwitchoverGlobalCluster',
  'route53:ChangeResourceRecordSets',
  's3:DeleteObject',
  's3:PutObject',
];
const acting = { mode: { changes: operations } };

const xml = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
const fault = (status: number, code: string, message: string): Answer =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    status,
  );
const changed = xml(
  '<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-23T10:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>',
);

/** The answer of success to each change. */
function well({ operation, path }: Asked): Answer {
  if (path.endsWith('/rrset/') || path.endsWith('/rrset')) return changed;
  switch (operation) {
    case 'SwitchoverGlobalCluster':
    case 'FailoverGlobalCluster':
    case 'RemoveFromGlobalCluster':
      return xml(
        `<${operation}Response><${operation}Result><GlobalCluster><GlobalClusterIdentifier>nano-global</GlobalClusterIdentifier></GlobalCluster></${operation}Result></${operation}Response>`,
      );
    case 'PromoteReadReplicaDBCluster':
      return xml(
        `<${operation}Response><${operation}Result><DBCluster><DBClusterIdentifier>nano-db-dr</DBClusterIdentifier></DBCluster></${operation}Result></${operation}Response>`,
      );
    case 'PUT /primary/on':
      return { status: 200, headers: { etag: '"e"' }, body: '' };
    case 'DELETE /primary/on':
      return { status: 204, body: '' };
    default:
      throw new Error(`nobody expected ${operation}`);
  }
}

type Ask = (changes: Changes) => Promise<unknown>;

const switchOver: Ask = (changes) => changes.switchOverGlobal(west, secondary);
const failOver: Ask = (changes) => changes.failOverGlobal(east, secondary);
const detach: Ask = (changes) => changes.removeFromGlobal(east, secondary);
const promote: Ask = (changes) => changes.promoteReplica({ region: 'us-east-1', cluster: 'nano-db-dr' });

const table: readonly (readonly [string, Ask, string, string, Record<string, unknown>])[] = [
  [
    'a switchover, sent to the primary’s region, that may lose nothing',
    switchOver,
    'rds:SwitchoverGlobalCluster',
    'rds.us-west-2.amazonaws.com',
    {
      Action: 'SwitchoverGlobalCluster',
      Version: '2014-10-31',
      GlobalClusterIdentifier: 'nano-global',
      TargetDbClusterIdentifier: secondary,
    },
  ],
  [
    'a failover, sent to the secondary’s region, that says what may be lost and is no switchover',
    failOver,
    'rds:FailoverGlobalCluster',
    'rds.us-east-1.amazonaws.com',
    {
      Action: 'FailoverGlobalCluster',
      Version: '2014-10-31',
      GlobalClusterIdentifier: 'nano-global',
      TargetDbClusterIdentifier: secondary,
      AllowDataLoss: 'true',
    },
  ],
  [
    'a cluster taken out of a global database',
    detach,
    'rds:RemoveFromGlobalCluster',
    'rds.us-east-1.amazonaws.com',
    {
      Action: 'RemoveFromGlobalCluster',
      Version: '2014-10-31',
      GlobalClusterIdentifier: 'nano-global',
      DbClusterIdentifier: secondary,
    },
  ],
  [
    'a replica that becomes a cluster of its own',
    promote,
    'rds:PromoteReadReplicaDBCluster',
    'rds.us-east-1.amazonaws.com',
    { Action: 'PromoteReadReplicaDBCluster', Version: '2014-10-31', DBClusterIdentifier: 'nano-db-dr' },
  ],
  [
    'an object, empty',
    (changes) => changes.putObject(object),
    's3:PutObject',
    'nano-switch.s3.us-east-1.amazonaws.com',
    { body: '' },
  ],
  [
    'an object that is deleted',
    (changes) => changes.deleteObject(object),
    's3:DeleteObject',
    'nano-switch.s3.us-east-1.amazonaws.com',
    {},
  ],
];

describe('a change is one call that says no more than it must', () => {
  it.each(table)('%s', async (_, ask, operation, host, input) => {
    const endpoint = fakeEndpoint(well);
    const cloud = cloudOn(endpoint, acting);
    await ask(cloud.changes);
    expect(endpoint.asked.map((asked) => [asked.host, asked.input])).toEqual([[host, input]]);
    expect(cloud.usage()).toEqual({ calls: 1, mutations: 1, byOperation: { [operation]: 1 } });
  });

  it.each(table)('and is refused, unsent, where the cloud was opened to look only: %s', async (_, ask) => {
    const endpoint = fakeEndpoint(well);
    const error = await failureOf(ask(cloudOn(endpoint).changes));
    expect(error).toMatchObject({ kind: 'refused-by-guard', details: { sent: false } });
    expect(endpoint.asked).toEqual([]);
  });
});

describe('records', () => {
  const weighted = (id: string, weight: number): DnsRecord => ({
    name: 'api.nano.example.com',
    type: 'A',
    values: [],
    alias: { dnsName: `${id}.elb.amazonaws.com`, hostedZoneId: 'ZELB', evaluateTargetHealth: false },
    setIdentifier: id,
    weight,
  });
  const plain = (value: string, ttl = 60): DnsRecord => ({
    name: 'api.nano.example.com',
    type: 'CNAME',
    ttl,
    values: [value],
  });

  /** What the batch says, a line for each change. */
  async function batchOf(before: readonly DnsRecord[], after: readonly DnsRecord[]): Promise<readonly string[]> {
    const endpoint = fakeEndpoint(well);
    const cloud = cloudOn(endpoint, acting);
    expect(await cloud.changes.replaceRecords(zone, before, after)).toEqual({ changeId: '/change/C1' });
    expect(cloud.usage().byOperation).toEqual({ 'route53:ChangeResourceRecordSets': 1 });
    const [asked] = endpoint.asked;
    expect(asked).toMatchObject({ host: 'route53.amazonaws.com', path: '/2013-04-01/hostedzone/Z1/rrset' });
    const body = String(asked?.input['body']);
    return [...body.matchAll(/<Change>(.*?)<\/Change>/gs)].map(([, change = '']) => change);
  }

  it('of the same identity are put in each other’s place', async () => {
    expect(
      await batchOf([weighted('west', 100), weighted('east', 0)], [weighted('west', 0), weighted('east', 100)]),
    ).toEqual(
      ['west', 'east'].map(
        (id, index) =>
          `<Action>UPSERT</Action><ResourceRecordSet><Name>api.nano.example.com.</Name><Type>A</Type><SetIdentifier>${id}</SetIdentifier><Weight>${index * 100}</Weight><AliasTarget><HostedZoneId>ZELB</HostedZoneId><DNSName>${id}.elb.amazonaws.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>`,
      ),
    );
  });

  it('that are no more are deleted first, and those that are new must not be there', async () => {
    const failover: DnsRecord = {
      ...plain('east.example.com'),
      setIdentifier: 'p',
      failover: 'PRIMARY',
      healthCheckId: 'h1',
    };
    const latency: DnsRecord = { ...plain('west.example.com', 30), setIdentifier: 'l', region: 'us-west-2' };
    const record = (value: string) =>
      `<ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords>`;
    expect(await batchOf([plain('old.example.com', 300)], [failover, latency])).toEqual([
      `<Action>DELETE</Action><ResourceRecordSet><Name>api.nano.example.com.</Name><Type>CNAME</Type><TTL>300</TTL>${record('old.example.com')}</ResourceRecordSet>`,
      `<Action>CREATE</Action><ResourceRecordSet><Name>api.nano.example.com.</Name><Type>CNAME</Type><SetIdentifier>p</SetIdentifier><Failover>PRIMARY</Failover><TTL>60</TTL>${record('east.example.com')}<HealthCheckId>h1</HealthCheckId></ResourceRecordSet>`,
      `<Action>CREATE</Action><ResourceRecordSet><Name>api.nano.example.com.</Name><Type>CNAME</Type><SetIdentifier>l</SetIdentifier><Region>us-west-2</Region><TTL>30</TTL>${record('west.example.com')}</ResourceRecordSet>`,
    ]);
  });

  it('are changed in one batch whatever becomes of each', async () => {
    const actions = await batchOf(
      [plain('a.example.com'), weighted('gone', 1)],
      [plain('b.example.com'), weighted('new', 1)],
    );
    expect(actions.map((change) => /<Action>(\w+)/.exec(change)?.[1])).toEqual(['DELETE', 'UPSERT', 'CREATE']);
  });

  it.each([
    ['PriorRequestNotComplete', 400, 'throttled'],
    ['Throttling', 400, 'throttled'],
    ['NoSuchHostedZone', 404, 'not-found'],
    ['AccessDenied', 403, 'permission'],
  ])('are as they were where Route 53 refuses: %s', async (code, status, kind) => {
    const endpoint = fakeEndpoint(() => fault(status, code, 'no'));
    const error = await failureOf(cloudOn(endpoint, acting).changes.replaceRecords(zone, [], [plain('a.example.com')]));
    expect(error).toMatchObject({
      kind,
      details: { iamAction: 'route53:ChangeResourceRecordSets', region: 'us-east-1', resource: 'Z1' },
    });
    expect(String(error)).toMatch(/Nothing was changed by it\.$/);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('are as they were where the batch is wrong, in Route 53’s own words', async () => {
    const said =
      "Tried to create resource record set [name='api.nano.example.com.', type='CNAME'] but it already exists";
    const invalid = fault(400, 'InvalidChangeBatch', `[${said}]`);
    const endpoint = fakeEndpoint(() => invalid);
    const error = await failureOf(cloudOn(endpoint, acting).changes.replaceRecords(zone, [], [plain('a.example.com')]));
    expect(error).toMatchObject({ kind: 'invalid-request' });
    expect(String(error)).toContain(said);
    expect(String(error)).toMatch(/Nothing was changed by it\.$/);
  });

  it('may have been changed where the answer does not name the change', async () => {
    const nameless =
      '<ChangeResourceRecordSetsResponse><ChangeInfo><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>';
    const endpoint = fakeEndpoint(() => xml(nameless));
    const error = await failureOf(cloudOn(endpoint, acting).changes.replaceRecords(zone, [], [plain('a.example.com')]));
    expect(error).toMatchObject({ kind: 'malformed-answer' });
    expect(String(error)).toMatch(/Whether the change was made is unknown\.$/);
  });
});

describe('a refusal of RDS', () => {
  it.each<[string, Ask, Answer, string]>([
    ['a global database that is not there', failOver, fault(404, 'GlobalClusterNotFoundFault', 'no'), 'not-found'],
    ['a cluster that is not there', promote, fault(404, 'DBClusterNotFoundFault', 'no'), 'not-found'],
    ['one that is moving', switchOver, fault(400, 'InvalidGlobalClusterStateFault', 'busy'), 'invalid-request'],
    ['a cluster that is busy', detach, fault(400, 'InvalidDBClusterStateFault', 'busy'), 'invalid-request'],
    ['a caller who may not', failOver, fault(403, 'AccessDenied', 'no'), 'permission'],
  ])('says that nothing was changed: %s', async (_, ask, answer, kind) => {
    const endpoint = fakeEndpoint(() => answer);
    const error = await failureOf(ask(cloudOn(endpoint, acting).changes));
    expect(error).toMatchObject({ kind });
    expect(String(error)).toMatch(/Nothing was changed by it\.$/);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('of a state says to look at the global database', async () => {
    const endpoint = fakeEndpoint(() => fault(400, 'InvalidGlobalClusterStateFault', 'switching-over'));
    const error = await failureOf(failOver(cloudOn(endpoint, acting).changes));
    expect(String(error)).toContain(
      'rds:FailoverGlobalCluster in us-east-1 for nano-global: AWS refused it in the state',
    );
    expect(error).toMatchObject({ details: { nextStep: expect.stringContaining('look at the state of nano-global') } });
  });

  it('names the action that is to be allowed', async () => {
    const endpoint = fakeEndpoint(() => fault(403, 'AccessDenied', 'no'));
    const error = await failureOf(detach(cloudOn(endpoint, acting).changes));
    expect(error).toMatchObject({ details: { iamAction: 'rds:RemoveFromGlobalCluster' } });
  });
});

describe('a change in a region with a role', () => {
  it('of records is made with the role of the region that their API is in', async () => {
    const roles = { 'us-east-1': 'arn:aws:iam::210987654321:role/nanoops' };
    const endpoint = fakeEndpoint((asked) =>
      asked.operation === 'AssumeRole'
        ? xml(
            '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>',
          )
        : well(asked),
    );
    const { changes } = cloudOn(endpoint, { ...acting, roles });
    await changes.replaceRecords(zone, [], [{ name: zone.record, type: 'A', ttl: 60, values: ['192.0.2.1'] }]);
    expect(endpoint.asked.map(({ host }) => host)).toEqual(['sts.us-east-1.amazonaws.com', 'route53.amazonaws.com']);
    expect(endpoint.asked[1]?.headers['authorization']).toContain('Credential=ASIAROLE/');
  });
});

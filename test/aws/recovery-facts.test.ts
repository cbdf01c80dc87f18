import { describe, expect, it } from 'vitest';
import { CloudError } from '../../src/cloud/errors.ts';
import { cloudOn, failureOf, fakeEndpoint, startMs, type Answer, type Asked } from './fake-endpoint.ts';

const region = 'us-east-1';
const minute = 60_000;
const window = { from: startMs - 30 * minute, to: startMs };
const arn = (where: string, cluster: string) => `arn:aws:rds:${where}:123456789012:cluster:${cluster}`;

/** Answers by operation; an operation that is not expected fails the test with its name. */
function answering(answers: Readonly<Record<string, (asked: Asked) => Answer>>) {
  return fakeEndpoint((asked) => {
    const answer = answers[asked.operation];
    if (answer === undefined) throw new Error(`nobody expected ${asked.operation}`);
    return answer(asked);
  });
}

const xml = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
const query = (operation: string, content: string): Answer =>
  xml(`<${operation}Response><${operation}Result>${content}</${operation}Result></${operation}Response>`);
const queryError = (status: number, code: string, message: string): Answer =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    status,
  );
const jsonError = (status: number, code: string, message = 'no'): Answer => ({
  status,
  body: { __type: code, message },
});
const s3Error = (status: number, code: string): Answer =>
  xml(`<Error><Code>${code}</Code><Message>no</Message></Error>`, status);

describe('a global database', () => {
  const member = (where: string, cluster: string, isWriter: boolean) =>
    `<GlobalClusterMember><DBClusterArn>${arn(where, cluster)}</DBClusterArn><IsWriter>${isWriter}</IsWriter><SynchronizationStatus>connected</SynchronizationStatus></GlobalClusterMember>`;
  const cluster = (more: string) =>
    query(
      'DescribeGlobalClusters',
      `<GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>nano-global</GlobalClusterIdentifier><Status>available</Status><EngineVersion>8.0.mysql_aurora.3.08.0</EngineVersion><Endpoint>nano-global.global-x.global.rds.amazonaws.com</Endpoint><GlobalClusterMembers>${member('us-west-2', 'nano-db', true)}${member('us-east-1', 'nano-db-dr', false)}</GlobalClusterMembers>${more}</GlobalClusterMember></GlobalClusters>`,
    );
  const ref = { region, globalCluster: 'nano-global' };

  it('is told with its members, where each is and which of them writes', async () => {
    const endpoint = answering({ DescribeGlobalClusters: () => cluster('<FailoverState/>') });
    expect(await cloudOn(endpoint).facts.globalDatabase(ref)).toEqual({
      globalCluster: 'nano-global',
      status: 'available',
      engineVersion: '8.0.mysql_aurora.3.08.0',
      members: [
        {
          arn: arn('us-west-2', 'nano-db'),
          region: 'us-west-2',
          cluster: 'nano-db',
          isWriter: true,
          synchronization: 'connected',
        },
        {
          arn: arn('us-east-1', 'nano-db-dr'),
          region: 'us-east-1',
          cluster: 'nano-db-dr',
          isWriter: false,
          synchronization: 'connected',
        },
      ],
      moving: undefined,
      endpoint: 'nano-global.global-x.global.rds.amazonaws.com',
      source: { operation: 'rds:DescribeGlobalClusters', region, detail: 'nano-global' },
    });
    expect(endpoint.asked.map(({ host, input }) => [host, input['GlobalClusterIdentifier']])).toEqual([
      ['rds.us-east-1.amazonaws.com', 'nano-global'],
    ]);
  });

  it('says what is under way, also in words that the SDK does not know', async () => {
    const state = `<FailoverState><Status>switching-over</Status><FromDbClusterArn>${arn('us-west-2', 'nano-db')}</FromDbClusterArn><ToDbClusterArn>${arn('us-east-1', 'nano-db-dr')}</ToDbClusterArn><IsDataLossAllowed>false</IsDataLossAllowed></FailoverState>`;
    const endpoint = answering({ DescribeGlobalClusters: () => cluster(state) });
    expect((await cloudOn(endpoint).facts.globalDatabase(ref)).moving).toEqual({
      status: 'switching-over',
      from: arn('us-west-2', 'nano-db'),
      to: arn('us-east-1', 'nano-db-dr'),
      allowsDataLoss: false,
    });
  });

  it.each([
    ['a fault', () => queryError(404, 'GlobalClusterNotFoundFault', 'no such cluster')],
    ['an empty list', () => query('DescribeGlobalClusters', '<GlobalClusters/>')],
  ])('that is not there is told by name: %s', async (_, DescribeGlobalClusters) => {
    const error = await failureOf(cloudOn(answering({ DescribeGlobalClusters })).facts.globalDatabase(ref));
    expect(error).toMatchObject({ kind: 'not-found', details: { resource: 'nano-global' } });
    expect(String(error)).toContain('rds:DescribeGlobalClusters in us-east-1: nano-global is not there');
  });
});

/** A minute without a point. */
const nothing = Number.NaN;

/** Values of metrics by `Metric dimensions`; one value a minute, the newest last. */
function metrics(values: Readonly<Record<string, readonly number[]>>) {
  return ({ input }: Asked): Answer => {
    const queries = input['MetricDataQueries'] as readonly {
      Id: string;
      MetricStat: { Metric: { MetricName: string; Dimensions: { Name: string; Value: string }[] }; Stat: string };
    }[];
    const complete = Math.floor((startMs - 2 * minute) / minute) * minute;
    return {
      body: {
        MetricDataResults: queries.map(({ Id, MetricStat: { Metric, Stat } }) => {
          const name = [Metric.MetricName, ...Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(' ');
          expect(Stat).toBe('Maximum');
          const all = values[name] ?? [];
          const found = all
            .map((value, index) => ({ value, at: (complete - (all.length - index) * minute) / 1_000 }))
            .filter(({ value }) => !Number.isNaN(value));
          return {
            Id,
            StatusCode: 'Complete',
            Values: found.map(({ value }) => value),
            Timestamps: found.map(({ at }) => at),
          };
        }),
      },
    };
  };
}

const listing =
  (dimensions: readonly Readonly<Record<string, string>>[]) =>
  ({ input }: Asked): Answer => ({
    body: {
      Metrics: dimensions.map((each) => ({
        Namespace: input['Namespace'],
        MetricName: input['MetricName'],
        Dimensions: Object.entries(each).map(([Name, Value]) => ({ Name, Value })),
      })),
    },
  });

describe('how far a cluster is behind', () => {
  const database = { region, cluster: 'nano-db-dr' };
  const cluster = 'DBClusterIdentifier=nano-db-dr';
  const lagOf = async (endpoint: ReturnType<typeof answering>) => {
    const { lag, metric } = await cloudOn(endpoint).facts.replicationLag(database, window);
    return { metric, unit: lag.unit, values: lag.points.map(({ value }) => value) };
  };

  it('is asked for in one request, of its own region, and what a failover would lose comes first', async () => {
    const endpoint = answering({
      GetMetricData: metrics({
        [`AuroraGlobalDBRPOLag ${cluster}`]: [210, 190],
        [`AuroraGlobalDBReplicationLag ${cluster}`]: [150, 140],
        [`AuroraBinlogReplicaLag ${cluster} Role=WRITER`]: [0, 0],
      }),
    });
    expect(await lagOf(endpoint)).toEqual({ metric: 'AuroraGlobalDBRPOLag', unit: 'ms', values: [210, 190] });
    expect(endpoint.asked.map(({ host }) => host)).toEqual(['monitoring.us-east-1.amazonaws.com']);
  });

  it('is the older metric’s where an older version publishes that one alone', async () => {
    const endpoint = answering({ GetMetricData: metrics({ [`AuroraGlobalDBReplicationLag ${cluster}`]: [150] }) });
    expect(await lagOf(endpoint)).toEqual({ metric: 'AuroraGlobalDBReplicationLag', unit: 'ms', values: [150] });
  });

  it('is found under the region that is copied, and is the newest of those', async () => {
    const endpoint = answering({
      GetMetricData: metrics({
        [`AuroraGlobalDBRPOLag ${cluster} SourceRegion=eu-west-1`]: [9_000, nothing],
        [`AuroraGlobalDBRPOLag ${cluster} SourceRegion=us-west-2`]: [220, 230],
        [`AuroraBinlogReplicaLag ${cluster} Role=WRITER`]: [0],
      }),
      ListMetrics: listing([
        { DBClusterIdentifier: 'nano-db-dr', SourceRegion: 'us-west-2' },
        { DBClusterIdentifier: 'nano-db-dr', SourceRegion: 'eu-west-1' },
      ]),
    });
    expect(await lagOf(endpoint)).toEqual({ metric: 'AuroraGlobalDBRPOLag', unit: 'ms', values: [220, 230] });
    const listed = endpoint.asked.filter(({ operation }) => operation === 'ListMetrics');
    expect(listed.map(({ input }) => input)).toEqual([
      expect.objectContaining({
        Namespace: 'AWS/RDS',
        MetricName: 'AuroraGlobalDBRPOLag',
        Dimensions: [{ Name: 'DBClusterIdentifier', Value: 'nano-db-dr' }],
      }),
      expect.objectContaining({ MetricName: 'AuroraGlobalDBReplicationLag' }),
    ]);
  });

  it('of a replica is in milliseconds, and unknown while its replication stands still', async () => {
    const endpoint = answering({
      GetMetricData: metrics({ [`AuroraBinlogReplicaLag ${cluster} Role=WRITER`]: [2, -1, 3] }),
      ListMetrics: listing([]),
    });
    expect(await lagOf(endpoint)).toEqual({ metric: 'AuroraBinlogReplicaLag', unit: 'ms', values: [2_000, 3_000] });
  });

  it('is no number where nothing is published', async () => {
    const endpoint = answering({ GetMetricData: metrics({}), ListMetrics: listing([]) });
    expect((await lagOf(endpoint)).values).toEqual([]);
  });

  it('is unknown where the metrics may not be listed', async () => {
    const endpoint = answering({
      GetMetricData: metrics({}),
      ListMetrics: () => jsonError(400, 'AccessDeniedException'),
    });
    expect(await failureOf(lagOf(endpoint))).toMatchObject({
      kind: 'permission',
      details: { iamAction: 'cloudwatch:ListMetrics', region },
    });
  });
});

describe('clusters', () => {
  const database = { region, cluster: 'nano-db-dr' };
  const cluster = (more: string) =>
    query(
      'DescribeDBClusters',
      `<DBClusters><DBCluster><DBClusterIdentifier>nano-db-dr</DBClusterIdentifier><DBClusterArn>${arn(region, 'nano-db-dr')}</DBClusterArn><Endpoint>nano-db-dr.cluster-x.us-east-1.rds.amazonaws.com</Endpoint><BackupRetentionPeriod>35</BackupRetentionPeriod><ReplicationSourceIdentifier>${arn('us-west-2', 'nano-db')}</ReplicationSourceIdentifier>${more}</DBCluster></DBClusters>`,
    );
  const DescribeDBInstances = () => query('DescribeDBInstances', '<DBInstances/>');

  it('say what they are a replica of', async () => {
    const endpoint = answering({ DescribeDBClusters: () => cluster(''), DescribeDBInstances });
    expect(await cloudOn(endpoint).facts.databaseState(database)).toMatchObject({
      arn: arn(region, 'nano-db-dr'),
      endpoint: 'nano-db-dr.cluster-x.us-east-1.rds.amazonaws.com',
      replicatesFrom: arn('us-west-2', 'nano-db'),
      backupRetentionDays: 35,
      instances: [],
    });
  });

  it('in a global database are no replicas that could be promoted', async () => {
    const member = '<GlobalClusterIdentifier>nano-global</GlobalClusterIdentifier>';
    const endpoint = answering({ DescribeDBClusters: () => cluster(member), DescribeDBInstances });
    expect((await cloudOn(endpoint).facts.databaseState(database)).replicatesFrom).toBeUndefined();
  });

  it('have snapshots, newest first, of all pages; one that is being made has no time yet', async () => {
    const snapshot = (id: string, rest: string) =>
      `<DBClusterSnapshot><DBClusterSnapshotIdentifier>${id}</DBClusterSnapshotIdentifier><DBClusterIdentifier>nano-db-dr</DBClusterIdentifier>${rest}</DBClusterSnapshot>`;
    const old = snapshot(
      'rds:old',
      '<SnapshotCreateTime>2026-11-20T03:00:00Z</SnapshotCreateTime><Status>available</Status><SnapshotType>automated</SnapshotType>',
    );
    const newer = snapshot(
      'newer',
      '<SnapshotCreateTime>2026-11-21T03:00:00Z</SnapshotCreateTime><Status>available</Status><SnapshotType>manual</SnapshotType>',
    );
    const making = snapshot('making', '<Status>creating</Status><SnapshotType>manual</SnapshotType>');
    const endpoint = answering({
      DescribeDBClusterSnapshots: ({ input }) =>
        input['Marker'] === undefined
          ? query(
              'DescribeDBClusterSnapshots',
              `<Marker>m</Marker><DBClusterSnapshots>${old}${making}</DBClusterSnapshots>`,
            )
          : query('DescribeDBClusterSnapshots', `<DBClusterSnapshots>${newer}</DBClusterSnapshots>`),
    });
    const found = await cloudOn(endpoint).facts.clusterSnapshots(database);
    expect(found.map(({ id }) => id)).toEqual(['making', 'newer', 'rds:old']);
    expect(found[2]).toEqual({
      id: 'rds:old',
      cluster: 'nano-db-dr',
      at: Date.UTC(2026, 10, 20, 3),
      status: 'available',
      type: 'automated',
    });
    expect(endpoint.asked[1]?.input).toMatchObject({ DBClusterIdentifier: 'nano-db-dr', Marker: 'm' });
  });

  it('have parameters that somebody set', async () => {
    const endpoint = answering({
      DescribeDBClusters: () => cluster('<DBClusterParameterGroup>nano-mysql8</DBClusterParameterGroup>'),
      DescribeDBClusterParameters: () =>
        query(
          'DescribeDBClusterParameters',
          '<Parameters><Parameter><ParameterName>binlog_format</ParameterName><ParameterValue>ROW</ParameterValue></Parameter><Parameter><ParameterName>unset</ParameterName></Parameter></Parameters>',
        ),
    });
    expect(await cloudOn(endpoint).facts.clusterParameters(database)).toEqual({ binlog_format: 'ROW' });
    expect(endpoint.asked[1]?.input).toMatchObject({ DBClusterParameterGroupName: 'nano-mysql8', Source: 'user' });
  });

  it('with AWS’s own group have none, and nobody asks for them', async () => {
    const endpoint = answering({
      DescribeDBClusters: () => cluster('<DBClusterParameterGroup>default.aurora-mysql8.0</DBClusterParameterGroup>'),
    });
    expect(await cloudOn(endpoint).facts.clusterParameters(database)).toEqual({});
  });
});

describe('task definitions', () => {
  const version = 'arn:aws:ecs:us-east-1:123456789012:task-definition/nano-api:41';

  it('name their images and every secret that a task cannot start without', async () => {
    const endpoint = answering({
      DescribeTaskDefinition: () => ({
        body: {
          taskDefinition: {
            taskDefinitionArn: version,
            status: 'ACTIVE',
            containerDefinitions: [
              {
                image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/nano-api:41',
                secrets: [{ name: 'DB', valueFrom: 'arn:secret' }],
                logConfiguration: {
                  logDriver: 'splunk',
                  secretOptions: [{ name: 'token', valueFrom: '/nano/splunk' }],
                },
              },
              { image: 'registry.example/sidecar', repositoryCredentials: { credentialsParameter: 'arn:registry' } },
            ],
          },
        },
      }),
    });
    expect(await cloudOn(endpoint).facts.taskDefinition(region, version)).toEqual({
      arn: version,
      status: 'ACTIVE',
      images: ['123456789012.dkr.ecr.us-east-1.amazonaws.com/nano-api:41', 'registry.example/sidecar'],
      secrets: ['arn:secret', '/nano/splunk', 'arn:registry'],
      source: { operation: 'ecs:DescribeTaskDefinition', region, detail: version },
    });
  });

  it('that are not there are told as that, though ECS has no code for it', async () => {
    const missing = answering({
      DescribeTaskDefinition: () => jsonError(400, 'ClientException', 'Unable to describe task definition.'),
    });
    expect(await failureOf(cloudOn(missing).facts.taskDefinition(region, version))).toMatchObject({
      kind: 'not-found',
      details: { resource: version },
    });
    const other = answering({ DescribeTaskDefinition: () => jsonError(400, 'ClientException', 'Something else.') });
    expect(await failureOf(cloudOn(other).facts.taskDefinition(region, version))).toMatchObject({
      kind: 'invalid-request',
    });
  });
});

describe('images', () => {
  const ask = (image: string, respond: (asked: Asked) => Answer) => {
    const endpoint = answering({ DescribeImages: respond });
    return { endpoint, answer: cloudOn(endpoint).facts.imageExists(region, image) };
  };
  const found = () => ({ body: { imageDetails: [{ imageStatus: 'ACTIVE' }] } });
  const registry = '123456789012.dkr.ecr.us-west-2.amazonaws.com';
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([
    [`${registry}/nano/api:41`, { imageTag: '41' }],
    [`${registry}/nano/api`, { imageTag: 'latest' }],
    [`${registry}/nano/api:41@${digest}`, { imageDigest: digest }],
    [`123456789012.dkr-ecr.us-west-2.on.aws/nano/api:41`, { imageTag: '41' }],
  ])('are looked for in their own registry: %s', async (image, id) => {
    const { endpoint, answer } = ask(image, found);
    expect(await answer).toBe(true);
    expect(endpoint.asked[0]).toMatchObject({
      host: 'api.ecr.us-west-2.amazonaws.com',
      input: { registryId: '123456789012', repositoryName: 'nano/api', imageIds: [id] },
    });
  });

  it.each(['nginx', 'public.ecr.aws/nginx/nginx:1', 'ghcr.io/nano/api:41'])(
    'of another registry cannot be told: %s',
    async (image) => {
      const { endpoint, answer } = ask(image, found);
      expect(await answer).toBeUndefined();
      expect(endpoint.asked).toEqual([]);
    },
  );

  it.each(['ImageNotFoundException', 'RepositoryNotFoundException'])('are missing: %s', async (code) => {
    expect(await ask(`${registry}/nano/api:41`, () => jsonError(400, code)).answer).toBe(false);
  });

  it('that are archived cannot be pulled', async () => {
    const { answer } = ask(`${registry}/nano/api:41`, () => ({
      body: { imageDetails: [{ imageStatus: 'ARCHIVED' }] },
    }));
    expect(await answer).toBe(false);
  });

  it('that nobody may ask for are unknown, not missing', async () => {
    const { answer } = ask(`${registry}/nano/api:41`, () => jsonError(400, 'AccessDeniedException'));
    expect(await failureOf(answer)).toMatchObject({
      kind: 'permission',
      details: { iamAction: 'ecr:DescribeImages', region: 'us-west-2' },
    });
  });
});

describe('secrets', () => {
  const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:nano/db-Ab12Cd';

  it('are looked for without the part that a container takes', async () => {
    const endpoint = answering({ DescribeSecret: () => ({ body: { ARN: secret } }) });
    const { facts } = cloudOn(endpoint);
    expect(await facts.secretExists(region, `${secret}:password::`)).toBe(true);
    expect(endpoint.asked[0]?.input).toEqual({ SecretId: secret });
  });

  it('that are missing, or to be deleted, are not there', async () => {
    const missing = answering({ DescribeSecret: () => jsonError(400, 'ResourceNotFoundException') });
    expect(await cloudOn(missing).facts.secretExists(region, secret)).toBe(false);
    const doomed = answering({ DescribeSecret: () => ({ body: { ARN: secret, DeletedDate: 1_790_000_000 } }) });
    expect(await cloudOn(doomed).facts.secretExists(region, secret)).toBe(false);
  });

  it('of another region are not in this one, and that one is not asked', async () => {
    const endpoint = answering({});
    const { facts } = cloudOn(endpoint);
    expect(await facts.secretExists('us-west-2', secret)).toBe(false);
    expect(endpoint.asked).toEqual([]);
  });

  it.each([
    ['/nano/token', ['/nano/token']],
    ['arn:aws:ssm:us-east-1:123456789012:parameter/nano/token', ['nano/token', '/nano/token']],
  ])('in the Parameter Store are found by name, over empty pages: %s', async (name, names) => {
    const endpoint = answering({
      DescribeParameters: ({ input }) =>
        input['NextToken'] === undefined
          ? { body: { Parameters: [], NextToken: 'more' } }
          : { body: { Parameters: [{ Name: '/nano/token' }] } },
    });
    expect(await cloudOn(endpoint).facts.secretExists(region, name)).toBe(true);
    expect(endpoint.asked[0]?.input).toEqual({ ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: names }] });
  });

  it('that are not among the parameters are not there', async () => {
    const endpoint = answering({ DescribeParameters: () => ({ body: { Parameters: [{ Name: '/nano/token2' }] } }) });
    expect(await cloudOn(endpoint).facts.secretExists(region, '/nano/token')).toBe(false);
  });

  it('that nobody may look for are unknown', async () => {
    const endpoint = answering({ DescribeParameters: () => jsonError(400, 'AccessDeniedException') });
    expect(await failureOf(cloudOn(endpoint).facts.secretExists(region, '/nano/token'))).toMatchObject({
      kind: 'permission',
      details: { iamAction: 'ssm:DescribeParameters' },
    });
  });
});

describe('a load balancer', () => {
  const balancer = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/nano-alb/50dc';
  const DescribeLoadBalancers = () =>
    query(
      'DescribeLoadBalancers',
      `<LoadBalancers><member><LoadBalancerArn>${balancer}</LoadBalancerArn><DNSName>Nano-ALB-1.us-east-1.elb.amazonaws.com</DNSName><CanonicalHostedZoneId>Z35SXDOTRQ7X7K</CanonicalHostedZoneId><State><Code>active</Code></State></member></LoadBalancers>`,
    );

  it('tells what an alias needs, and all certificates of its listeners', async () => {
    const endpoint = answering({
      DescribeLoadBalancers,
      DescribeListeners: () =>
        query(
          'DescribeListeners',
          '<Listeners><member><ListenerArn>l1</ListenerArn><Port>80</Port><Protocol>HTTP</Protocol></member><member><ListenerArn>l2</ListenerArn><Port>443</Port><Protocol>HTTPS</Protocol></member></Listeners>',
        ),
      DescribeListenerCertificates: ({ input }) =>
        input['Marker'] === undefined
          ? query(
              'DescribeListenerCertificates',
              '<NextMarker>m</NextMarker><Certificates><member><CertificateArn>c1</CertificateArn><IsDefault>true</IsDefault></member></Certificates>',
            )
          : query(
              'DescribeListenerCertificates',
              '<Certificates><member><CertificateArn>c1</CertificateArn></member><member><CertificateArn>c2</CertificateArn></member></Certificates>',
            ),
    });
    expect(await cloudOn(endpoint).facts.loadBalancer({ region, loadBalancer: 'app/nano-alb/50dc' })).toEqual({
      arn: balancer,
      dnsName: 'nano-alb-1.us-east-1.elb.amazonaws.com',
      hostedZoneId: 'Z35SXDOTRQ7X7K',
      state: 'active',
      listeners: [
        { port: 80, protocol: 'HTTP', certificates: [] },
        { port: 443, protocol: 'HTTPS', certificates: ['c1', 'c2'] },
      ],
      source: { operation: 'elasticloadbalancing:DescribeLoadBalancers', region, detail: 'app/nano-alb/50dc' },
    });
  });

  it('of the same name with another id is another one', async () => {
    const endpoint = answering({ DescribeLoadBalancers });
    const error = await failureOf(cloudOn(endpoint).facts.loadBalancer({ region, loadBalancer: 'app/nano-alb/0000' }));
    expect(error).toMatchObject({ kind: 'not-found', details: { resource: 'app/nano-alb/0000' } });
  });
});

describe('a certificate', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/c1';

  it('is for names, until some day', async () => {
    const endpoint = answering({
      DescribeCertificate: () => ({
        body: {
          Certificate: {
            Status: 'ISSUED',
            NotAfter: startMs / 1_000,
            DomainName: 'nano.example.com',
            SubjectAlternativeNames: ['nano.example.com', '*.Nano.example.com'],
          },
        },
      }),
    });
    expect(await cloudOn(endpoint).facts.certificate(region, certificateArn)).toEqual({
      arn: certificateArn,
      status: 'ISSUED',
      expiresAt: startMs,
      names: ['nano.example.com', '*.nano.example.com'],
    });
  });

  it('that is not there is told by its ARN', async () => {
    const endpoint = answering({ DescribeCertificate: () => jsonError(400, 'ResourceNotFoundException') });
    expect(await failureOf(cloudOn(endpoint).facts.certificate(region, certificateArn))).toMatchObject({
      kind: 'not-found',
      details: { resource: certificateArn, iamAction: 'acm:DescribeCertificate' },
    });
  });
});

describe('a bucket', () => {
  const bucket = { region: 'us-west-2', bucket: 'nano-zips' };
  const s3 = (versioning: Answer, replication: Answer) =>
    fakeEndpoint(({ query: asked }) => {
      if ('versioning' in asked) return versioning;
      if ('replication' in asked) return replication;
      throw new Error('nobody expected this');
    });
  const versioned = xml('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>');

  it('tells its rules, in both versions of the configuration', async () => {
    const rules = `<ReplicationConfiguration><Role>r</Role>
      <Rule><ID>all</ID><Status>Enabled</Status><Filter><Prefix>zips/</Prefix></Filter><Destination><Bucket>arn:aws:s3:::nano-zips-dr</Bucket><Metrics><Status>Enabled</Status></Metrics></Destination></Rule>
      <Rule><ID>old</ID><Status>Disabled</Status><Prefix>old/</Prefix><Destination><Bucket>arn:aws:s3:::nano-old</Bucket></Destination></Rule>
      <Rule><ID>tagged</ID><Status>Enabled</Status><Filter><And><Prefix>t/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Destination><Bucket>arn:aws:s3:::nano-zips-dr</Bucket></Destination></Rule>
    </ReplicationConfiguration>`;
    expect(await cloudOn(s3(versioned, xml(rules))).facts.bucketReplication(bucket)).toEqual({
      versioning: 'Enabled',
      rules: [
        { id: 'all', enabled: true, destination: 'nano-zips-dr', prefix: 'zips/', metrics: true },
        { id: 'old', enabled: false, destination: 'nano-old', prefix: 'old/', metrics: false },
        {
          id: 'tagged',
          enabled: true,
          destination: 'nano-zips-dr',
          prefix: 't/',
          isSelective: true,
          metrics: false,
        },
      ],
      source: { operation: 's3:GetBucketReplication', region: 'us-west-2', detail: 'nano-zips' },
    });
  });

  it('that nobody configured has no rules and was never versioned', async () => {
    const endpoint = s3(xml('<VersioningConfiguration/>'), s3Error(404, 'ReplicationConfigurationNotFoundError'));
    expect(await cloudOn(endpoint).facts.bucketReplication(bucket)).toMatchObject({ versioning: undefined, rules: [] });
  });

  it.each([
    ['NoSuchBucket', 404, 'not-found'],
    ['AccessDenied', 403, 'permission'],
  ])('that cannot be asked has not "no rules": %s', async (code, status, kind) => {
    const error = await failureOf(cloudOn(s3(versioned, s3Error(status, code))).facts.bucketReplication(bucket));
    expect(error).toMatchObject({
      kind,
      details: { iamAction: 's3:GetReplicationConfiguration', resource: 'nano-zips', region: 'us-west-2' },
    });
  });

  const destination = { region, bucket: 'nano-zips-dr' };
  const dimensions = 'SourceBucket=nano-zips DestinationBucket=nano-zips-dr';
  const backlogOf = async (endpoint: ReturnType<typeof answering>, ruleId: string | undefined) => {
    const { facts } = cloudOn(endpoint);
    const found = await facts.replicationBacklog(bucket, destination, ruleId, window);
    const values = (name: keyof typeof found) => found[name].points.map(({ value }) => value);
    return { operations: values('pendingOperations'), bytes: values('pendingBytes'), seconds: values('latency') };
  };

  it('has a backlog, which the destination’s region knows', async () => {
    const endpoint = answering({
      GetMetricData: metrics({
        [`OperationsPendingReplication ${dimensions} RuleId=all`]: [4, 0],
        [`BytesPendingReplication ${dimensions} RuleId=all`]: [4_096, 0],
        [`ReplicationLatency ${dimensions} RuleId=all`]: [12, 1],
      }),
    });
    expect(await backlogOf(endpoint, 'all')).toEqual({ operations: [4, 0], bytes: [4_096, 0], seconds: [12, 1] });
    expect(endpoint.asked.map(({ host }) => host)).toEqual(['monitoring.us-east-1.amazonaws.com']);
  });

  it('has a backlog of whichever rules publish one, added up', async () => {
    const endpoint = answering({
      ListMetrics: listing([
        { SourceBucket: 'nano-zips', DestinationBucket: 'nano-zips-dr', RuleId: 'a' },
        { SourceBucket: 'nano-zips', DestinationBucket: 'nano-zips-dr', RuleId: 'b' },
      ]),
      GetMetricData: metrics({
        [`OperationsPendingReplication ${dimensions} RuleId=a`]: [4],
        [`OperationsPendingReplication ${dimensions} RuleId=b`]: [3],
        [`ReplicationLatency ${dimensions} RuleId=a`]: [12],
        [`ReplicationLatency ${dimensions} RuleId=b`]: [70],
      }),
    });
    expect(await backlogOf(endpoint, undefined)).toEqual({ operations: [7], bytes: [], seconds: [70] });
  });

  it('has no number for a backlog that no rule publishes', async () => {
    const endpoint = answering({ ListMetrics: listing([]), GetMetricData: metrics({}) });
    expect(await backlogOf(endpoint, undefined)).toEqual({ operations: [], bytes: [], seconds: [] });
  });
});

describe('an object', () => {
  const object = { region, bucket: 'nano-switch', key: 'primary/on' };
  const head = (answers: Readonly<Record<string, Answer>>) =>
    fakeEndpoint(({ operation, host }) => {
      const answer = answers[`${operation} ${host.split('.')[0]}`];
      if (answer === undefined) throw new Error(`nobody expected ${operation} at ${host}`);
      return answer;
    });
  const existsWith = (answers: Readonly<Record<string, Answer>>) => cloudOn(head(answers)).facts.objectExists(object);
  const ofObject = 'HEAD /primary/on nano-switch';
  const ofBucket = 'HEAD / nano-switch';

  it('is there', async () => {
    expect(await existsWith({ [ofObject]: { status: 200, body: '' } })).toBe(true);
  });

  it('is not there, in a bucket that is', async () => {
    expect(await existsWith({ [ofObject]: { status: 404, body: '' }, [ofBucket]: { status: 200, body: '' } })).toBe(
      false,
    );
  });

  it('cannot be told where the bucket is not there', async () => {
    const missing = { status: 404, body: '' };
    const error = await failureOf(existsWith({ [ofObject]: missing, [ofBucket]: missing }));
    expect(error).toMatchObject({ kind: 'not-found', details: { operation: 'HeadBucket', resource: 'nano-switch' } });
  });

  it('cannot be told by who may not ask', async () => {
    const headers = { 'x-amz-request-id': 'R1', 'x-amz-id-2': 'I1' };
    const error = await failureOf(existsWith({ [ofObject]: { status: 403, headers, body: '' } }));
    expect(error).toMatchObject({ kind: 'permission', details: { iamAction: 's3:GetObject' } });
  });

  it('cannot be told by a proxy that refuses', async () => {
    const error = await failureOf(existsWith({ [ofObject]: { status: 403, body: '' } }));
    expect(error).toMatchObject({ kind: 'malformed-answer' });
  });
});

describe('a cache and a table', () => {
  it('tell whether they are there, and of what size', async () => {
    const endpoint = answering({
      DescribeReplicationGroups: () =>
        query(
          'DescribeReplicationGroups',
          '<ReplicationGroups><ReplicationGroup><Status>available</Status><CacheNodeType>cache.r7g.large</CacheNodeType><AutomaticFailover>enabled</AutomaticFailover><MemberClusters><ClusterId>a</ClusterId><ClusterId>b</ClusterId></MemberClusters></ReplicationGroup></ReplicationGroups>',
        ),
      DescribeTable: () => ({
        body: {
          Table: { TableStatus: 'ACTIVE', Replicas: [{ RegionName: 'us-west-2', ReplicaStatus: 'ACTIVE' }] },
        },
      }),
    });
    const { facts } = cloudOn(endpoint);
    expect(await facts.cacheState({ region, replicationGroup: 'nano-cache' })).toEqual({
      status: 'available',
      nodes: 2,
      nodeType: 'cache.r7g.large',
      automaticFailover: 'enabled',
      source: { operation: 'elasticache:DescribeReplicationGroups', region, detail: 'nano-cache' },
    });
    expect(await facts.tableState({ region, table: 'nano-sessions' })).toEqual({
      status: 'ACTIVE',
      replicas: [{ region: 'us-west-2', status: 'ACTIVE' }],
      source: { operation: 'dynamodb:DescribeTable', region, detail: 'nano-sessions' },
    });
  });

  it('that are not there are told by name', async () => {
    const endpoint = answering({
      DescribeReplicationGroups: () => queryError(404, 'ReplicationGroupNotFoundFault', 'no'),
      DescribeTable: () => jsonError(400, 'ResourceNotFoundException'),
    });
    const { facts } = cloudOn(endpoint);
    const failures = await Promise.all([
      failureOf(facts.cacheState({ region, replicationGroup: 'nano-cache' })),
      failureOf(facts.tableState({ region, table: 'nano-sessions' })),
    ]);
    expect(failures).toMatchObject([
      { kind: 'not-found', details: { resource: 'nano-cache' } },
      { kind: 'not-found', details: { resource: 'nano-sessions' } },
    ]);
  });
});

describe('alarms', () => {
  it('are asked for a hundred at a time, metric and composite ones, over all pages', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `alarm-${index}`);
    const endpoint = answering({
      DescribeAlarms: ({ input }) => {
        const asked = input['AlarmNames'] as readonly string[];
        if (asked.length === 30) return { body: { MetricAlarms: [], CompositeAlarms: [] } };
        return input['NextToken'] === undefined
          ? {
              body: {
                MetricAlarms: [
                  {
                    AlarmName: 'alarm-0',
                    StateValue: 'ALARM',
                    StateReason: 'Threshold Crossed',
                    StateUpdatedTimestamp: startMs / 1_000,
                    StateTransitionedTimestamp: startMs / 1_000 - 60,
                  },
                ],
                CompositeAlarms: [],
                NextToken: 'n',
              },
            }
          : {
              body: { MetricAlarms: [], CompositeAlarms: [{ AlarmName: 'alarm-1', StateValue: 'INSUFFICIENT_DATA' }] },
            };
      },
    });
    expect(await cloudOn(endpoint).facts.alarms(region, [...names, 'alarm-0'])).toEqual([
      { name: 'alarm-0', region, state: 'alarm', since: startMs - minute, reason: 'Threshold Crossed' },
      { name: 'alarm-1', region, state: 'insufficient-data', since: undefined, reason: '' },
    ]);
    expect(endpoint.asked.map(({ input }) => (input['AlarmNames'] as string[]).length)).toEqual([100, 30, 100]);
    expect(endpoint.asked[0]?.input).toMatchObject({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
  });

  it('that are not asked for cost nothing', async () => {
    const endpoint = answering({});
    expect(await cloudOn(endpoint).facts.alarms(region, [])).toEqual([]);
  });

  it('in a state that nobody knows are not taken for well', async () => {
    const endpoint = answering({
      DescribeAlarms: () => ({
        body: { MetricAlarms: [{ AlarmName: 'a', StateValue: 'PAUSED' }], CompositeAlarms: [] },
      }),
    });
    expect(await failureOf(cloudOn(endpoint).facts.alarms(region, ['a']))).toMatchObject({ kind: 'malformed-answer' });
  });
});

describe('what the caller may do', () => {
  const identity = (caller: string) => () =>
    query('GetCallerIdentity', `<Account>123456789012</Account><Arn>${caller}</Arn>`);
  const decided = (decisions: Readonly<Record<string, string>>, more = '') =>
    query(
      'SimulatePrincipalPolicy',
      `<IsTruncated>false</IsTruncated><EvaluationResults>${Object.entries(decisions)
        .map(
          ([name, said]) =>
            `<member><EvalActionName>${name}</EvalActionName><EvalDecision>${said}</EvalDecision>${more}</member>`,
        )
        .join('')}</EvaluationResults>`,
    );
  const actions = ['rds:FailoverGlobalCluster', 'ecs:UpdateService'];

  it('is simulated for the role behind the session, in IAM’s own region', async () => {
    const endpoint = answering({
      GetCallerIdentity: identity('arn:aws:sts::123456789012:assumed-role/nanoops/ops@example.com'),
      SimulatePrincipalPolicy: () => decided({ [actions[0] ?? '']: 'allowed', [actions[1] ?? '']: 'implicitDeny' }),
    });
    expect(await cloudOn(endpoint).facts.permissions('us-west-2', actions)).toEqual({
      'rds:FailoverGlobalCluster': true,
      'ecs:UpdateService': false,
    });
    expect(endpoint.asked.map(({ host }) => host)).toEqual(['sts.us-west-2.amazonaws.com', 'iam.amazonaws.com']);
    expect(endpoint.asked[1]?.headers['authorization']).toContain('/us-east-1/iam/aws4_request');
    expect(endpoint.asked[1]?.input).toMatchObject({
      PolicySourceArn: 'arn:aws:iam::123456789012:role/nanoops',
      'ActionNames.member.1': actions[0],
      'ActionNames.member.2': actions[1],
    });
  });

  it('is told by the names of operations as well, for which the policies have others', async () => {
    const endpoint = answering({
      GetCallerIdentity: identity('arn:aws:iam::123456789012:user/ops'),
      SimulatePrincipalPolicy: () =>
        decided({ 's3:GetObject': 'allowed', 's3:GetReplicationConfiguration': 'explicitDeny' }),
    });
    const asked = ['s3:HeadObject', 's3:GetObject', 's3:GetBucketReplication'];
    expect(await cloudOn(endpoint).facts.permissions(region, asked)).toEqual({
      's3:HeadObject': true,
      's3:GetObject': true,
      's3:GetBucketReplication': false,
    });
    expect(endpoint.asked[1]?.input).not.toHaveProperty('ActionNames.member.3');
  });

  it('is what a boundary and the organisation leave of it', async () => {
    const endpoint = answering({
      GetCallerIdentity: identity('arn:aws:iam::123456789012:user/ops'),
      SimulatePrincipalPolicy: () =>
        decided(
          { 'ecs:UpdateService': 'allowed' },
          '<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>',
        ),
    });
    expect(await cloudOn(endpoint).facts.permissions(region, ['ecs:UpdateService'])).toEqual({
      'ecs:UpdateService': false,
    });
    expect(endpoint.asked[1]?.input).toMatchObject({ PolicySourceArn: 'arn:aws:iam::123456789012:user/ops' });
  });

  it('is found for a role with a path, which the session does not tell', async () => {
    const full = 'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_1';
    const endpoint = answering({
      GetCallerIdentity: identity('arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_1/ops'),
      SimulatePrincipalPolicy: ({ input }) =>
        input['PolicySourceArn'] === full
          ? decided({ 'ecs:UpdateService': 'allowed' })
          : queryError(404, 'NoSuchEntity', 'no such role'),
      GetRole: () =>
        query(
          'GetRole',
          `<Role><Path>/</Path><RoleName>AWSReservedSSO_Ops_1</RoleName><RoleId>r</RoleId><Arn>${full}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>`,
        ),
    });
    expect(await cloudOn(endpoint).facts.permissions(region, ['ecs:UpdateService'])).toEqual({
      'ecs:UpdateService': true,
    });
  });

  it('is unknown to who may not ask, and the missing action is named', async () => {
    const endpoint = answering({
      GetCallerIdentity: identity('arn:aws:iam::123456789012:user/ops'),
      SimulatePrincipalPolicy: () => queryError(403, 'AccessDenied', 'User: ops is not authorized'),
    });
    const error = await failureOf(cloudOn(endpoint).facts.permissions('us-west-2', actions));
    expect(error).toMatchObject({
      kind: 'permission',
      details: { iamAction: 'iam:SimulatePrincipalPolicy', region: 'us-east-1' },
    });
  });

  it('is unknown where the answer leaves an action out', async () => {
    const endpoint = answering({
      GetCallerIdentity: identity('arn:aws:iam::123456789012:user/ops'),
      SimulatePrincipalPolicy: () => decided({ 'rds:FailoverGlobalCluster': 'allowed' }),
    });
    const error = await failureOf(cloudOn(endpoint).facts.permissions(region, actions));
    expect(error).toBeInstanceOf(CloudError);
    expect(String(error)).toContain('it says nothing of ecs:UpdateService');
  });
});

import { describe, expect, it } from 'vitest';
import { cloudOn, failureOf, fakeClock, fakeEndpoint, startMs, type Answer, type Asked } from './fake-endpoint.ts';

const region = 'us-west-2';
const minute = 60_000;
const hour = 60 * minute;
const window = { from: startMs - hour, to: startMs };
const seconds = (ms: number) => ms / 1_000;

/** Answers by operation; an operation that is not expected fails the test with its name. */
function answering(answers: Readonly<Record<string, (asked: Asked) => Answer>>) {
  return fakeEndpoint((asked) => {
    const answer = answers[asked.operation];
    if (answer === undefined) throw new Error(`nobody expected ${asked.operation}`);
    return answer(asked);
  });
}

function asksFor(asked: readonly Asked[], operation: string): readonly Asked[] {
  return asked.filter((one) => one.operation === operation);
}

/** Every metric query of the requests, as `Namespace Metric Stat dimensions`. */
function metricsIn(asked: readonly Asked[]): readonly string[] {
  return asksFor(asked, 'GetMetricData').flatMap(({ input }) => {
    // The test's own reader of what the SDK has just written.
    const queries = input['MetricDataQueries'] as readonly {
      MetricStat: {
        Metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] };
        Stat: string;
      };
    }[];
    return queries.map(({ MetricStat: { Metric, Stat } }) => {
      const dimensions = Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' ');
      return `${Metric.Namespace} ${Metric.MetricName} ${Stat} ${dimensions}`;
    });
  });
}

/** Empty metrics for whatever is asked. */
function noMetrics({ input }: Asked): Answer {
  const queries = input['MetricDataQueries'] as readonly { Id: string }[];
  return { body: { MetricDataResults: queries.map(({ Id }) => ({ Id, StatusCode: 'Complete' })) } };
}

describe('metrics are asked for by the names that AWS publishes them under', () => {
  it('of the API', async () => {
    const endpoint = answering({ GetMetricData: noMetrics });
    const api = { region, loadBalancer: 'app/nano-alb/50dc', targetGroup: 'targetgroup/nano-api/73e2' };
    await cloudOn(endpoint).facts.apiTraffic(api, window);
    const balancer = 'LoadBalancer=app/nano-alb/50dc';
    const targets = `${balancer} TargetGroup=targetgroup/nano-api/73e2`;
    expect(endpoint.asked).toHaveLength(1);
    expect(metricsIn(endpoint.asked)).toEqual([
      `AWS/ApplicationELB TargetResponseTime p50 ${balancer}`,
      `AWS/ApplicationELB TargetResponseTime p95 ${balancer}`,
      `AWS/ApplicationELB TargetResponseTime p99 ${balancer}`,
      `AWS/ApplicationELB RequestCount Sum ${balancer}`,
      `AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum ${targets}`,
      `AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum ${balancer}`,
      `AWS/ApplicationELB HTTPCode_Target_4XX_Count Sum ${targets}`,
      `AWS/ApplicationELB TargetConnectionErrorCount Sum ${targets}`,
      `AWS/ApplicationELB HealthyHostCount Minimum ${targets}`,
      `AWS/ApplicationELB UnHealthyHostCount Maximum ${targets}`,
    ]);
  });

  it('of the database’s writer', async () => {
    const endpoint = answering({ GetMetricData: noMetrics });
    await cloudOn(endpoint).facts.databaseLoad({ region, cluster: 'nano-db' }, window);
    const writer = 'DBClusterIdentifier=nano-db Role=WRITER';
    expect(metricsIn(endpoint.asked)).toEqual([
      `AWS/RDS CPUUtilization Average ${writer}`,
      `AWS/RDS DatabaseConnections Maximum ${writer}`,
      `AWS/RDS SelectLatency Average ${writer}`,
      `AWS/RDS DMLLatency Average ${writer}`,
      `AWS/RDS CommitLatency Average ${writer}`,
      `AWS/RDS FreeableMemory Average ${writer}`,
      `AWS/RDS Queries Average ${writer}`,
      `AWS/RDS Deadlocks Average ${writer}`,
      `AWS/RDS AuroraReplicaLagMaximum Maximum ${writer}`,
    ]);
  });

  it('all facts of one turn in one request', async () => {
    const endpoint = answering({ GetMetricData: noMetrics });
    const { facts } = cloudOn(endpoint);
    await Promise.all([
      facts.apiTraffic({ region, loadBalancer: 'app/nano-alb/50dc' }, window),
      facts.serviceUtilisation({ region, cluster: 'nano', service: 'nano-api' }, window),
      facts.databaseLoad({ region, cluster: 'nano-db' }, window),
    ]);
    expect(asksFor(endpoint.asked, 'GetMetricData')).toHaveLength(1);
  });

  it('without a target group, hosts are not asked for: nobody publishes them', async () => {
    const endpoint = answering({ GetMetricData: noMetrics });
    const traffic = await cloudOn(endpoint).facts.apiTraffic({ region, loadBalancer: 'app/nano-alb/50dc' }, window);
    expect(metricsIn(endpoint.asked).filter((name) => name.includes('HostCount'))).toEqual([]);
    expect(traffic.healthyHosts).toMatchObject({ points: [], periodMs: minute });
    expect(traffic.healthyHosts.source.detail).toContain('api.targetGroup is not set');
  });
});

describe('deployments', () => {
  const ref = { region, cluster: 'nano', service: 'nano-api' };
  const arn = (id: string) => `arn:aws:ecs:us-west-2:1:service-deployment/nano/nano-api/${id}`;
  const endpoint = answering({
    ListServiceDeployments: ({ input }) =>
      input['nextToken'] === undefined
        ? { body: { serviceDeployments: [{ serviceDeploymentArn: arn('d2') }], nextToken: 'n' } }
        : { body: { serviceDeployments: ['d1', 'd0'].map((id) => ({ serviceDeploymentArn: arn(id) })) } },
    DescribeServiceDeployments: () => ({
      body: {
        serviceDeployments: [
          {
            serviceDeploymentArn: arn('d0'),
            status: 'SUCCESSFUL',
            startedAt: seconds(startMs - 9 * hour),
            finishedAt: seconds(startMs - 8 * hour),
          },
          {
            serviceDeploymentArn: arn('d1'),
            status: 'ROLLBACK_SUCCESSFUL',
            startedAt: seconds(startMs - 2 * hour),
            finishedAt: seconds(startMs - 30 * minute),
            targetServiceRevision: { arn: 'rev2' },
            sourceServiceRevisions: [{ arn: 'rev1' }],
          },
          {
            serviceDeploymentArn: arn('d2'),
            status: 'IN_PROGRESS',
            startedAt: seconds(startMs - minute),
            targetServiceRevision: { arn: 'rev3' },
          },
        ],
      },
    }),
    DescribeServiceRevisions: () => ({
      body: {
        serviceRevisions: [
          { serviceRevisionArn: 'rev1', taskDefinition: 'nano-api:41' },
          { serviceRevisionArn: 'rev2', taskDefinition: 'nano-api:42' },
        ],
      },
    }),
  });

  it('are those under way in the window, newest first, with the task definitions before and after', async () => {
    const found = await cloudOn(endpoint).facts.deployments(ref, window);
    expect(found).toEqual([
      expect.objectContaining({
        id: arn('d2'),
        status: 'IN_PROGRESS',
        finishedAt: undefined,
        taskDefinition: undefined,
      }),
      {
        id: arn('d1'),
        status: 'ROLLBACK_SUCCESSFUL',
        startedAt: startMs - 2 * hour,
        finishedAt: startMs - 30 * minute,
        taskDefinition: 'nano-api:42',
        previousTaskDefinitions: ['nano-api:41'],
      },
    ]);
  });

  it('that may not be listed are not "none"', async () => {
    const denied = answering({
      ListServiceDeployments: () => ({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } }),
    });
    expect(await failureOf(cloudOn(denied).facts.deployments(ref, window))).toMatchObject({
      kind: 'permission',
      details: { iamAction: 'ecs:ListServiceDeployments', resource: 'nano/nano-api' },
    });
  });
});

describe('stopped tasks', () => {
  it('are described a hundred at a time, newest first', async () => {
    const arns = Array.from({ length: 150 }, (_, index) => `task/${index}`);
    const endpoint = answering({
      ListTasks: ({ input }) =>
        input['nextToken'] === undefined
          ? { body: { taskArns: arns.slice(0, 100), nextToken: 'more' } }
          : { body: { taskArns: arns.slice(100) } },
      DescribeTasks: ({ input }) => ({
        body: {
          tasks: (input['tasks'] as string[]).map((taskArn) => ({
            taskArn,
            stoppedAt: seconds(startMs) - Number(taskArn.split('/')[1]),
            stopCode: 'EssentialContainerExited',
            stoppedReason: 'Essential container in task exited',
            containers: [{ name: 'api', exitCode: 137, reason: 'OutOfMemoryError' }],
          })),
        },
      }),
    });
    const tasks = await cloudOn(endpoint).facts.stoppedTasks({ region, cluster: 'nano', service: 'nano-api' });
    expect(asksFor(endpoint.asked, 'DescribeTasks').map(({ input }) => (input['tasks'] as string[]).length)).toEqual([
      100, 50,
    ]);
    expect(tasks).toHaveLength(150);
    expect(tasks[0]).toEqual({
      taskArn: 'task/0',
      stoppedAt: startMs,
      stopCode: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
      containers: [{ name: 'api', exitCode: 137, reason: 'OutOfMemoryError' }],
    });
  });
});

describe('log searches', () => {
  const group = { region, logGroup: '/aws/ecs/nano-api' };
  const event = (timestamp: number, message: string) => ({ timestamp, message, logStreamName: 'task' });

  it('go on through empty pages', async () => {
    const endpoint = fakeEndpoint((_asked, count) => ({
      body: count < 4 ? { events: [], nextToken: `t${count}` } : { events: [event(startMs, 'ERROR late')] },
    }));
    const found = await cloudOn(endpoint).facts.errorLines(group, window, 10);
    expect(found).toMatchObject({ truncated: false, lines: [{ at: startMs, message: 'ERROR late', stream: 'task' }] });
    expect(endpoint.asked[0]?.input).toMatchObject({
      logGroupName: '/aws/ecs/nano-api',
      filterPattern: '?ERROR ?CRITICAL',
      startTime: window.from,
      endTime: window.to - 1,
    });
  });

  it('keep the newest lines, and say that there were more', async () => {
    const endpoint = fakeEndpoint((_asked, count) => ({
      body: {
        events: [
          event(startMs + 2 * count, `ERROR ${2 * count}`),
          event(startMs + 2 * count + 1, `ERROR ${2 * count + 1}`),
        ],
        nextToken: count < 3 ? `t${count}` : undefined,
      },
    }));
    const found = await cloudOn(endpoint).facts.errorLines(group, window, 3);
    expect(found.lines.map(({ message }) => message)).toEqual(['ERROR 5', 'ERROR 6', 'ERROR 7']);
    expect(found.truncated).toBe(true);
  });

  it('end with so many of the oldest as are enough, and ask for no more of them', async () => {
    const endpoint = fakeEndpoint((_asked, count) => ({
      body: { events: [event(startMs + count, `ERROR ${count}`)], nextToken: `t${count}` },
    }));
    const found = await cloudOn(endpoint).facts.errorLines(group, window, 10, 2);
    expect(found.lines.map(({ message }) => message)).toEqual(['ERROR 1', 'ERROR 2']);
    expect(found.truncated).toBe(true);
    expect(endpoint.asked.map(({ input }) => input['limit'])).toEqual([2, 2]);
  });

  it('do not go round in circles, and say that they stopped', async () => {
    const endpoint = fakeEndpoint(() => ({ body: { events: [], nextToken: 'same' } }));
    const found = await cloudOn(endpoint).facts.errorLines(group, window, 3);
    expect(found).toMatchObject({ lines: [], truncated: true });
    expect(endpoint.asked.length).toBeLessThan(4);
  });

  it('end when they take too long, and say so', async () => {
    const clock = fakeClock();
    const endpoint = fakeEndpoint(async (_asked, count) => {
      await clock.sleep(6_000);
      return { body: { events: [], nextToken: `t${count}` } };
    });
    const found = await cloudOn(endpoint, { clock }).facts.errorLines(group, window, 10);
    expect(found).toMatchObject({ lines: [], truncated: true });
    expect(endpoint.asked.length).toBeLessThan(6);
  });

  it('judge a structured line by its level, a plain one by its words', async () => {
    const messages = [
      'CRITICAL: Database connection pool exhausted',
      '{"level":"error","action":"UPLOAD"}',
      '{"level":"INFO","error":"ERROR"}',
      '{"level":"ERROR"',
      '{"severity":"CRITICAL"}',
      'MIRRORED ERRORLESS',
    ];
    const endpoint = fakeEndpoint(() => ({
      body: { events: messages.map((message, index) => event(startMs + index, message)) },
    }));
    const { lines } = await cloudOn(endpoint).facts.errorLines(group, window, 10);
    expect(lines.map(({ message }) => messages.indexOf(message))).toEqual([0, 1, 3, 4]);
  });
});

describe('traces', () => {
  const service = { region, service: 'nano-api' };
  const summary = (Id: string, ResponseTime: number) => ({ Id, ResponseTime, Duration: ResponseTime });
  const segment = (id: string, start: number, end: number) =>
    JSON.stringify({ id, name: 'nano-api', start_time: start, end_time: end });
  const traceOf = (Id: string) => ({
    Id,
    Duration: 4,
    Segments: [
      { Id: 'a', Document: segment('a', seconds(startMs), seconds(startMs) + 4) },
      { Id: 'b', Document: 'not JSON' },
    ],
  });

  it('are the slowest that match, fetched by fives, with what could not be read counted', async () => {
    const endpoint = answering({
      'POST /TraceSummaries': ({ input }) =>
        input['NextToken'] === undefined
          ? { body: { TraceSummaries: [1, 9, 3].map((s) => summary(`t${s}`, s)), NextToken: 'n' } }
          : { body: { TraceSummaries: [8, 7, 6, 5].map((s) => summary(`t${s}`, s)), NextToken: 'more' } },
      'POST /Traces': ({ input }) => ({ body: { Traces: (input['TraceIds'] as string[]).toReversed().map(traceOf) } }),
    });
    const sample = await cloudOn(endpoint).facts.traces(service, window, { slowerThanMs: 3_000 }, 6);
    // The pages are read until there are enough, and then no further.
    expect(sample.traces.map(({ id }) => id)).toEqual(['t9', 't8', 't7', 't6', 't5', 't3']);
    expect(asksFor(endpoint.asked, 'POST /TraceSummaries')).toHaveLength(2);
    expect(asksFor(endpoint.asked, 'POST /Traces').map(({ input }) => (input['TraceIds'] as string[]).length)).toEqual([
      5, 1,
    ]);
    expect(sample).toMatchObject({ matched: 7, truncated: true, unreadable: 6 });
    expect(sample.traces[0]).toMatchObject({ start: startMs, durationMs: 4_000 });
    expect(sample.traces[0]?.spans).toHaveLength(1);
    expect(endpoint.asked[0]?.input).toMatchObject({ FilterExpression: 'service("nano-api") { responsetime > 3 }' });
  });

  it('are asked for in windows that X-Ray takes, and never of the future', async () => {
    const endpoint = answering({
      'POST /TraceSummaries': () => ({ body: { TraceSummaries: [] } }),
      'POST /GetTraceSegmentDestination': () => ({ body: { Destination: 'XRay', Status: 'ACTIVE' } }),
    });
    const day = { from: startMs - 20 * hour, to: startMs + hour };
    const sample = await cloudOn(endpoint).facts.traces({ ...service, service: 'a"b' }, day, {}, 5);
    const asked = asksFor(endpoint.asked, 'POST /TraceSummaries').map(({ input }) => input);
    expect(asked.map(({ StartTime }) => Number(StartTime)).toSorted((a, b) => a - b)).toEqual(
      [20, 15, 10, 5].map((hours) => seconds(startMs - hours * hour)),
    );
    expect(Math.max(...asked.map(({ EndTime }) => Number(EndTime)))).toBe(seconds(startMs));
    expect(asked[0]?.['FilterExpression']).toBe('service("a\\"b")');
    expect(sample).toMatchObject({ traces: [], matched: 0, truncated: false });
  });

  it('that went to Transaction Search are not "no traces"', async () => {
    const endpoint = answering({
      'POST /TraceSummaries': () => ({ body: { TraceSummaries: [summary('t1', 4)] } }),
      'POST /Traces': () => ({ body: { Traces: [], UnprocessedTraceIds: ['t1'] } }),
      'POST /GetTraceSegmentDestination': () => ({ body: { Destination: 'CloudWatchLogs', Status: 'ACTIVE' } }),
    });
    const error = await failureOf(cloudOn(endpoint).facts.traces(service, window, { slowerThanMs: 3_000 }, 5));
    expect(error).toMatchObject({ kind: 'not-found' });
    expect(String(error)).toContain('aws/spans');
  });

  it('keep the segments that come on a second page', async () => {
    const endpoint = answering({
      'POST /TraceSummaries': () => ({ body: { TraceSummaries: [summary('t1', 4)] } }),
      'POST /Traces': ({ input }) => {
        const second = input['NextToken'] !== undefined;
        const Document = segment(second ? 'late' : 'early', seconds(startMs), seconds(startMs) + 1);
        return { body: { Traces: [{ Id: 't1', Segments: [{ Document }] }], NextToken: second ? undefined : 'n' } };
      },
    });
    const { traces } = await cloudOn(endpoint).facts.traces(service, window, { fasterThanMs: 1_000 }, 5);
    expect(traces.map(({ spans }) => spans.map(({ id }) => id))).toEqual([['early', 'late']]);
  });
});

/** A query service's answer, its lists as `<member>` or by the names that the service gives them. */
const xml = (operation: string, content: string): Answer => ({
  headers: { 'content-type': 'text/xml' },
  body: `<${operation}Response><${operation}Result>${content}</${operation}Result></${operation}Response>`,
});

describe('the database’s limit of connections', () => {
  const cluster = (group: string) =>
    xml(
      'DescribeDBClusters',
      `<DBClusters><DBCluster><DBClusterIdentifier>nano-db</DBClusterIdentifier><Engine>aurora-mysql</Engine><Status>available</Status><DBClusterParameterGroup>${group}</DBClusterParameterGroup><DBClusterMembers><DBClusterMember><DBInstanceIdentifier>w</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter></DBClusterMember></DBClusterMembers></DBCluster></DBClusters>`,
    );
  const instance = (kind: string, group: string) =>
    xml(
      'DescribeDBInstances',
      `<DBInstances><DBInstance><DBInstanceIdentifier>w</DBInstanceIdentifier><DBInstanceClass>${kind}</DBInstanceClass><DBParameterGroups><DBParameterGroup><DBParameterGroupName>${group}</DBParameterGroupName></DBParameterGroup></DBParameterGroups></DBInstance></DBInstances>`,
    );
  const parameters = (operation: string, value?: string) =>
    xml(
      operation,
      value === undefined
        ? '<Parameters></Parameters>'
        : `<Parameters><Parameter><ParameterName>max_connections</ParameterName><ParameterValue>${value}</ParameterValue></Parameter></Parameters>`,
    );

  const limitOf = async (kind: string, ofInstance: string | undefined, ofCluster: string | undefined) => {
    const endpoint = answering({
      DescribeDBClusters: () => cluster('own-cluster'),
      DescribeDBInstances: () => instance(kind, 'own'),
      DescribeDBParameters: () => parameters('DescribeDBParameters', ofInstance),
      DescribeDBClusterParameters: () => parameters('DescribeDBClusterParameters', ofCluster),
    });
    return cloudOn(endpoint).facts.connectionLimit({ region, cluster: 'nano-db' });
  };

  it.each([
    ['its instance’s group', 'db.r6g.large', '150', '200', 150],
    ['its cluster’s group', 'db.r6g.large', undefined, '200', 200],
    ['its class', 'db.t4g.medium', undefined, undefined, 90],
    ['its class', 'db.t4g.large', undefined, undefined, 135],
    ['its class', 'db.r6g.4xlarge', undefined, undefined, 4_000],
    ['nothing that is known', 'db.serverless', undefined, undefined, undefined],
    ['a formula, which is not guessed', 'db.r6g.large', '{DBInstanceClassMemory/12582880}', undefined, undefined],
  ])('comes from %s', async (_, kind, ofInstance, ofCluster, expected) => {
    expect(await limitOf(kind, ofInstance, ofCluster)).toBe(expected);
  });

  it('needs no look at groups that nobody can change', async () => {
    const endpoint = answering({
      DescribeDBClusters: () => cluster('default.aurora-mysql8.0'),
      DescribeDBInstances: () => instance('db.r6g.large', 'default.aurora-mysql8.0'),
    });
    expect(await cloudOn(endpoint).facts.connectionLimit({ region, cluster: 'nano-db' })).toBe(1_000);
  });
});

describe('the cache', () => {
  it('sums what its nodes count, and takes the busiest node’s CPU', async () => {
    const nodes = ['nano-cache-001', 'nano-cache-002'];
    const at = seconds(startMs) - 600;
    const endpoint = answering({
      DescribeReplicationGroups: () =>
        xml(
          'DescribeReplicationGroups',
          `<ReplicationGroups><ReplicationGroup><MemberClusters>${nodes.map((id) => `<ClusterId>${id}</ClusterId>`).join('')}</MemberClusters></ReplicationGroup></ReplicationGroups>`,
        ),
      GetMetricData: ({ input }) => {
        const queries = input['MetricDataQueries'] as {
          Id: string;
          MetricStat: { Metric: { Dimensions: { Value: string }[] } };
        }[];
        return {
          body: {
            MetricDataResults: queries.map(({ Id, MetricStat }) => {
              const first = MetricStat.Metric.Dimensions[0]?.Value === nodes[0];
              return {
                Id,
                StatusCode: 'Complete',
                Timestamps: first ? [at, at + 60] : [at],
                Values: first ? [10, 30] : [5],
              };
            }),
          },
        };
      },
    });
    const load = await cloudOn(endpoint).facts.cacheLoad({ region, replicationGroup: 'nano-cache' }, window);
    expect(load.nodes).toEqual(nodes);
    expect(load.hits.points.map(({ value }) => value)).toEqual([15, 30]);
    expect(load.engineCpu.points.map(({ value }) => value)).toEqual([10, 30]);
  });
});

describe('the bucket', () => {
  const configurations = (content: string): Answer => ({
    headers: { 'content-type': 'application/xml' },
    body: `<ListMetricsConfigurationsResult><IsTruncated>false</IsTruncated>${content}</ListMetricsConfigurationsResult>`,
  });
  const load = async (content: string) => {
    const endpoint = fakeEndpoint((asked) =>
      asked.operation === 'GetMetricData' ? noMetrics(asked) : configurations(content),
    );
    const found = await cloudOn(endpoint).facts.bucketLoad({ region, bucket: 'nano-zips' }, window);
    return { found, names: metricsIn(endpoint.asked) };
  };
  const partial = '<MetricsConfiguration><Id>zips</Id><Filter><Prefix>zips/</Prefix></Filter></MetricsConfiguration>';
  const whole = '<MetricsConfiguration><Id>everything</Id></MetricsConfiguration>';

  it('has no load to tell where nobody configured its metrics', async () => {
    expect((await load('')).found).toBeUndefined();
  });

  it('is read as a whole where it can be', async () => {
    const { names } = await load(`${partial}${whole}`);
    expect(names).toContain('AWS/S3 5xxErrors Sum BucketName=nano-zips FilterId=everything');
    expect(names).toContain('AWS/S3 FirstByteLatency p99 BucketName=nano-zips FilterId=everything');
  });

  it('is read in part where it must be', async () => {
    const { names } = await load(partial);
    expect(names).toContain('AWS/S3 AllRequests Sum BucketName=nano-zips FilterId=zips');
  });
});

describe('flow logs', () => {
  it('are none where none are, and nothing is asked without a subnet', async () => {
    const answers: Record<string, string> = {
      DescribeSubnets:
        '<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item></subnetSet></DescribeSubnetsResponse>',
      DescribeFlowLogs: '<DescribeFlowLogsResponse><requestId>r</requestId><flowLogSet/></DescribeFlowLogsResponse>',
    };
    const endpoint = fakeEndpoint(({ operation }) => ({ body: answers[operation] ?? '' }));
    const { facts } = cloudOn(endpoint);
    expect(await facts.flowLogs(region, [])).toEqual([]);
    expect(endpoint.asked).toEqual([]);
    expect(await facts.flowLogs(region, ['subnet-1'])).toEqual([]);
    expect(asksFor(endpoint.asked, 'DescribeFlowLogs')[0]?.input).toMatchObject({
      'Filter.1.Name': 'resource-id',
      'Filter.1.Value.1': 'subnet-1',
      'Filter.1.Value.2': 'vpc-1',
    });
  });
});

describe('the database’s state', () => {
  const cluster = `<DBClusters><DBCluster><DBClusterIdentifier>nano-db</DBClusterIdentifier><Status>available</Status>
    <Port>3306</Port><DBSubnetGroup>nano</DBSubnetGroup><DBClusterParameterGroup>nano-mysql8</DBClusterParameterGroup>
    <LatestRestorableTime>2026-11-23T09:56:01.500Z</LatestRestorableTime>
    <VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-db</VpcSecurityGroupId><Status>active</Status></VpcSecurityGroupMembership></VpcSecurityGroups>
    <DBClusterMembers>
      <DBClusterMember><DBInstanceIdentifier>w</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter><DBClusterParameterGroupStatus>in-sync</DBClusterParameterGroupStatus><PromotionTier>1</PromotionTier></DBClusterMember>
      <DBClusterMember><DBInstanceIdentifier>r</DBInstanceIdentifier><IsClusterWriter>false</IsClusterWriter><DBClusterParameterGroupStatus>pending-reboot</DBClusterParameterGroupStatus><PromotionTier>0</PromotionTier></DBClusterMember>
    </DBClusterMembers></DBCluster></DBClusters>`;
  const instance = (id: string, status: string) =>
    `<DBInstance><DBInstanceIdentifier>${id}</DBInstanceIdentifier><DBInstanceClass>db.r6g.large</DBInstanceClass><DBParameterGroups><DBParameterGroup><DBParameterGroupName>own</DBParameterGroupName><ParameterApplyStatus>${status}</ParameterApplyStatus></DBParameterGroup></DBParameterGroups></DBInstance>`;
  const stateOf = (instances: string, clusters = cluster) =>
    cloudOn(
      answering({
        DescribeDBClusters: () => xml('DescribeDBClusters', clusters),
        DescribeDBInstances: () => xml('DescribeDBInstances', `<DBInstances>${instances}</DBInstances>`),
      }),
    ).facts.databaseState({ region, cluster: 'nano-db' });

  it('says where it is, how it is set, and to when it can be restored', async () => {
    expect(await stateOf(instance('w', 'in-sync') + instance('r', 'in-sync'))).toMatchObject({
      port: 3306,
      securityGroups: ['sg-db'],
      subnetGroup: 'nano',
      parameterGroup: 'nano-mysql8',
      restorableTo: Date.UTC(2026, 10, 23, 9, 56, 1, 500),
      instances: [
        { id: 'w', role: 'writer', parameterStatus: 'in-sync', promotionTier: 1 },
        // In sync with its own group, and not with its cluster's.
        { id: 'r', role: 'reader', parameterStatus: 'pending-reboot', promotionTier: 0 },
      ],
    });
  });

  it('names the status of its own group where that is what is not in sync', async () => {
    const { instances } = await stateOf(instance('w', 'pending-reboot'));
    expect(instances).toMatchObject([{ id: 'w', parameterStatus: 'pending-reboot' }]);
  });

  it('leaves open what RDS leaves out', async () => {
    const bare = '<DBClusters><DBCluster><DBClusterIdentifier>nano-db</DBClusterIdentifier></DBCluster></DBClusters>';
    const state = await stateOf('<DBInstance><DBInstanceIdentifier>w</DBInstanceIdentifier></DBInstance>', bare);
    expect(state).toMatchObject({ securityGroups: [], port: undefined, restorableTo: undefined });
    expect(state.instances).toMatchObject([{ parameterStatus: undefined, promotionTier: undefined }]);
  });
});

describe('the database’s events', () => {
  const cluster =
    '<DBClusters><DBCluster><DBClusterIdentifier>nano-db</DBClusterIdentifier><DBClusterParameterGroup>nano-mysql8</DBClusterParameterGroup></DBCluster></DBClusters>';
  const instances = ['w', 'r'].map(
    (id) =>
      `<DBInstance><DBInstanceIdentifier>${id}</DBInstanceIdentifier><DBParameterGroups><DBParameterGroup><DBParameterGroupName>${id === 'w' ? 'own' : 'default.aurora-mysql8.0'}</DBParameterGroupName></DBParameterGroup></DBParameterGroups></DBInstance>`,
  );
  const event = (id: string, at: number, message: string) =>
    `<Event><SourceIdentifier>${id}</SourceIdentifier><Date>${new Date(at).toISOString()}</Date><Message>${message}</Message></Event>`;
  const database = { region, cluster: 'nano-db' };

  /** `told`: the pages of each subject's events. */
  function endpointTelling(told: Readonly<Record<string, readonly string[]>>) {
    return answering({
      DescribeDBClusters: () => xml('DescribeDBClusters', cluster),
      DescribeDBInstances: () => xml('DescribeDBInstances', `<DBInstances>${instances.join('')}</DBInstances>`),
      DescribeEvents: ({ input }) => {
        const pages = told[String(input['SourceIdentifier'])] ?? [];
        const page = Number(input['Marker'] ?? 0);
        const marker = page + 1 < pages.length ? `<Marker>${page + 1}</Marker>` : '';
        return xml('DescribeEvents', `${marker}<Events>${pages[page] ?? ''}</Events>`);
      },
    });
  }

  it('are those of the cluster, its instances and the groups that somebody can change, newest first', async () => {
    const endpoint = endpointTelling({
      'nano-db': [
        event('nano-db', startMs - 9 * minute, 'Started cross AZ failover to DB instance: r'),
        event('nano-db', startMs - 7 * minute, 'Completed failover to DB instance: r'),
      ],
      w: [event('w', startMs - 8 * minute, 'DB instance restarted')],
      'nano-mysql8': [event('nano-mysql8', startMs - 30 * minute, 'Updated parameter max_connections to 200')],
    });
    const events = await cloudOn(endpoint).facts.databaseEvents(database, window);
    expect(events.map(({ at, about, kind }) => [(startMs - at) / minute, about, kind])).toEqual([
      [7, 'nano-db', 'failover-completed'],
      [8, 'w', 'restarted'],
      [9, 'nano-db', 'failover-started'],
      [30, 'nano-mysql8', 'parameters-changed'],
    ]);
    const asked = asksFor(endpoint.asked, 'DescribeEvents').map(({ input }) => input);
    expect(new Set(asked.map((input) => [input['SourceType'], input['SourceIdentifier']].join(' ')))).toEqual(
      new Set([
        'db-cluster nano-db',
        'db-instance w',
        'db-instance r',
        'db-parameter-group nano-mysql8',
        'db-parameter-group own',
      ]),
    );
    expect(asked[0]).toMatchObject({ StartTime: '2026-11-23T09:00:30Z', EndTime: '2026-11-23T10:00:30Z' });
  });

  it('are not asked for longer ago than RDS keeps them, nor for a time that is all forgotten', async () => {
    const endpoint = endpointTelling({});
    const { facts } = cloudOn(endpoint);
    await facts.databaseEvents(database, { from: startMs - 90 * 24 * hour, to: startMs });
    expect(asksFor(endpoint.asked, 'DescribeEvents')[0]?.input).toMatchObject({ StartTime: '2026-11-09T10:00:30Z' });
    const before = endpoint.asked.length;
    const long = { from: startMs - 90 * 24 * hour, to: startMs - 30 * 24 * hour };
    expect(await facts.databaseEvents(database, long)).toEqual([]);
    expect(endpoint.asked).toHaveLength(before);
  });

  it('leave out what is outside the window, where the answer does not heed it', async () => {
    const endpoint = endpointTelling({ w: [event('w', startMs - 2 * hour, 'DB instance restarted')] });
    expect(await cloudOn(endpoint).facts.databaseEvents(database, window)).toEqual([]);
  });

  it('that may not be read are not "none"', async () => {
    const denied = fakeEndpoint(({ operation }) =>
      operation === 'DescribeEvents'
        ? {
            status: 403,
            body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
          }
        : operation === 'DescribeDBClusters'
          ? xml(operation, cluster)
          : xml(operation, `<DBInstances>${instances.join('')}</DBInstances>`),
    );
    expect(await failureOf(cloudOn(denied).facts.databaseEvents(database, window))).toMatchObject({
      kind: 'permission',
      details: { iamAction: 'rds:DescribeEvents' },
    });
  });

  // As the Aurora User Guide has them, with and without the full stop that RDS leaves out at times.
  it.each([
    ['failover-started', 'Started same AZ failover to DB instance: nano-db-2.'],
    ['failover-started', 'Started cross AZ failover to DB instance: nano-db-2'],
    ['failover-completed', 'Completed failover to DB instance: nano-db-2.'],
    ['failover-failed', 'Cluster failover failed, check the health of your cluster instances and try again.'],
    ['writer-restored', 'Promoting previous primary again: nano-db-1.'],
    ['restarted', 'DB instance restarted.'],
    ['unavailable', 'DB instance shutdown.'],
    ['unavailable', 'Error restarting mysql: no space.'],
    ['unavailable', 'Recovery of the DB instance has started. Recovery time will vary.'],
    ['unavailable', 'Database instance put into incompatible-parameters. innodb_buffer_pool_size is too big.'],
    ['unavailable', 'Database instance in incompatible-network. No such subnet.'],
    ['parameters-changed', 'Updated parameter max_connections to 200 with apply method immediate.'],
    ['parameters-changed', 'Updated to use DBParameterGroup nano.'],
    ['parameters-changed', 'Finished updating DB parameter group.'],
    ['other', 'Global failover to DB cluster nano-db in Region us-west-2 started.'],
    ['other', 'Recovery of the DB instance is complete.'],
    ['other', 'DB instance created'],
    ['other', 'Backing up DB instance.'],
  ])('%s: %s', async (kind, message) => {
    const endpoint = endpointTelling({ 'nano-db': [event('nano-db', startMs - minute, message)] });
    const events = await cloudOn(endpoint).facts.databaseEvents(database, window);
    expect(events).toMatchObject([{ kind, message }]);
  });

  it('are read to their last page', async () => {
    const pages = [3, 2, 1].map((ago) => event('w', startMs - ago * minute, `DB instance restarted ${ago}`));
    const events = await cloudOn(endpointTelling({ w: pages })).facts.databaseEvents(database, window);
    expect(events.map(({ message }) => message.at(-1))).toEqual(['1', '2', '3']);
  });
});

describe('the rules that let packets in', () => {
  const answer = (groups: string, next = ''): Answer => ({
    body: `<DescribeSecurityGroupsResponse><requestId>r</requestId><securityGroupInfo>${groups}</securityGroupInfo>${next}</DescribeSecurityGroupsResponse>`,
  });
  const group = (id: string, rules: string) =>
    `<item><groupId>${id}</groupId><ipPermissions>${rules}</ipPermissions></item>`;

  it('are told by group, with everybody that they let in', async () => {
    const endpoint = answering({
      DescribeSecurityGroups: ({ input }) =>
        input['NextToken'] === undefined
          ? answer(
              group(
                'sg-db',
                '<item><ipProtocol>tcp</ipProtocol><fromPort>3306</fromPort><toPort>3307</toPort><groups><item><groupId>sg-api</groupId></item><item><groupId>sg-jobs</groupId></item></groups><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges><item><cidrIpv6>fd00::/8</cidrIpv6></item></ipv6Ranges><prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item>',
              ),
              '<nextToken>n</nextToken>',
            )
          : answer(
              group(
                'sg-api',
                '<item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item><item><ipProtocol>icmp</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort></item><item><ipProtocol>6</ipProtocol><fromPort>80</fromPort><toPort>80</toPort></item>',
              ) + group('sg-closed', ''),
            ),
    });
    expect(await cloudOn(endpoint).facts.ingressRules(region, ['sg-db', 'sg-api', 'sg-db', 'sg-closed'])).toEqual([
      {
        group: 'sg-db',
        protocol: 'tcp',
        fromPort: 3306,
        toPort: 3307,
        fromGroups: ['sg-api', 'sg-jobs'],
        fromRanges: ['10.0.0.0/8', 'fd00::/8', 'pl-1'],
      },
      { group: 'sg-api', protocol: 'all', fromGroups: [], fromRanges: ['0.0.0.0/0'] },
      { group: 'sg-api', protocol: 'icmp', fromGroups: [], fromRanges: [] },
      { group: 'sg-api', protocol: 'tcp', fromPort: 80, toPort: 80, fromGroups: [], fromRanges: [] },
    ]);
    expect(endpoint.asked[0]?.input).toMatchObject({
      'GroupId.1': 'sg-db',
      'GroupId.2': 'sg-api',
      'GroupId.3': 'sg-closed',
    });
    expect(endpoint.asked[0]?.input).not.toHaveProperty('GroupId.4');
  });

  it('of no groups are none, and nothing is asked', async () => {
    const endpoint = answering({});
    expect(await cloudOn(endpoint).facts.ingressRules(region, [])).toEqual([]);
    expect(endpoint.asked).toEqual([]);
  });

  it('of a group that is not there are not "none"', async () => {
    const gone = fakeEndpoint(() => ({
      status: 400,
      body: '<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>',
    }));
    expect(await failureOf(cloudOn(gone).facts.ingressRules(region, ['sg-nope']))).toMatchObject({
      kind: 'not-found',
      details: { resource: 'sg-nope', iamAction: 'ec2:DescribeSecurityGroups' },
    });
  });
});

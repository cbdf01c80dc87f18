import { describe, expect, it } from 'vitest';
import { neverConnected } from '../../src/aws/error-kind.ts';
import type { AwsOptions } from '../../src/aws/options.ts';
import type { Changes } from '../../src/cloud/changes.ts';
import { CloudError, type CloudErrorKind } from '../../src/cloud/errors.ts';
import { leavesOpen } from '../../src/engine/errors.ts';
import { cloudOn, failureOf, fakeClock, fakeEndpoint, type Answer, type Asked } from './fake-endpoint.ts';

const region = 'us-west-2';
const service = { region, cluster: 'nano', service: 'nano-api' };
const database = { region, cluster: 'nano-db' };

const operations = [
  'application-autoscaling:RegisterScalableTarget',
  'ecs:StopServiceDeployment',
  'ecs:UpdateService',
  'rds:CreateDBInstance',
  'rds:FailoverDBCluster',
  'rds:RestoreDBClusterToPointInTime',
];
const acting = { mode: { changes: operations } };

const xml = (operation: string, content: string): Answer => ({
  headers: { 'content-type': 'text/xml' },
  body: `<${operation}Response><${operation}Result>${content}</${operation}Result></${operation}Response>`,
});

/** The answer of success to each change. */
function well({ operation }: Asked): Answer {
  switch (operation) {
    case 'UpdateService':
      return { body: { service: { serviceName: 'nano-api' } } };
    case 'StopServiceDeployment':
      return { body: { serviceDeploymentArn: 'arn' } };
    case 'RegisterScalableTarget':
      return { body: { ScalableTargetARN: 'arn' } };
    case 'FailoverDBCluster':
    case 'RestoreDBClusterToPointInTime':
      return xml(operation, '<DBCluster><DBClusterIdentifier>nano-db</DBClusterIdentifier></DBCluster>');
    case 'CreateDBInstance':
      return xml(operation, '<DBInstance><DBInstanceIdentifier>nano-db-3</DBInstanceIdentifier></DBInstance>');
    default:
      throw new Error(`nobody expected ${operation}`);
  }
}

type Ask = (changes: Changes) => Promise<void>;

const deployment = 'arn:aws:ecs:us-west-2:123456789012:service-deployment/nano/nano-api/d2';
const version = 'arn:aws:ecs:us-west-2:123456789012:task-definition/nano-api:41';

const table: readonly (readonly [string, Ask, string, Record<string, unknown>])[] = [
  [
    'a desired count, alone',
    (changes) => changes.setDesiredCount(service, 0),
    'ecs:UpdateService',
    { cluster: 'nano', service: 'nano-api', desiredCount: 0 },
  ],
  [
    'a task definition, alone',
    (changes) => changes.setTaskDefinition(service, version),
    'ecs:UpdateService',
    { cluster: 'nano', service: 'nano-api', taskDefinition: version },
  ],
  [
    'the end of a rollout',
    (changes) => changes.rollBackDeployment(service, deployment),
    'ecs:StopServiceDeployment',
    { serviceDeploymentArn: deployment, stopType: 'ROLLBACK' },
  ],
  [
    'new tasks of the same version',
    (changes) => changes.restartTasks(service),
    'ecs:UpdateService',
    { cluster: 'nano', service: 'nano-api', forceNewDeployment: true },
  ],
  [
    'what is suspended, alone: the limits stay as they are',
    (changes) => changes.setSuspendedScaling(service, ['scale-out', 'scheduled']),
    'application-autoscaling:RegisterScalableTarget',
    {
      ServiceNamespace: 'ecs',
      ResourceId: 'service/nano/nano-api',
      ScalableDimension: 'ecs:service:DesiredCount',
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: true,
        ScheduledScalingSuspended: true,
      },
    },
  ],
  [
    'a minimum, alone: the maximum and the role stay as they are',
    (changes) => changes.setMinimumCapacity(service, 4),
    'application-autoscaling:RegisterScalableTarget',
    {
      ServiceNamespace: 'ecs',
      ResourceId: 'service/nano/nano-api',
      ScalableDimension: 'ecs:service:DesiredCount',
      MinCapacity: 4,
    },
  ],
  [
    'a failover to a reader',
    (changes) => changes.failOverCluster(database, 'nano-db-2'),
    'rds:FailoverDBCluster',
    {
      Action: 'FailoverDBCluster',
      Version: '2014-10-31',
      DBClusterIdentifier: 'nano-db',
      TargetDBInstanceIdentifier: 'nano-db-2',
    },
  ],
  [
    'a failover to whichever reader RDS takes',
    (changes) => changes.failOverCluster(database),
    'rds:FailoverDBCluster',
    { Action: 'FailoverDBCluster', Version: '2014-10-31', DBClusterIdentifier: 'nano-db' },
  ],
  [
    'a cluster restored in the network of its source, which cannot be deleted by mistake',
    (changes) =>
      changes.restoreCluster(database, {
        cluster: 'nano-db-restored',
        subnetGroup: 'nano',
        securityGroups: ['sg-1', 'sg-2'],
        parameterGroup: 'nano-mysql8',
      }),
    'rds:RestoreDBClusterToPointInTime',
    {
      Action: 'RestoreDBClusterToPointInTime',
      Version: '2014-10-31',
      DBClusterIdentifier: 'nano-db-restored',
      SourceDBClusterIdentifier: 'nano-db',
      RestoreType: 'full-copy',
      UseLatestRestorableTime: 'true',
      DBSubnetGroupName: 'nano',
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-1',
      'VpcSecurityGroupIds.VpcSecurityGroupId.2': 'sg-2',
      DBClusterParameterGroupName: 'nano-mysql8',
      DeletionProtection: 'true',
    },
  ],
  [
    'a cluster restored without what its source does not have',
    (changes) => changes.restoreCluster(database, { cluster: 'nano-db-restored', securityGroups: [] }),
    'rds:RestoreDBClusterToPointInTime',
    {
      Action: 'RestoreDBClusterToPointInTime',
      Version: '2014-10-31',
      DBClusterIdentifier: 'nano-db-restored',
      SourceDBClusterIdentifier: 'nano-db',
      RestoreType: 'full-copy',
      UseLatestRestorableTime: 'true',
      DeletionProtection: 'true',
    },
  ],
  [
    'an instance in a cluster',
    (changes) =>
      changes.createInstance(database, {
        instance: 'nano-db-3',
        instanceClass: 'db.r6g.large',
        engine: 'aurora-mysql',
      }),
    'rds:CreateDBInstance',
    {
      Action: 'CreateDBInstance',
      Version: '2014-10-31',
      DBInstanceIdentifier: 'nano-db-3',
      DBClusterIdentifier: 'nano-db',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-mysql',
    },
  ],
];

describe('a change is one call that says no more than it must', () => {
  it.each(table)('%s', async (_, ask, operation, input) => {
    const endpoint = fakeEndpoint(well);
    const cloud = cloudOn(endpoint, acting);
    await ask(cloud.changes);
    expect(endpoint.asked.map((asked) => asked.input)).toEqual([input]);
    expect(endpoint.asked[0]?.host).toContain(`.${region}.`);
    expect(cloud.usage()).toEqual({ calls: 1, mutations: 1, byOperation: { [operation]: 1 } });
  });

  it.each(table)('and is refused, unsent, where the cloud was opened to look only: %s', async (_, ask) => {
    const endpoint = fakeEndpoint(well);
    const error = await failureOf(ask(cloudOn(endpoint).changes));
    expect(error).toMatchObject({ kind: 'refused-by-guard', errorClass: 'defect', details: { sent: false } });
    expect(endpoint.asked).toEqual([]);
  });
});

function socketError(code: string, more: object = {}): () => never {
  return () => {
    throw Object.assign(new Error(`socket ${code}`), { code, ...more });
  };
}

const json =
  (status: number, code: string, message = 'no') =>
  () => ({ status, body: { __type: code, message } });
const fault = (status: number, code: string, message: string) => () => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

const scale: Ask = (changes) => changes.setDesiredCount(service, 3);
const failOver: Ask = (changes) => changes.failOverCluster(database, 'nano-db-2');

async function failureOfChange(ask: Ask, respond: () => Answer, more: Partial<AwsOptions> = {}) {
  const endpoint = fakeEndpoint(respond);
  const error = await failureOf(ask(cloudOn(endpoint, { ...acting, ...more }).changes));
  if (!(error instanceof CloudError)) throw error;
  return { error, endpoint };
}

describe('an answer that says no', () => {
  it.each<[string, Ask, () => Answer, CloudErrorKind]>([
    ['an account that may not', scale, json(400, 'AccessDeniedException'), 'permission'],
    ['a wrong parameter', scale, json(400, 'InvalidParameterException'), 'invalid-request'],
    ['a service that is gone', scale, json(400, 'ServiceNotActiveException'), 'invalid-request'],
    ['a service that never was', scale, json(400, 'ServiceNotFoundException'), 'not-found'],
    ['throttling', scale, json(400, 'ThrottlingException', 'Rate exceeded'), 'throttled'],
    ['an expired token', scale, json(400, 'ExpiredTokenException'), 'credentials-expired'],
    ['a bad signature', scale, json(400, 'InvalidSignatureException'), 'credentials-invalid'],
    [
      'a target that is not registered',
      (changes) => changes.setMinimumCapacity(service, 2),
      json(400, 'ValidationException'),
      'invalid-request',
    ],
    ['a cluster that is failing over', failOver, fault(400, 'InvalidDBClusterStateFault', 'busy'), 'invalid-request'],
    ['a cluster that is not there', failOver, fault(404, 'DBClusterNotFoundFault', 'no'), 'not-found'],
    ['an expired token of RDS', failOver, fault(403, 'ExpiredToken', 'expired'), 'credentials-expired'],
    ['throttling of RDS', failOver, fault(400, 'Throttling', 'Rate exceeded'), 'throttled'],
    ['throttling with 503', scale, json(503, 'SlowDown'), 'throttled'],
  ])('says that nothing was changed: %s', async (_, ask, respond, kind) => {
    const { error, endpoint } = await failureOfChange(ask, respond);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/Nothing was changed by it\.$/);
    expect(leavesOpen(error.errorClass)).toBe(false);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('of a state says to look at it, not at the configuration', async () => {
    const { error } = await failureOfChange(failOver, fault(400, 'InvalidDBClusterStateFault', 'failing-over'));
    expect(error.message).toContain('rds:FailoverDBCluster in us-west-2 for nano-db: AWS refused it in the state');
    expect(error.details.nextStep).toContain('look at the state of nano-db');
  });
});

describe('no answer that can be read', () => {
  it.each<[string, Ask, () => Answer, CloudErrorKind]>([
    ['a time-out', scale, socketError('ETIMEDOUT', { name: 'TimeoutError' }), 'timeout'],
    ['a reset after it was written', scale, socketError('ECONNRESET', { syscall: 'read' }), 'unreachable'],
    ['a broken pipe', scale, socketError('EPIPE', { syscall: 'write' }), 'unreachable'],
    ['a broken TLS connection', scale, socketError('EPROTO', { syscall: 'write' }), 'unreachable'],
    ['a 500', scale, json(500, 'ServerException'), 'service-fault'],
    ['a 500 of RDS', failOver, fault(500, 'InternalFailure', 'sorry'), 'service-fault'],
    ['a 503 page', scale, () => ({ status: 503, body: '<html>' }), 'service-fault'],
    ['a cut answer', scale, () => ({ body: '{"service":{' }), 'malformed-answer'],
    ['an answer about nothing', scale, () => ({ body: {} }), 'malformed-answer'],
    ['a cut answer of RDS', failOver, () => ({ body: '<FailoverDBClusterResponse><Fail' }), 'malformed-answer'],
    [
      'a login page',
      failOver,
      () => ({ headers: { 'content-type': 'text/html' }, body: '<html><body>Guest Wi-Fi</body></html>' }),
      'malformed-answer',
    ],
  ])('leaves open whether it was done: %s', async (_, ask, respond, kind) => {
    const { error, endpoint } = await failureOfChange(ask, respond);
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(/Whether the change was made is unknown\.$/);
    expect(error.details.sent).toBeUndefined();
    expect(leavesOpen(error.errorClass)).toBe(true);
    expect(endpoint.asked).toHaveLength(1);
  });

  it('says to look before it is tried again', async () => {
    const { error } = await failureOfChange(scale, socketError('ETIMEDOUT'));
    expect(error.details.nextStep).toMatch(/^look at nano\/nano-api first: it may have been done; /);
  });
});

describe('a request that was certainly not sent', () => {
  const each = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall });

  it.each<[string, () => never, CloudErrorKind]>([
    ['a refused connection', socketError('ECONNREFUSED', { syscall: 'connect' }), 'unreachable'],
    ['a name that is not known', socketError('ENOTFOUND', { syscall: 'getaddrinfo' }), 'unreachable'],
    ['a resolver that is away', socketError('EAI_AGAIN', { syscall: 'getaddrinfo' }), 'unreachable'],
    ['a network that is away', socketError('ENETUNREACH', { syscall: 'connect' }), 'unreachable'],
    ['a connection that takes too long', socketError('ETIMEDOUT', { syscall: 'connect' }), 'timeout'],
    ['a certificate that nobody trusts', socketError('SELF_SIGNED_CERT_IN_CHAIN'), 'unreachable'],
    ['a certificate for another name', socketError('ERR_TLS_CERT_ALTNAME_INVALID'), 'unreachable'],
    [
      'addresses none of which answers',
      () => {
        throw Object.assign(new AggregateError([each('ECONNREFUSED', 'connect'), each('ETIMEDOUT', 'connect')]), {
          code: 'ECONNREFUSED',
        });
      },
      'unreachable',
    ],
    [
      'the limit of the SDK for a connection',
      () => {
        const text = 'the request socket did not establish a connection with the server within the configured timeout';
        throw Object.assign(new Error(`@smithy/node-http-handler - ${text} of 2000 ms.`), { name: 'TimeoutError' });
      },
      'timeout',
    ],
  ])('changed nothing: %s', async (_, respond, kind) => {
    const { error } = await failureOfChange(scale, respond);
    expect(error).toMatchObject({ kind, details: { sent: false } });
    expect(error.message).toMatch(/Nothing was changed by it\.$/);
    expect(error.details.nextStep).not.toContain('may have been done');
  });

  it.each<[string, object]>([
    ['a reset', each('ECONNRESET', 'read')],
    ['a handshake that a server ends later', each('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'read')],
    ['one address of which was reached', new AggregateError([each('ETIMEDOUT', 'connect'), each('EPIPE', 'write')])],
    ['an answer', Object.assign(each('ECONNREFUSED', 'connect'), { $response: {} })],
    ['nothing that is known', new Error('what?')],
  ])('is not claimed of %s', (_, error) => {
    expect(neverConnected(error)).toBe(false);
  });

  it('changed nothing either where nobody is logged in', async () => {
    const endpoint = fakeEndpoint(well);
    const roles = { [region]: 'arn:aws:iam::210987654321:role/nanoops' };
    const denied = fakeEndpoint(({ operation }) => {
      if (operation !== 'AssumeRole') throw new Error(`nobody expected ${operation}`);
      return { status: 500, body: '' };
    });
    const error = await failureOf(scale(cloudOn(denied, { ...acting, roles }).changes));
    expect(error).toMatchObject({ kind: 'service-fault', details: { operation: 'UpdateService', sent: false } });
    expect(String(error)).toContain('ecs:UpdateService in us-west-2 for nano/nano-api was not sent: sts:AssumeRole');
    expect(String(error)).toMatch(/Nothing was changed by it\.$/);
    expect(endpoint.asked).toEqual([]);
  });
});

describe('a run that is told to stop', () => {
  const reason = new Error('SIGINT');

  it('gets the answer to a change that is under way', async () => {
    const stop = new AbortController();
    const endpoint = fakeEndpoint((asked) => {
      stop.abort(reason);
      return well(asked);
    });
    const { changes } = cloudOn(endpoint, { ...acting, signal: stop.signal });
    await changes.setDesiredCount(service, 3);
    // Whoever carries it is not told to stop; its time-out alone ends it.
    expect(endpoint.asked[0]?.options).toMatchObject({ abortSignal: undefined, requestTimeout: 10_000 });
  });

  it('learns why a change under way failed, not that it was told to stop', async () => {
    const stop = new AbortController();
    const respond = () => {
      stop.abort(reason);
      return json(400, 'AccessDeniedException')();
    };
    const { error } = await failureOfChange(scale, respond, { signal: stop.signal });
    expect(error).toMatchObject({ kind: 'permission' });
  });

  it('still sends a change that it decides upon: to put something back', async () => {
    const endpoint = fakeEndpoint(well);
    const { changes, facts } = cloudOn(endpoint, { ...acting, signal: AbortSignal.abort(reason) });
    await changes.setDesiredCount(service, 3);
    expect(endpoint.asked).toHaveLength(1);
    expect(await failureOf(facts.serviceState(service))).toBe(reason);
  });

  it('gets the role that such a change needs, while a read that waits for it ends at once', async () => {
    const stop = new AbortController();
    const roles = { [region]: 'arn:aws:iam::210987654321:role/nanoops' };
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    const endpoint = fakeEndpoint(async (asked) => {
      if (asked.operation !== 'AssumeRole') return well(asked);
      stop.abort(reason);
      await held;
      return xml(
        'AssumeRole',
        '<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>',
      );
    });
    const { changes, facts } = cloudOn(endpoint, { ...acting, roles, signal: stop.signal });
    const read = failureOf(facts.serviceState(service));
    const change = changes.setDesiredCount(service, 3);
    expect(await read).toBe(reason);
    answer();
    await change;
    expect(endpoint.asked.map(({ operation }) => operation)).toEqual(['AssumeRole', 'UpdateService']);
  });

  it('asks for that role again where the first answer was none', async () => {
    const roles = { [region]: 'arn:aws:iam::210987654321:role/nanoops' };
    const endpoint = fakeEndpoint((asked, count) => {
      if (asked.operation !== 'AssumeRole') return well(asked);
      if (count === 1) return { status: 500, body: '' };
      return xml(
        'AssumeRole',
        '<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>',
      );
    });
    const { changes } = cloudOn(endpoint, { ...acting, roles, signal: AbortSignal.abort(reason) });
    await changes.setDesiredCount(service, 3);
    expect(endpoint.asked.map(({ operation }) => operation)).toEqual(['AssumeRole', 'AssumeRole', 'UpdateService']);
  });

  it('waits for nothing on the clock', async () => {
    const clock = fakeClock();
    await failureOfChange(scale, json(400, 'ThrottlingException'), { clock });
    expect(clock.slept).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { kindOf } from '../../src/aws/error-kind.ts';
import { translated, type Call } from '../../src/aws/errors.ts';
import { CloudError, type CloudErrorKind } from '../../src/cloud/errors.ts';
import { cloudOn, failureOf, fakeEndpoint, startMs } from './fake-endpoint.ts';

const call: Call = {
  service: 'cloudwatch',
  operation: 'GetMetricData',
  region: 'us-west-2',
  read: true,
  profile: 'nano-prod',
};

/** An error as the SDK throws it after an answer. */
function answered(name: string, message = '', status = 400): Error {
  return Object.assign(new Error(message), {
    name,
    $response: {},
    $metadata: { httpStatusCode: status, requestId: 'req-1' },
  });
}

function unanswered(name: string, message: string, code?: string): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

const table: readonly (readonly [string, Error, CloudErrorKind])[] = [
  [
    'nobody is logged in',
    unanswered('CredentialsProviderError', 'Could not load credentials from any providers'),
    'credentials-missing',
  ],
  [
    'a profile is unknown',
    unanswered('CredentialsProviderError', 'Could not resolve credentials using profile: [x]'),
    'credentials-missing',
  ],
  [
    'an SSO session is over',
    unanswered('CredentialsProviderError', 'The SSO session associated with this profile has expired.'),
    'credentials-expired',
  ],
  [
    'an SSO token is over',
    unanswered('TokenProviderError', 'Token is expired. To refresh this SSO session run …'),
    'credentials-expired',
  ],
  [
    'a login is over',
    unanswered('CredentialsProviderError', 'Your session has expired. Please reauthenticate.'),
    'credentials-expired',
  ],
  ...['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'].map(
    (name) => [name, answered(name), 'credentials-expired'] as const,
  ),
  ...[
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'AuthFailure',
    'InvalidAccessKeyId',
    'IncompleteSignature',
    'MissingAuthenticationToken',
    'RequestTimeTooSkewed',
  ].map((name) => [name, answered(name, '', 403), 'credentials-invalid'] as const),
  ...[
    'AccessDenied',
    'AccessDeniedException',
    'UnauthorizedOperation',
    'NotAuthorized',
    'KMSAccessDeniedException',
    'OptInRequired',
  ].map((name) => [name, answered(name, '', 403), 'permission'] as const),
  ...['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'SlowDown', 'TooManyRequestsException'].map(
    (name) => [name, answered(name), 'throttled'] as const,
  ),
  ['a status 429 without a code', answered('UnknownError', '', 429), 'throttled'],
  ['SlowDown with 503', answered('SlowDown', '', 503), 'throttled'],
  ['a time-out', unanswered('TimeoutError', 'no answer'), 'timeout'],
  ['ETIMEDOUT', unanswered('Error', 'connect', 'ETIMEDOUT'), 'timeout'],
  ['RequestTimeout', answered('RequestTimeout'), 'timeout'],
  ...[
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'EHOSTUNREACH',
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ].map(
    // The SDK renames some broken connections to time-outs: they are not.
    (code) => [code, unanswered('TimeoutError', 'socket', code), 'unreachable'] as const,
  ),
  ['a status 500', answered('ServerException', '', 500), 'service-fault'],
  ['a 502 page of a proxy', answered('SyntaxError', 'Unexpected token <', 502), 'service-fault'],
  ['a 503 without content', answered('Unknown', 'Unknown', 503), 'service-fault'],
  ...[
    'DBClusterNotFoundFault',
    'ReplicationGroupNotFoundFault',
    'LoadBalancerNotFoundException',
    'ResourceNotFoundException',
    'NoSuchBucket',
    'InvalidSubnetID.NotFound',
    'ClusterNotFoundException',
    'DBParameterGroupNotFound',
  ].map((name) => [name, answered(name, '', 404), 'not-found'] as const),
  ['a wrong parameter', answered('InvalidParameterException'), 'invalid-request'],
  ['a bucket of another region', answered('PermanentRedirect', '', 301), 'invalid-request'],
  ['a cut document', answered('SyntaxError', 'Unterminated string', 200), 'malformed-answer'],
  ['a proxy that forbids without a code', answered('UnknownError', 'UnknownError', 403), 'malformed-answer'],
  ['something that is not HTTP', unanswered('Error', 'Parse Error', 'HPE_INVALID_CONSTANT'), 'malformed-answer'],
  ['what the sandbox does not simulate', answered('NotSimulated', '', 501), 'not-simulated'],
];

describe('each failure is told apart', () => {
  it.each(table)('%s', (_, error, kind) => {
    expect(kindOf(error)).toBe(kind);
    const seen = translated(error, call);
    expect(seen).toBeInstanceOf(CloudError);
    expect(seen?.message).toContain('cloudwatch:GetMetricData');
    expect(seen?.message).toContain('us-west-2');
    expect(seen?.message).toContain('What needed it is unknown.');
    expect(seen?.details).toMatchObject({
      service: 'cloudwatch',
      operation: 'GetMetricData',
      region: 'us-west-2',
      iamAction: 'cloudwatch:GetMetricData',
    });
    expect(seen?.details.nextStep.length).toBeGreaterThan(10);
    expect(seen?.cause).toBe(error);
  });

  it.each(['unreachable', 'timeout'] as const)(
    'where it is not AWS that was asked, its health is not sent for: %s',
    (kind) => {
      const [, error] = table.find(([, , each]) => each === kind) ?? [];
      const { nextStep } = translated(error, { ...call, endpointUrl: 'http://127.0.0.1:1' })?.details ?? {};
      expect(nextStep).toContain('see what answers at http://127.0.0.1:1, or leave --endpoint-url out');
      expect(nextStep).not.toContain('health.aws');
      expect(translated(error, call)?.details.nextStep).toContain('health.aws');
    },
  );

  it('a defect of the program stays what it is', () => {
    expect(translated(new TypeError('x is undefined'), call)).toBeUndefined();
  });
});

describe('what is said', () => {
  it('names who was refused what, in words that can go into a ticket', () => {
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/oncall/ann is not authorized to perform: cloudwatch:GetMetricData because no identity-based policy allows the cloudwatch:GetMetricData action';
    const seen = translated(answered('AccessDenied', message, 403), call);
    expect(seen?.details).toMatchObject({
      awsCode: 'AccessDenied',
      requestId: 'req-1',
      nextStep: 'allow cloudwatch:GetMetricData to arn:aws:sts::123456789012:assumed-role/oncall/ann',
    });
  });

  it('says that no allow helps against an explicit deny', () => {
    const message =
      'User: arn:aws:iam::1:user/ann is not authorized to perform: rds:DescribeDBClusters on resource: arn:aws:rds:x with an explicit deny in a service control policy';
    const seen = translated(answered('AccessDenied', message, 403), call);
    expect(seen?.message).toContain('explicitly denied rds:DescribeDBClusters by service control policy');
    expect(seen?.details.nextStep).toContain('deny');
  });

  it.each([
    ['s3', 'ListBucketMetricsConfigurations', 's3:GetMetricsConfiguration'],
    ['s3', 'GetBucketReplication', 's3:GetReplicationConfiguration'],
    ['elasticloadbalancing', 'DescribeTargetHealth', 'elasticloadbalancing:DescribeTargetHealth'],
    ['logs', 'FilterLogEvents', 'logs:FilterLogEvents'],
  ])('%s:%s needs %s', (service, operation, action) => {
    const seen = translated(answered('AccessDenied', 'Access Denied', 403), { ...call, service, operation });
    expect(seen?.details.iamAction).toBe(action);
    expect(seen?.message).toContain(action);
    expect(seen?.details.nextStep).toContain(`allow ${action}`);
  });

  it('gives the command that renews a session, for the profile in use', () => {
    const seen = translated(answered('ExpiredToken'), call);
    expect(seen?.details.nextStep).toContain('aws sso login --profile nano-prod');
  });

  it('blames the clock, not the credentials, when the time is refused', () => {
    const seen = translated(answered('SignatureDoesNotMatch', 'Signature expired: 2026…', 403), call);
    expect(seen?.message).toContain('clock');
  });

  it('lets no control character of an answer through, and no endless text', () => {
    const seen = translated(answered('InvalidParameterException', `\u001b[31mred\u0007\r\n${'x'.repeat(5_000)}`), call);
    // oxlint-disable-next-line no-control-regex -- this is what must not be there
    expect(seen?.message).not.toMatch(/[\u0000-\u001f\u007f]/);
    expect(seen?.message.length).toBeLessThan(700);
  });
});

describe('answers that are not of AWS', () => {
  const window = { from: startMs - 600_000, to: startMs };
  const page = '<html><body>Please log in</body></html>';
  const html = { 'content-type': 'text/html; charset=utf-8' };
  const service = { region: 'us-west-2', cluster: 'nano', service: 'nano-api' };

  it.each([
    ['a login page to JSON', { headers: html, body: page }],
    ['an empty answer', { body: '' }],
    ['null', { body: 'null' }],
    ['a list of something else', { body: { services: 'none' } }],
    ['half an answer', { body: '{"services":[{' }],
  ])('%s is malformed, not empty', async (_, answer) => {
    const { facts } = cloudOn(fakeEndpoint(() => answer));
    expect(await failureOf(facts.serviceState(service))).toMatchObject({ kind: 'malformed-answer' });
  });

  // In XML, a well-formed page reads like an answer without content.
  it.each([
    ['a page', { headers: html, body: page }],
    ['a page that claims to be XML', { headers: { 'content-type': 'text/xml' }, body: page }],
    ['an empty answer', { body: '' }],
    ['half an answer', { body: '<DescribeDBClustersResponse><Desc' }],
  ])('%s in the place of XML is malformed, not "nothing configured"', async (_, answer) => {
    const { facts } = cloudOn(fakeEndpoint(() => answer));
    const region = 'us-west-2';
    const failures = await Promise.all([
      failureOf(facts.databaseState({ region, cluster: 'nano-db' })),
      failureOf(facts.bucketLoad({ region, bucket: 'nano-zips' }, window)),
      failureOf(facts.cacheLoad({ region, replicationGroup: 'nano-cache' }, window)),
      failureOf(facts.targetHealth({ region, loadBalancer: 'app/nano/1', targetGroup: 'targetgroup/nano/2' })),
      failureOf(facts.flowLogs(region, ['subnet-1'])),
    ]);
    expect(failures.map((failure) => (failure instanceof CloudError ? failure.kind : failure))).toEqual(
      Array.from({ length: 5 }, () => 'malformed-answer'),
    );
  });
});

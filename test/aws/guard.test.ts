import * as acm from '@aws-sdk/client-acm';
import * as autoScaling from '@aws-sdk/client-application-auto-scaling';
import * as cloudFront from '@aws-sdk/client-cloudfront';
import * as cloudTrail from '@aws-sdk/client-cloudtrail';
import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as costExplorer from '@aws-sdk/client-cost-explorer';
import * as dynamoDb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as eventBridge from '@aws-sdk/client-eventbridge';
import * as elastiCache from '@aws-sdk/client-elasticache';
import * as guardDuty from '@aws-sdk/client-guardduty';
import * as health from '@aws-sdk/client-health';
import * as iam from '@aws-sdk/client-iam';
import * as rds from '@aws-sdk/client-rds';
import * as route53 from '@aws-sdk/client-route-53';
import * as recoveryCluster from '@aws-sdk/client-route53-recovery-cluster';
import * as s3 from '@aws-sdk/client-s3';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import * as xray from '@aws-sdk/client-xray';
import { describe, expect, it } from 'vitest';
import type { Mode } from '../../src/aws/options.ts';
import { operationOfSchema } from '../../src/aws/operation.ts';
import { reads } from '../../src/aws/reads.ts';
import { createWiring } from '../../src/aws/wiring.ts';
import { CloudError } from '../../src/cloud/errors.ts';
import { failureOf, fakeClock, fakeEndpoint, testCredentials, type FakeEndpoint } from './fake-endpoint.ts';

const region = 'us-west-2';

function wiringOn(requestHandler: FakeEndpoint, mode: Mode) {
  return createWiring({ clock: fakeClock(), random: () => 0, credentials: testCredentials, requestHandler, mode });
}

/** A client as the adapter makes it, handed out bare: whoever holds it can send it any command. */
function bareClient(requestHandler: FakeEndpoint, mode: Mode) {
  const wiring = wiringOn(requestHandler, mode);
  const client = new ecs.ECSClient(wiring.settings(region, testCredentials));
  const connection = wiring.connect('ecs', region, client);
  return { wiring, client, connection };
}

const update = () => new ecs.UpdateServiceCommand({ cluster: 'nano', service: 'nano-api', desiredCount: 0 });
const describeOne = () => new ecs.DescribeServicesCommand({ cluster: 'nano', services: ['nano-api'] });
const ok = () => ({ body: { services: [], failures: [] } });

describe('a run that only reads', () => {
  it('cannot send a change, not even to the bare client', async () => {
    const endpoint = fakeEndpoint(ok);
    const { client, wiring } = bareClient(endpoint, 'read-only');
    const error = await failureOf(client.send(update()));
    expect(error).toBeInstanceOf(CloudError);
    expect(error).toMatchObject({
      kind: 'refused-by-guard',
      details: { service: 'ecs', operation: 'UpdateService', region },
    });
    expect(endpoint.asked).toEqual([]);
    expect(wiring.usage()).toEqual({ calls: 0, mutations: 0, byOperation: {} });
  });

  it('refuses what is not on the list though its name sounds like a read', async () => {
    const endpoint = fakeEndpoint(ok);
    const { client } = bareClient(endpoint, 'read-only');
    const error = await failureOf(client.send(new ecs.ListAccountSettingsCommand({})));
    expect(error).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });

  it('refuses a change that is dressed up as a read', async () => {
    const endpoint = fakeEndpoint(ok);
    const { client } = bareClient(endpoint, 'read-only');
    const forged = describeOne();
    // The private part of a command by which it finds what to put on the wire.
    Object.assign(forged, { resolveMiddleware: update().resolveMiddleware.bind(update()) });
    expect(await failureOf(client.send(forged))).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });

  it('refuses before it looks for credentials', async () => {
    const wiring = wiringOn(fakeEndpoint(ok), 'read-only');
    const lookups: string[] = [];
    const credentials = async () => {
      lookups.push('looked');
      return testCredentials;
    };
    const client = new ecs.ECSClient(wiring.settings(region, credentials));
    wiring.connect('ecs', region, client);
    await failureOf(client.send(update()));
    expect(lookups).toEqual([]);
  });

  it('counts what it reads', async () => {
    const { connection, client, wiring } = bareClient(fakeEndpoint(ok), 'read-only');
    await connection.send(describeOne());
    await client.send(describeOne());
    expect(wiring.usage()).toEqual({ calls: 2, mutations: 0, byOperation: { 'ecs:DescribeServices': 2 } });
  });
});

describe('a run that acts', () => {
  const acting = { changes: ['ecs:UpdateService'] };
  const updated = () => ({ body: { service: { serviceName: 'nano-api' } } });

  it('may send a change that it was allowed, which is counted as one', async () => {
    const endpoint = fakeEndpoint(updated);
    const { connection, wiring } = bareClient(endpoint, acting);
    await connection.send(update());
    expect(endpoint.asked).toHaveLength(1);
    expect(wiring.usage()).toEqual({ calls: 1, mutations: 1, byOperation: { 'ecs:UpdateService': 1 } });
  });

  it('may read what is on the list of reads, and nothing else', async () => {
    const endpoint = fakeEndpoint(ok);
    const { connection, client } = bareClient(endpoint, acting);
    await connection.send(describeOne());
    expect(await failureOf(client.send(new ecs.ListAccountSettingsCommand({})))).toMatchObject({
      kind: 'refused-by-guard',
    });
    expect(endpoint.asked.map(({ operation }) => operation)).toEqual(['DescribeServices']);
  });

  it.each([
    ['another change of the service', acting, new ecs.DeleteServiceCommand({ service: 'nano-api' })],
    ['a change whose name begins alike', { changes: ['ecs:UpdateServicePrimaryTaskSet'] }, update()],
    ['the change under the name of another service', { changes: ['rds:UpdateService', 'UpdateService'] }, update()],
    ['a pattern', { changes: ['ecs:*', '*', 'ecs:Update*'] }, update()],
    ['other letters', { changes: ['ecs:updateservice'] }, update()],
    ['nothing', { changes: [] }, update()],
  ])('cannot send what it was not allowed by its exact name: %s', async (_, mode, command) => {
    const endpoint = fakeEndpoint(updated);
    const { client, wiring } = bareClient(endpoint, mode);
    const error = await failureOf(client.send(command));
    expect(error).toMatchObject({ kind: 'refused-by-guard', errorClass: 'defect', details: { sent: false } });
    expect(String(error)).toContain('Nothing was changed by it.');
    expect(endpoint.asked).toEqual([]);
    expect(wiring.usage().mutations).toBe(0);
  });

  it('says what it may do when it is refused', async () => {
    const { client } = bareClient(fakeEndpoint(updated), { changes: ['rds:FailoverDBCluster'] });
    const error = await failureOf(client.send(update()));
    expect(String(error)).toContain('ecs:UpdateService in us-west-2: refused before it was sent');
    expect(String(error)).toContain('[it may: rds:FailoverDBCluster]');
  });

  it('cannot pass a change off as one that is allowed', async () => {
    const endpoint = fakeEndpoint(updated);
    const { client } = bareClient(endpoint, acting);
    const forged = update();
    const remove = new ecs.DeleteServiceCommand({ service: 'nano-api' });
    // The private part of a command by which it finds what to put on the wire.
    Object.assign(forged, { resolveMiddleware: remove.resolveMiddleware.bind(remove) });
    expect(await failureOf(client.send(forged))).toMatchObject({ kind: 'refused-by-guard' });
    expect(endpoint.asked).toEqual([]);
  });
});

describe('the list of reads', () => {
  const modules: Readonly<Record<string, object>> = {
    acm,
    'application-autoscaling': autoScaling,
    ce: costExplorer,
    cloudfront: cloudFront,
    cloudtrail: cloudTrail,
    cloudwatch: cloudWatch,
    dynamodb: dynamoDb,
    ec2,
    ecr,
    ecs,
    elasticache: elastiCache,
    elasticloadbalancing: elb,
    events: eventBridge,
    guardduty: guardDuty,
    health,
    iam,
    logs,
    rds,
    route53,
    'route53-recovery-cluster': recoveryCluster,
    s3,
    secretsmanager: secretsManager,
    sns,
    ssm,
    sts,
    xray,
  };

  it.each([...reads])('%s is an operation of the service, by its exact name', (name) => {
    const [service = '', operation = ''] = name.split(':');
    const command: unknown = Reflect.get(modules[service] ?? {}, `${operation}Command`);
    expect(command).toBeTypeOf('function');
    const instance: object = Reflect.construct(command as new (input: object) => object, [{}]);
    expect(operationOfSchema(Reflect.get(instance, 'schema'))).toBe(operation);
  });

  it('names no operation that creates, changes or deletes', () => {
    const telling =
      /:(?:Describe|Get|List|Lookup|BatchGet|Filter|Head)[A-Z]|^(?:sts:AssumeRole|iam:SimulatePrincipalPolicy)$/;
    expect([...reads].filter((name) => !telling.test(name))).toEqual([]);
  });
});

/**
 * Changes, what they show in the facts, notifications and secrets, against moto. What moto cannot show: it has no
 * ecs:StopServiceDeployment and no service deployments, no events of failovers (only of instances that are created and
 * of backups) nor any heed for the times that events are asked for, and nothing in it takes time.
 */
import { scalingKinds } from '../../src/cloud/facts.ts';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snsReceiver } from '../../src/aws/notify/sns.ts';
import { openAws, type AwsCloud } from '../../src/aws/open-aws.ts';
import { resolveSecret } from '../../src/aws/secrets.ts';
import type { Notification } from '../../src/cloud/notifier.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { serve } from '../aws/local-server.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region, seedStack, type SeededStack } from './stack.ts';

/** The system's clock, without the waits between attempts. */
const clock: Clock = { now: () => Date.now(), sleep: async () => {}, busy: (work) => work() };
const hour = 3_600_000;

const notification: Notification = {
  key: 'run-1/asked',
  severity: 'critical',
  title: 'nano: failover waits for your approval',
  text: 'The writer does not answer.\nType: nanoops approve run-1',
  service: 'nano',
  environment: 'prod',
  runId: 'run-1',
  runbook: 'database-failover',
  at: 0,
};

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
}

describe.skipIf(motoIsAbsent())('against moto over HTTP', () => {
  let moto: MotoServer;
  let stack: SeededStack;
  let cloud: AwsCloud;
  const service = { region, cluster: 'nano', service: 'nano-api' };
  const database = { region, cluster: 'nano-db' };
  const settings = () => ({ region, endpoint: moto.url, credentials });
  const options = () => ({ clock, random: Math.random, credentials, endpointUrl: moto.url });

  beforeAll(async () => {
    moto = await startMoto();
    stack = await seedStack(moto.url);
    const changes = [
      'application-autoscaling:RegisterScalableTarget',
      'ecs:StopServiceDeployment',
      'ecs:UpdateService',
      'rds:CreateDBInstance',
      'rds:FailoverDBCluster',
      'rds:RestoreDBClusterToPointInTime',
    ];
    cloud = openAws({ ...options(), mode: { changes } });
  }, 180_000);

  afterAll(async () => {
    cloud?.close();
    await moto?.close();
  });

  it('sets a desired count and leaves the version alone', async () => {
    const before = await cloud.facts.serviceState(service);
    await cloud.changes.setDesiredCount(service, 3);
    const after = await cloud.facts.serviceState(service);
    expect(after).toMatchObject({ desired: 3, running: 3, taskDefinition: before.taskDefinition });
    expect(after.securityGroups).toEqual([expect.stringMatching(/^sg-/)]);
  });

  it('sets a version and leaves the count alone', async () => {
    const { taskDefinition } = await new ECSClient(settings()).send(
      new RegisterTaskDefinitionCommand({
        family: 'nano-api',
        containerDefinitions: [{ name: 'api', image: 'nano-api:2', memory: 512 }],
      }),
    );
    const version = taskDefinition?.taskDefinitionArn ?? 'none';
    const { desired } = await cloud.facts.serviceState(service);
    await cloud.changes.setTaskDefinition(service, version);
    const after = await cloud.facts.serviceState(service);
    expect(after).toMatchObject({ desired, taskDefinition: version });
    expect(version).toMatch(/:2$/);
  });

  it('replaces the tasks by new ones of the same version', async () => {
    const before = await cloud.facts.serviceState(service);
    await cloud.changes.restartTasks(service);
    const after = await cloud.facts.serviceState(service);
    expect(after).toMatchObject({ desired: before.desired, taskDefinition: before.taskDefinition });
    expect(after.deployments[0]?.id).not.toBe(before.deployments[0]?.id);
  });

  it('sets a minimum and keeps the maximum', async () => {
    await cloud.changes.setMinimumCapacity(service, 4);
    expect(await cloud.facts.scalingLimits(service)).toEqual({
      ...{ min: 4, max: 8, policies: ['cpu'], suspended: [] },
    });
  });

  it('suspends scaling and resumes it, and keeps the limits', async () => {
    const { suspended: _none, ...before } = (await cloud.facts.scalingLimits(service)) ?? {};
    for (const suspended of [scalingKinds, ['scheduled'], []] as const) {
      await cloud.changes.setSuspendedScaling(service, suspended);
      expect(await cloud.facts.scalingLimits(service)).toEqual({ ...before, suspended: [...suspended] });
    }
  });

  it('makes the reader that is named the writer', async () => {
    await cloud.changes.failOverCluster(database, 'nano-db-2');
    const { instances } = await cloud.facts.databaseState(database);
    expect(instances.map(({ id, role }) => [id, role])).toEqual([
      ['nano-db-1', 'reader'],
      ['nano-db-2', 'writer'],
    ]);
  });

  it('makes some reader the writer where none is named', async () => {
    await cloud.changes.failOverCluster(database);
    const { instances } = await cloud.facts.databaseState(database);
    expect(instances.find(({ role }) => role === 'writer')?.id).toBe('nano-db-1');
  });

  it('adds an instance to a cluster', async () => {
    const instance = { instance: 'nano-db-3', instanceClass: 'db.r6g.large', engine: 'aurora-mysql' };
    await cloud.changes.createInstance(database, instance);
    const { instances } = await cloud.facts.databaseState(database);
    expect(instances).toContainEqual(
      expect.objectContaining({ id: 'nano-db-3', role: 'reader', instanceClass: 'db.r6g.large' }),
    );
  });

  it.each<[string, (changes: AwsCloud['changes']) => Promise<void>, string]>([
    ['a service', (changes) => changes.setDesiredCount({ ...service, service: 'nope' }, 1), 'not-found'],
    ['a cluster', (changes) => changes.failOverCluster({ region, cluster: 'nope' }), 'not-found'],
    ['a reader', (changes) => changes.failOverCluster(database, 'nope'), 'invalid-request'],
    [
      'a scalable target',
      (changes) => changes.setMinimumCapacity({ ...service, service: 'nope' }, 1),
      'invalid-request',
    ],
  ])('changes nothing about %s that is not there, and says so', async (_, ask, kind) => {
    const error = await failureOf(ask(cloud.changes));
    expect(error).toMatchObject({ kind });
    expect(String(error)).toMatch(/Nothing was changed by it\.$/);
  });

  it('restores a cluster beside its source, with nothing in it yet, that cannot be deleted by mistake', async () => {
    const { securityGroups, parameterGroup } = await cloud.facts.databaseState(database);
    await cloud.changes.restoreCluster(database, { cluster: 'nano-db-restored', securityGroups, parameterGroup });
    const restored = await cloud.facts.databaseState({ region, cluster: 'nano-db-restored' });
    expect(restored).toMatchObject({ engine: 'aurora-mysql', instances: [] });
    const { DBClusters } = await new RDSClient(settings()).send(
      new DescribeDBClustersCommand({ DBClusterIdentifier: 'nano-db-restored' }),
    );
    expect(DBClusters).toMatchObject([{ DeletionProtection: true }]);
  });

  it('takes what moto lacks for a failure, not for a rollout that was ended', async () => {
    const arn = `arn:aws:ecs:${region}:123456789012:service-deployment/nano/nano-api/d1`;
    const error = await failureOf(cloud.changes.rollBackDeployment(service, arn));
    expect(error).toMatchObject({ details: { operation: 'StopServiceDeployment' } });
  });

  it('has counted each change once', () => {
    expect(cloud.usage()).toMatchObject({
      mutations: 16,
      byOperation: { 'ecs:UpdateService': 4, 'rds:FailoverDBCluster': 4 },
    });
  });

  it('reads the rules of security groups', async () => {
    const ec2 = new EC2Client(settings());
    const [api, db] = await Promise.all(
      ['api', 'db'].map(async (name) => {
        const made = await ec2.send(
          new CreateSecurityGroupCommand({ GroupName: `rules-${name}`, Description: name, VpcId: stack.vpc }),
        );
        return made.GroupId ?? 'none';
      }),
    );
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: db,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, UserIdGroupPairs: [{ GroupId: api }] },
          { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
        ],
      }),
    );
    const rules = await cloud.facts.ingressRules(region, [db ?? '', api ?? '']);
    expect(rules).toHaveLength(2);
    expect(rules).toContainEqual({
      group: db,
      protocol: 'tcp',
      fromPort: 3306,
      toPort: 3306,
      fromGroups: [api],
      fromRanges: [],
    });
    expect(rules).toContainEqual({ group: db, protocol: 'all', fromGroups: [], fromRanges: ['10.0.0.0/8'] });
  });

  it('says which security group is not there', async () => {
    const error = await failureOf(cloud.facts.ingressRules(region, ['sg-nope']));
    expect(error).toMatchObject({ kind: 'not-found', details: { resource: 'sg-nope' } });
  });

  it('reads the events that moto has', async () => {
    const window = { from: Date.now() - hour, to: Date.now() + hour };
    const events = await cloud.facts.databaseEvents(database, window);
    expect(events.map(({ about, kind }) => [about, kind])).toEqual(
      expect.arrayContaining([
        ['nano-db-1', 'other'],
        ['nano-db-3', 'other'],
      ]),
    );
    const times = events.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const before = { from: Date.now() - 3 * hour, to: Date.now() - 2 * hour };
    expect(await cloud.facts.databaseEvents(database, before)).toEqual([]);
  });

  it('publishes a notification to whoever has subscribed', async () => {
    let hear = (_text: string): void => {};
    const heard = new Promise<string>((resolve) => (hear = resolve));
    const subscriber = await serve((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        hear(text);
        response.end();
      });
    });
    const sns = new SNSClient(settings());
    const { TopicArn: topicArn = 'none' } = await sns.send(new CreateTopicCommand({ Name: 'nano-oncall' }));
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint: subscriber.url }));
    const receiver = snsReceiver({ ...options(), topicArn });
    try {
      expect(await receiver.send(notification)).toEqual({
        receiver: 'sns',
        delivered: true,
        detail: expect.stringMatching(/^the topic took it: message [0-9a-f-]{36}$/),
      });
      const message: unknown = JSON.parse(await heard);
      expect(message).toMatchObject({
        Type: 'Notification',
        TopicArn: topicArn,
        Subject: notification.title,
        Message: notification.text,
      });
    } finally {
      receiver.close();
      await subscriber.close();
    }
  });

  it('says that a topic is not there', async () => {
    const topicArn = `arn:aws:sns:${region}:123456789012:nope`;
    const receiver = snsReceiver({ ...options(), topicArn });
    const delivery = await receiver.send(notification);
    receiver.close();
    expect(delivery).toMatchObject({ receiver: 'sns', delivered: false });
    expect(delivery.detail).toContain(`${topicArn} is not there`);
  });

  it('reads secrets where they are kept', async () => {
    await new SSMClient(settings()).send(
      new PutParameterCommand({ Name: '/nano/webhook', Type: 'SecureString', Value: 'https://hooks.example/x' }),
    );
    await new SecretsManagerClient(settings()).send(
      new CreateSecretCommand({ Name: 'nano/pagerduty', SecretString: '{"routingKey":"abc"}' }),
    );
    const from = { ...options(), region };
    expect(await resolveSecret({ store: 'ssm', name: '/nano/webhook' }, from)).toBe('https://hooks.example/x');
    const stored = { store: 'secretsmanager', name: 'nano/pagerduty' } as const;
    expect(await resolveSecret({ ...stored, key: 'routingKey' }, from)).toBe('abc');
    const failures = await Promise.all([
      failureOf(resolveSecret({ ...stored, key: 'nope' }, from)),
      failureOf(resolveSecret({ ...stored, name: 'nope' }, from)),
      failureOf(resolveSecret({ store: 'ssm', name: '/nope' }, from)),
    ]);
    expect(failures).toMatchObject([{ kind: 'not-found' }, { kind: 'not-found' }, { kind: 'not-found' }]);
  });
});

/** The operations that pass as reads: each exists, and none changes anything. */
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
import { operationOfSchema } from '../../src/aws/operation.ts';
import { reads } from '../../src/aws/reads.ts';

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

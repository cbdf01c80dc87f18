/**
 * `init` against moto: stacks of which only names tell, one of which the parts are wired to each other under names that
 * have nothing in common, a service too many, and what the account refuses.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { InitDocument } from '../../src/report/init-schema.ts';
import { initDocument } from '../../src/report/init-schema.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { primary, recovery, seedMovableStack } from './moves-stack.ts';
import { credentials } from './stack.ts';

/** A service that is behind a balancer, and let into a database, none of which is called like another. */
async function seedWiredStack(endpoint: string): Promise<void> {
  const settings = { region: primary, endpoint, credentials };
  const ec2 = new EC2Client(settings);
  const elb = new ElasticLoadBalancingV2Client(settings);
  const ecs = new ECSClient(settings);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }));
  const VpcId = Vpc?.VpcId;
  const subnets = await Promise.all(
    ['a', 'b'].map(async (zone, index) => {
      const place = { CidrBlock: `10.1.${index}.0/24`, AvailabilityZone: `${primary}${zone}` };
      return (await ec2.send(new CreateSubnetCommand({ VpcId, ...place }))).Subnet?.SubnetId ?? '';
    }),
  );
  const [own, database] = await Promise.all(
    ['tasks', 'rows'].map(
      async (GroupName) =>
        (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId }))).GroupId ?? '',
    ),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: database,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, UserIdGroupPairs: [{ GroupId: own }] }],
    }),
  );
  const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets: subnets }));
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'ring',
      Protocol: 'HTTP',
      Port: 80,
      VpcId,
      TargetType: 'ip',
      HealthCheckPath: '/alive',
    }),
  );
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: 'harbour' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'lantern',
      containerDefinitions: [
        {
          name: 'lantern',
          image: 'lantern:1',
          memory: 512,
          environment: [{ name: 'API_TOKEN', value: 'not-to-be-seen' }],
          logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/lantern/lines' } },
        },
      ],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'harbour',
      serviceName: 'lantern',
      taskDefinition: 'lantern',
      desiredCount: 1,
      loadBalancers: [{ targetGroupArn, containerName: 'lantern', containerPort: 80 }],
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: [own ?? ''] } },
    }),
  );
  await new RDSClient(settings).send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: 'ledger',
      Engine: 'aurora-mysql',
      MasterUsername: 'nano',
      MasterUserPassword: 'not-a-secret',
      VpcSecurityGroupIds: [database ?? ''],
    }),
  );
}

describe.skipIf(motoIsAbsent())('init against moto', { timeout: 120_000 }, () => {
  let moto: MotoServer;
  let cwd: string;

  beforeAll(async () => {
    moto = await startMoto();
    cwd = await mkdtemp(join(tmpdir(), 'nanoops-moto-init-'));
    await seedMovableStack(moto.url, 'shop');
    await seedMovableStack(moto.url, 'blog', true);
  }, 180_000);

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });

  afterAll(async () => {
    await moto?.close();
    if (cwd !== undefined) await rm(cwd, { recursive: true, force: true });
  });

  const type = (words: string) =>
    runMain(['init', '--endpoint-url', moto.url, '--region', primary, ...words.split(' ')], { cwd });
  const valuesOf = ({ findings }: InitDocument): Readonly<Record<string, unknown>> =>
    Object.fromEntries(findings.flatMap((each) => (each.status === 'found' ? [[each.key, each.value]] : [])));

  it('says which services there are where nothing tells, and writes nothing', async () => {
    const { exitCode, stderr } = await type('--yes');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('2 ECS services in us-west-2 could be the one, and nothing says which');
    expect(stderr).toContain('– blog/blog');
    expect(stderr).toContain('– shop/shop');
    expect(stderr).toContain('next:  say which: nanoops init --yes --service blog/blog');
    await expect(readFile(join(cwd, 'nanoops.yaml'))).rejects.toThrow('ENOENT');
  });

  it('finds a stack by its names, with the replica and the copied bucket of the other region', async () => {
    const { exitCode, stdout } = await type('--yes --service shop --dry-run --json');
    const document = initDocument.parse(JSON.parse(stdout));
    expect(document.unseen.filter(({ part }) => part !== 'tracing')).toEqual([]);
    expect(valuesOf(document)).toMatchObject({
      service: 'shop',
      account: '123456789012',
      'regions.primary': primary,
      'regions.recovery': recovery,
      'compute.cluster': 'shop',
      'compute.recovery.service': 'shop',
      'database.cluster': 'shop-db',
      'database.recoveryCluster': 'shop-db-dr',
      'storage.bucket': 'shop-zips',
      'storage.replicaBucket': 'shop-zips-dr',
      'dns.record': 'api.shop.example.com',
    });
    expect(valuesOf(document)).not.toHaveProperty('database.globalCluster');
    expect(String(valuesOf(document)['api.loadBalancer'])).toMatch(/^app\/shop-alb\//);
    expect(document.api.mutations).toBe(0);
    expect(exitCode).toBe(document.exitCode);
  });

  it('finds what is wired under other names, writes it, and reads no values of variables', async () => {
    await seedWiredStack(moto.url);
    const { stdout, exitCode } = await type('--yes --to lantern.yaml --no-check');
    const written = await readFile(join(cwd, 'lantern.yaml'), 'utf8');
    expect(parse(written)).toMatchObject({
      service: 'lantern',
      api: {
        loadBalancer: expect.stringMatching(/^app\/front\//),
        targetGroup: expect.stringMatching(/^targetgroup\/ring\//),
      },
      compute: { cluster: 'harbour', service: 'lantern' },
      database: { cluster: 'ledger' },
      logs: { application: '/lantern/lines' },
    });
    expect(written).toContain('its security group lets in that of lantern');
    expect(`${written}${stdout}`).not.toContain('not-to-be-seen');
    // Nothing says which bucket is the lantern's.
    expect(written).toMatch(/# One of these, and nothing says which[^]+# - blog-zips: it is copied to blog-zips-dr/);
    expect(exitCode).toBe(3);
    expect((await runMain(['config', 'validate', '-c', 'lantern.yaml'], { cwd })).exitCode).toBe(0);
  });

  it('a cluster is looked at by itself', async () => {
    const { stdout } = await type('--yes --cluster blog --dry-run --json');
    const document = initDocument.parse(JSON.parse(stdout));
    expect(valuesOf(document)).toMatchObject({ service: 'blog', 'database.cluster': 'blog-db' });
    expect(document.api.byOperation['ecs:ListClusters']).toBe(1);
  });
});

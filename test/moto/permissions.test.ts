/**
 * The policies that `iam policy` prints, against moto with enforcement on: a user with exactly that policy is refused
 * nothing, and one without any action of it is refused what needs it, by a message that names the action. moto judges nearly
 * every request as one about "*", so that unscoped policies are tried here and scopes elsewhere; and it knows actions of
 * CloudWatch by the name that requests are signed with.
 */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import type { Changes } from '../../src/cloud/changes.ts';
import type { Clock } from '../../src/engine/clock.ts';
import { iamActionOf } from '../../src/iam/actions.ts';
import { iamPolicy } from '../../src/use-cases/permissions/iam-policy.ts';
import { newFolder, runOf } from '../commands/operator.ts';
import { actionsIn } from '../iam/evaluate.ts';
import { inTier } from '../support/tier.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { credentials, region, seedLogLines, seedStack } from './stack.ts';

const clock: Clock = { now: () => Date.now(), sleep: async () => {}, busy: (work) => work() };
const service = { region, cluster: 'nano', service: 'nano-api' };
const database = { region, cluster: 'nano-db' };

const looking = actionsIn(iamPolicy({ commands: ['diagnose database'], runbooks: [] }, undefined));
const acting = actionsIn(iamPolicy({ commands: [], runbooks: ['latency', 'database-unavailable'] }, undefined));

/** Operations that the diagnosis of this stack asks for, whatever it finds. */
const taken = ['rds:DescribeDBClusters', 'ecs:DescribeServices', 'logs:FilterLogEvents'];

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

describe.skipIf(motoIsAbsent())('on moto, which enforces policies', () => {
  let moto: MotoServer;
  let iam: IAMClient;
  let users = 0;
  let config: Record<string, unknown>;

  /** From the next request on, moto asks for permission, or does so no more. */
  const enforce = async (on: boolean): Promise<void> => {
    const { ok } = await fetch(`${moto.url}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : 'inf' });
    expect(ok).toBe(true);
  };

  /** A user who may do just that. */
  const userWith = async (actions: readonly string[]): Promise<Keys> => {
    await enforce(false);
    users += 1;
    const UserName = `user-${users}`;
    await iam.send(new CreateUserCommand({ UserName }));
    const Action = actions.map((action) => action.replace(/^cloudwatch:/, 'monitoring:'));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
    });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'nanoops', PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    await enforce(true);
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  };

  const without = (all: readonly string[], action: string): readonly string[] => all.filter((each) => each !== action);

  /** What `diagnose database` asks and says with these permissions. */
  const diagnosed = async (actions: readonly string[]) => {
    const keys = await userWith(actions);
    vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey);
    const cwd = await newFolder();
    await writeFile(join(cwd, 'nanoops.yaml'), stringify(config));
    const ended = await runMain(['diagnose', 'database', '--endpoint-url', moto.url, '--json'], {
      cwd,
      env: { XDG_STATE_HOME: cwd },
    });
    return { run: runOf(ended), text: ended.stdout };
  };

  beforeAll(async () => {
    moto = await startMoto();
    const { loadBalancer, targetGroup } = await seedStack(moto.url);
    await seedLogLines(moto.url, '/aws/ecs/nano-api', [{ at: Date.now() - 60_000, message: 'ERROR no connection' }]);
    iam = new IAMClient({ region, endpoint: moto.url, credentials });
    config = {
      service: 'nano-api',
      regions: { primary: region },
      api: { loadBalancer, targetGroup },
      compute: { cluster: 'nano', service: 'nano-api' },
      database: { cluster: 'nano-db' },
      logs: { application: '/aws/ecs/nano-api' },
    };
  }, 180_000);

  afterAll(async () => {
    iam?.destroy();
    await moto?.close();
  });

  it('a user with the policy of a diagnosis is refused nothing', async () => {
    const { run, text } = await diagnosed(looking);
    // Those that are taken away below are asked for.
    expect(Object.keys(run.api.byOperation)).toEqual(expect.arrayContaining(taken));
    expect(text).not.toMatch(/may not|not authorized|AccessDenied/);
  });

  const removable = inTier({ all: looking, some: taken });

  it.each(removable)('without %s, a diagnosis that asks for it says so, by that name', async (action) => {
    const whole = await diagnosed(looking);
    const { text } = await diagnosed(without(looking, action));
    const asked = Object.keys(whole.run.api.byOperation).map((each) => {
      const [name = '', operation = ''] = each.split(':');
      return iamActionOf(name, operation);
    });
    // Of what this stack gives no cause to ask, nothing can be refused.
    expect(text.includes(action)).toBe(asked.includes(action));
  });

  const changes: readonly (readonly [string, (changes: Changes) => Promise<unknown>])[] = [
    ['ecs:UpdateService', (to) => to.setDesiredCount(service, 3)],
    ['rds:FailoverDBCluster', (to) => to.failOverCluster(database)],
    ['application-autoscaling:RegisterScalableTarget', (to) => to.setMinimumCapacity(service, 2)],
    [
      'rds:CreateDBInstance',
      (to) =>
        to.createInstance(database, { instance: 'nano-db-9', instanceClass: 'db.r6g.large', engine: 'aurora-mysql' }),
    ],
  ];

  it.each(changes)(
    '%s is made with the policy of the runbooks, and refused by name without it',
    async (action, make) => {
      const may = async (actions: readonly string[]): Promise<unknown> => {
        const keys = await userWith(actions);
        const cloud = openAws({
          clock,
          random: Math.random,
          credentials: keys,
          endpointUrl: moto.url,
          mode: { changes: [action] },
        });
        try {
          await make(cloud.changes);
          return 'made';
        } catch (error) {
          return error;
        } finally {
          cloud.close();
        }
      };
      expect(acting).toContain(action);
      expect(await may(acting)).toBe('made');
      expect(await may(without(acting, action))).toMatchObject({ message: expect.stringContaining(action) });
    },
  );
});

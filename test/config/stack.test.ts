import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { stackOf } from '../../src/config/stack.ts';

const least = { service: 'nano-api', regions: { primary: 'us-west-2' } };

test('a part that the file does not name is absent, not empty', () => {
  expect(stackOf(parseConfig(least, 'test'))).toStrictEqual({
    service: 'nano-api',
    environment: 'prod',
    primary: { region: 'us-west-2' },
  });
});

test('the recovery half holds its own names; only the ECS service has the same names when none are given', () => {
  const config = parseConfig(
    {
      ...least,
      account: '123456789012',
      regions: { primary: 'us-west-2', recovery: 'us-east-1' },
      api: { loadBalancer: 'app/a/1', recovery: { loadBalancer: 'app/b/2', targetGroup: 'targetgroup/b/3' } },
      compute: { cluster: 'nano', service: 'nano-api', maxTasks: 20 },
      database: { cluster: 'nano-db', recoveryCluster: 'nano-db-dr' },
      cache: { replicationGroup: 'nano-cache' },
      storage: { bucket: 'nano-zips', replicaBucket: 'nano-zips-dr' },
      logs: { application: '/aws/ecs/nano-api' },
      tracing: { service: 'nano-api' },
    },
    'test',
  );
  expect(stackOf(config)).toStrictEqual({
    service: 'nano-api',
    environment: 'prod',
    account: '123456789012',
    primary: {
      region: 'us-west-2',
      api: { region: 'us-west-2', loadBalancer: 'app/a/1' },
      compute: { region: 'us-west-2', cluster: 'nano', service: 'nano-api', maxTasks: 20 },
      database: { region: 'us-west-2', cluster: 'nano-db' },
      cache: { region: 'us-west-2', replicationGroup: 'nano-cache' },
      storage: { region: 'us-west-2', bucket: 'nano-zips' },
      logs: { application: { region: 'us-west-2', logGroup: '/aws/ecs/nano-api' } },
      tracing: { region: 'us-west-2', service: 'nano-api' },
    },
    recovery: {
      region: 'us-east-1',
      api: { region: 'us-east-1', loadBalancer: 'app/b/2', targetGroup: 'targetgroup/b/3' },
      compute: { region: 'us-east-1', cluster: 'nano', service: 'nano-api', maxTasks: 20 },
      database: { region: 'us-east-1', cluster: 'nano-db-dr' },
      storage: { region: 'us-east-1', bucket: 'nano-zips-dr' },
    },
  });
});

test('other names in the recovery region are taken', () => {
  const config = parseConfig(
    {
      ...least,
      regions: { primary: 'us-west-2', recovery: 'us-east-1' },
      compute: { cluster: 'nano', service: 'nano-api', recovery: { cluster: 'nano-dr', service: 'nano-api-dr' } },
    },
    'test',
  );
  expect(stackOf(config).recovery).toStrictEqual({
    region: 'us-east-1',
    compute: { region: 'us-east-1', cluster: 'nano-dr', service: 'nano-api-dr' },
  });
});

/**
 * What a scoped policy allows is all that is asked of a stack, and of that stack only: every request of runbooks and checks
 * on the simulated AWS is judged by the policy that the command prints for them.
 */
import { describe, expect, test } from 'vitest';
import { iamActionOf } from '../../src/iam/actions.ts';
import { parseConfig } from '../../src/config/load.ts';
import { sandboxConfigFor } from '../../src/sandbox/sandbox.ts';
import { listScenarios } from '../../src/sandbox/scenarios/index.ts';
import { capacityForecast } from '../../src/use-cases/capacity-forecast.ts';
import { checkReport } from '../../src/use-cases/check-report.ts';
import { checksNamed } from '../../src/use-cases/check-catalogue.ts';
import { lookFor } from '../../src/use-cases/incidents/look.ts';
import { logErrors } from '../../src/use-cases/log-errors.ts';
import { moveOfRunbook } from '../../src/use-cases/moves.ts';
import { iamPolicy } from '../../src/use-cases/permissions/iam-policy.ts';
import { readiness } from '../../src/use-cases/readiness.ts';
import { findRunbook, listRunbooks } from '../../src/use-cases/runbooks.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { sloReport } from '../../src/use-cases/slo-report.ts';
import { slowQueries } from '../../src/use-cases/slow-queries.ts';
import { traceList } from '../../src/use-cases/trace-list.ts';
import { traceMap } from '../../src/use-cases/trace-map.ts';
import { tuneChecks } from '../../src/use-cases/tuning.ts';
import { memoryState } from '../../src/state/memory-state.ts';
import { inTier } from '../support/tier.ts';
import { simulate } from '../use-cases/rehearsing.ts';
import { allows } from './evaluate.ts';
import { arnsOf, heardWhile, type Request } from './requests.ts';

type Policy = ReturnType<typeof iamPolicy>;

/** Requests that the policy would have refused, each once. */
function refused(policy: Policy, requests: readonly Request[]): readonly string[] {
  const all = requests
    // Anybody with credentials may ask who they are.
    .filter(({ operation }) => operation !== 'GetCallerIdentity')
    .flatMap((request) => {
      const action = iamActionOf(request.service, request.operation);
      return arnsOf(request).flatMap((arn) => (allows(policy, action, arn) ? [] : [`${action} on ${arn}`]));
    });
  return [...new Set(all)].toSorted();
}

const statementIds = ({ policies }: Policy): readonly string[] =>
  policies.flatMap(({ document }) => document.Statement.map(({ Sid: id }) => id));

const scenarios = listScenarios();
const own = (runbook: string) => scenarios.filter((each) => each.runbook === runbook).map(({ id }) => id);

const runs = listRunbooks().items.flatMap(({ id }) => {
  const move = moveOfRunbook(id);
  const tried = move?.kind === 'failover' ? own(id) : move === undefined ? own(id) : ['healthy'];
  return tried.map((scenario) => [id, scenario] as const);
});
const someRuns = [
  ['latency', 'bad-deploy'],
  ['crash-loop', 'crash-loop'],
  ['database-unavailable', 'writer-unreachable-no-reader'],
  ['region-failover', 'region-down'],
  ['region-failover', 'headless-secondary'],
  ['region-failback', 'healthy'],
  ['region-drill', 'healthy'],
] as const;

describe('runbooks that act', () => {
  test.each(inTier<readonly (readonly [string, string])[]>({ all: runs, some: someRuns }))(
    '%s in %s asks for nothing that its policy does not allow',
    async (id, scenario) => {
      const requests: Request[] = [];
      const move = moveOfRunbook(id);
      await simulate(findRunbook(id), {
        scenario,
        mode: 'execute',
        ...(move === undefined ? {} : { move }),
        hear: (request) => requests.push(request),
      });
      expect(requests.length).toBeGreaterThan(5);
      const config = parseConfig(sandboxConfigFor(scenario), 'a test');
      expect(refused(iamPolicy({ commands: [], runbooks: [id] }, config), requests)).toEqual([]);
    },
  );

  test.each(inTier<readonly (readonly [string, string])[]>({ all: runs, some: someRuns }))(
    '%s in %s asks for nothing in a dry run that the policy for dry runs does not allow',
    async (id, scenario) => {
      const requests: Request[] = [];
      const move = moveOfRunbook(id);
      await simulate(findRunbook(id), {
        scenario,
        mode: 'dry-run',
        ...(move === undefined ? {} : { move }),
        hear: (request) => requests.push(request),
      });
      expect(requests.length).toBeGreaterThan(5);
      const config = parseConfig(sandboxConfigFor(scenario), 'a test');
      const policy = iamPolicy({ commands: [], runbooks: [id], isDryRun: true }, config);
      expect(refused(policy, requests)).toEqual([]);
      expect(statementIds(policy).filter((sid) => !sid.startsWith('Look'))).toEqual([]);
    },
  );

  test('a way back of a stack that was moved, too', async () => {
    const scenario = 'healthy';
    const requests: Request[] = [];
    const after = await simulate(findRunbook('region-failover'), {
      scenario,
      mode: 'execute',
      move: { kind: 'failover', mode: 'switchover' },
    });
    await simulate(findRunbook('region-failback'), {
      scenario,
      mode: 'execute',
      move: { kind: 'failback', mode: 'switchover' },
      after,
      hear: (request) => requests.push(request),
    });
    expect(requests.map(({ service, operation }) => `${service}:${operation}`)).toEqual(
      expect.arrayContaining(['rds:SwitchoverGlobalCluster', 'ecs:UpdateService', 'route53:ChangeResourceRecordSets']),
    );
    const config = parseConfig(sandboxConfigFor(scenario), 'a test');
    expect(refused(iamPolicy({ commands: [], runbooks: ['region-failback'] }, config), requests)).toEqual([]);
  });

  const controls = {
    hostedZoneId: 'Z0123456789NANOEXAMPL',
    record: 'api.nano.example',
    mechanism: 'routing-control',
    routingControls: {
      primary: 'arn:aws:route53-recovery-control::123456789012:controlpanel/0a1b/routingcontrol/aa',
      recovery: 'arn:aws:route53-recovery-control::123456789012:controlpanel/0a1b/routingcontrol/bb',
    },
    endpoints: ['us-east-1', 'us-west-2', 'eu-west-1', 'ap-northeast-1', 'ap-southeast-2'].map((region) => ({
      region,
      url: `https://aaaaaaaa.route53-recovery-cluster.${region}.amazonaws.com/v1`,
    })),
  };
  const object = {
    hostedZoneId: 'Z0123456789NANOEXAMPL',
    record: 'api.nano.example',
    mechanism: 'health-check',
    healthCheckId: '00000000-0000-4000-8000-000000000000',
    switchObject: { bucket: 'nano-switch', key: 'primary-serves' },
  };

  test.each([
    ['routing controls', controls, 'route53-recovery-cluster:UpdateRoutingControlStates'],
    ['a health check', object, 's3:DeleteObject'],
  ])('a failover by %s, too, and by no other switch', async (_what, dns, needed) => {
    const requests: Request[] = [];
    await simulate(findRunbook('region-failover'), {
      scenario: 'region-down',
      mode: 'execute',
      config: { dns },
      move: { kind: 'failover', mode: 'failover' },
      hear: (request) => requests.push(request),
    });
    const config = parseConfig({ ...sandboxConfigFor('region-down'), dns }, 'a test');
    const policy = iamPolicy({ commands: [], runbooks: ['region-failover'] }, config);
    expect(refused(policy, requests)).toEqual([]);
    expect(requests.map(({ service, operation }) => `${service}:${operation}`)).toContain(needed);
    expect(policy.unused).toContain('route53:ChangeResourceRecordSets');
  });
});

const looks: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
  'checks run': (session) =>
    checkReport(session, { command: 'checks run', checks: checksNamed([]), failOn: 'warning' }),
  tune: (session) => checkReport(session, { command: 'tune', checks: tuneChecks, failOn: 'warning' }),
  slo: (session) => sloReport(session, { failOn: 'warning' }),
  'capacity forecast': (session) => capacityForecast(session, { horizon: '90d', failOn: 'warning' }),
  'logs errors': (session) => logErrors(session, {}),
  'logs slow-queries': (session) => slowQueries(session, {}),
  'trace list': (session) => traceList(session, { failed: false, limit: 5 }),
  'trace map': (session) => traceMap(session, {}),
  'incident open': (session) => lookFor(session, session.clock.now() - 3_600_000, session.clock.now()),
  'dr readiness': (session) => {
    const state = memoryState();
    const store = { name: 'memory', journals: state.journals, leases: state.leases };
    const stores = { own: store, all: [store] };
    return readiness(session, { stores, failOn: 'warning', wallMs: session.clock.now(), isSandbox: true });
  },
};

describe('commands that look', () => {
  const tried = inTier({ all: scenarios.map(({ id }) => id), some: ['slow-query', 'region-down'] });
  const each = Object.entries(looks).flatMap(([command, look]) =>
    tried.map((scenario) => [command, scenario, look] as const),
  );
  test.each(each)('%s in %s asks for nothing that its policy does not allow', async (command, scenario, look) => {
    const { config, requests } = await heardWhile(scenario, look);
    expect(requests.length).toBeGreaterThan(0);
    expect(refused(iamPolicy({ commands: [command], runbooks: [] }, config), requests)).toEqual([]);
  });
});

describe('what is scoped', () => {
  const config = parseConfig(sandboxConfigFor('healthy'), 'a test');
  const all = iamPolicy({ commands: [], runbooks: [] }, config);

  test.each([
    ['ecs:UpdateService', 'arn:aws:ecs:us-west-2:123456789012:service/nano/', 'nano-api', 'other-api'],
    [
      'ecs:UpdateService',
      'arn:aws:ecs:',
      'us-west-2:123456789012:service/nano/nano-api',
      'eu-west-1:123456789012:service/nano/nano-api',
    ],
    ['rds:FailoverDBCluster', 'arn:aws:rds:us-west-2:123456789012:cluster:', 'nano-db', 'nano-db2'],
    ['rds:SwitchoverGlobalCluster', 'arn:aws:rds::123456789012:global-cluster:', 'nano-global', 'other'],
    ['route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/', 'Z0123456789NANOEXAMPL', 'Z2'],
    ['s3:GetBucketVersioning', 'arn:aws:s3:::', 'nano-zips', 'nano-zips-of-others'],
    ['dynamodb:DescribeTable', 'arn:aws:dynamodb:us-east-1:123456789012:table/', 'nano-sessions', 'orders'],
    [
      'logs:FilterLogEvents',
      'arn:aws:logs:us-west-2:123456789012:log-group:',
      '/aws/ecs/nano-api:log-stream:',
      '/aws/ecs/nano-api2:log-stream:',
    ],
  ])('%s is allowed on what is configured, and on nothing else', (action, prefix, configured, other) => {
    expect(allows(all, action, `${prefix}${configured}`)).toBe(true);
    expect(allows(all, action, `${prefix}${other}`)).toBe(false);
  });

  test('one region leaves the other out', () => {
    const east = iamPolicy({ commands: [], runbooks: ['latency'], region: 'us-east-1' }, config);
    const text = JSON.stringify(east.policies);
    expect(text).toContain(':us-east-1:');
    expect(text).not.toContain(':us-west-2:');
  });
});

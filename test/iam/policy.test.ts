/** `nanoops iam policy` as it is typed: what is printed can be given to AWS as it is. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { longestPolicy } from '../../src/iam/policy.ts';
import { policyDocument } from '../../src/report/policy-schemas.ts';
import { sandboxConfigFor } from '../../src/sandbox/sandbox.ts';
import { iamPolicy } from '../../src/use-cases/permissions/iam-policy.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import { errorOf, newFolder } from '../commands/operator.ts';
import { runMain } from '../support/run-main.ts';
import { actionsIn, allows } from './evaluate.ts';

const config = parseConfig(sandboxConfigFor('healthy'), 'a test');
const policyOf = (...runbooks: readonly string[]) => iamPolicy({ commands: [], runbooks }, config);
const statementsOf = ({ policies }: ReturnType<typeof iamPolicy>) =>
  policies.flatMap(({ document }) => document.Statement);

describe('what is printed', () => {
  test('is the policy alone; what there is to say of it is on stderr', async () => {
    const { exitCode, stdout, stderr } = await runMain(['iam', 'policy', '--command', 'diagnose', 'latency']);
    const { Statement: statements, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ Version: '2012-10-17' });
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatchObject({ Sid: 'Look', Effect: 'Allow', Resource: '*' });
    expect(stderr).toContain('no nanoops.yaml was found');
    expect(exitCode).toBe(0);
  });

  test('-o json is the document that its schema describes', async () => {
    const { stdout, stderr } = await runMain(['iam', 'policy', '--runbook', 'crash-loop', '--sandbox', '--json']);
    const document = policyDocument.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ scoped: true, runbooks: ['crash-loop'], commands: [] });
    expect(stderr).toBe('');
  });

  test('is several policies where one would be longer than IAM takes', async () => {
    const { stdout, stderr } = await runMain(['iam', 'policy', '--sandbox', 'healthy']);
    const documents: readonly object[] = JSON.parse(stdout);
    expect(documents.length).toBeGreaterThan(1);
    for (const document of documents) expect(JSON.stringify(document).length).toBeLessThanOrEqual(longestPolicy);
    expect(stderr).toContain(`${documents.length} policies`);
    const ids = statementsOf(policyOf()).map(({ Sid }) => Sid);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]+$/);
  });

  test('is what the page of documentation shows', async () => {
    const page = await readFile(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
    const [, command = '', shown = ''] = /```sh\nnanoops (.+)\n```\n\n```json\n([^]+?)\n```/.exec(page) ?? [];
    const { stdout } = await runMain(command.replaceAll('"', '').split(' '));
    expect(JSON.parse(shown)).toEqual(JSON.parse(stdout));
  });
});

describe('what is allowed', () => {
  test('looking changes nothing', () => {
    const looking = iamPolicy(
      { commands: ['diagnose', 'status', 'checklist weekly', 'checks run'], runbooks: [] },
      config,
    );
    for (const { Sid: id } of statementsOf(looking)) expect(id).toMatch(/^Look/);
    for (const action of actionsIn(looking)) expect(action).toMatch(/:(?:Batch|Describe|Filter|Get|List|Lookup)/);
  });

  test('a runbook looks and acts, in statements of their own', () => {
    const ids = statementsOf(policyOf('latency')).map(({ Sid: id }) => id);
    expect(ids.some((id) => id.startsWith('Look'))).toBe(true);
    expect(ids.some((id) => id.startsWith('Act'))).toBe(true);
    expect(ids.every((id) => /^(?:Look|Act)/.test(id))).toBe(true);
  });

  test('a role may be passed to tasks only', () => {
    const passing = statementsOf(policyOf('latency')).filter(({ Action: actions }) => actions.includes('iam:PassRole'));
    expect(passing).toHaveLength(1);
    expect(passing[0]).toMatchObject({
      Action: ['iam:PassRole'],
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
  });

  test('of the ways to move the writer and the traffic, only the configured one', () => {
    const actions = actionsIn(policyOf('region-failover'));
    expect(actions).toContain('rds:FailoverGlobalCluster');
    expect(actions).not.toContain('rds:PromoteReadReplicaDBCluster');
    expect(actions.filter((each) => /^(?:s3|route53-recovery)/.test(each))).toEqual([]);
    const { globalCluster: _global, ...database } = sandboxConfigFor('healthy').database;
    const replica = parseConfig({ ...sandboxConfigFor('healthy'), database }, 'a test');
    const promoting = actionsIn(iamPolicy({ commands: [], runbooks: ['region-failover'] }, replica));
    expect(promoting).toContain('rds:PromoteReadReplicaDBCluster');
    expect(promoting.filter((each) => each.includes('Global'))).toEqual([]);
  });

  test('an instance is made in a copy by whoever makes the copy, and in the next writer\u2019s cluster by whoever moves it', () => {
    const may = (names: readonly string[], resource: string) =>
      allows(policyOf(...names), 'rds:CreateDBInstance', `arn:aws:rds:us-east-1:123456789012:${resource}`);
    const inCopy = ['cluster:nano-db-dr-restored-0601', 'db:nano-db-dr-restored-0601-1'];
    const inNext = ['cluster:nano-db-dr', 'db:nano-db-dr-1'];
    const elsewhere = ['cluster:others', 'db:nano-db-dr-2', 'db:nano-db-dr-10', 'db:others-1'];
    const allowed = (...names: readonly string[]) =>
      [...inCopy, ...inNext, ...elsewhere].filter((resource) => may(names, resource));
    expect(allowed('database-unavailable')).toEqual(inCopy);
    for (const move of ['region-failover', 'region-failback', 'region-drill']) expect(allowed(move)).toEqual(inNext);
    expect(allowed('database-unavailable', 'region-failover')).toEqual([...inCopy, ...inNext]);
  });

  test('what a team\u2019s own runbook makes is called as it likes', () => {
    const own = [{ ...findRunbook('database-unavailable'), id: 'copy-the-database' }];
    const policy = iamPolicy({ commands: [], runbooks: ['copy-the-database'], own }, config);
    const open = statementsOf(policy).filter(({ Sid: id }) => id.startsWith('Own'));
    expect(open).toEqual([
      {
        Sid: 'OwnAct',
        Effect: 'Allow',
        Action: ['rds:CreateDBInstance', 'rds:RestoreDBClusterToPointInTime'],
        Resource: '*',
      },
    ]);
  });

  const team = {
    ...sandboxConfigFor('healthy'),
    state: { dynamodb: { table: 'nanoops', region: 'us-east-1' } },
    notify: {
      sns: { topicArn: 'arn:aws:sns:us-east-1:123456789012:incidents' },
      eventbridge: { bus: 'ops', region: 'us-east-1' },
      webhook: { url: '${ssm:/nano/webhook}', signingKey: '${secretsmanager:nano/webhook#key}' },
    },
    roles: { primary: 'arn:aws:iam::111122223333:role/a', recovery: 'arn:aws:iam::444455556666:role/b' },
  };

  test('a team\u2019s table, its receivers, its secrets and its roles', () => {
    const policy = iamPolicy({ commands: ['state init'], runbooks: ['latency'] }, parseConfig(team, 'a test'));
    const table = 'arn:aws:dynamodb:us-east-1:444455556666:table/nanoops';
    for (const action of ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:CreateTable']) {
      expect(allows(policy, action, table)).toBe(true);
      expect(allows(policy, action, `${table}-of-others`)).toBe(false);
    }
    expect(allows(policy, 'sns:Publish', 'arn:aws:sns:us-east-1:123456789012:incidents')).toBe(true);
    expect(allows(policy, 'events:PutEvents', 'arn:aws:events:us-east-1:444455556666:event-bus/ops')).toBe(true);
    expect(allows(policy, 'ssm:GetParameter', 'arn:aws:ssm:us-west-2:111122223333:parameter/nano/webhook')).toBe(true);
    const secret = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:nano/webhook';
    expect(allows(policy, 'secretsmanager:GetSecretValue', `${secret}-Ab12Cd`)).toBe(true);
    expect(allows(policy, 'secretsmanager:GetSecretValue', `${secret}-of-others`)).toBe(false);
    expect(allows(policy, 'sts:AssumeRole', 'arn:aws:iam::111122223333:role/a')).toBe(true);
    // Each region's resources are in the account of its role.
    expect(allows(policy, 'ecs:UpdateService', 'arn:aws:ecs:us-west-2:111122223333:service/nano/nano-api')).toBe(true);
    expect(allows(policy, 'ecs:UpdateService', 'arn:aws:ecs:us-west-2:444455556666:service/nano/nano-api')).toBe(false);
  });

  test('a dry run may look, and neither change anything nor tell anybody; it is kept on its own machine', () => {
    const wanted = { commands: ['state init', 'notify test'], runbooks: ['region-drill'] };
    const kept = parseConfig(team, 'a test');
    const [whole, dry] = [iamPolicy(wanted, kept), iamPolicy({ ...wanted, isDryRun: true }, kept)];
    const idsOf = (policy: typeof dry) => statementsOf(policy).map(({ Sid: id }) => id);
    expect(idsOf(dry)).toEqual(idsOf(whole).filter((id) => /^(?:Look|Assume)/.test(id)));
    const left = idsOf(whole).filter((id) => !idsOf(dry).includes(id));
    for (const kind of ['Act', 'State', 'StateInit', 'Tell', 'Secrets']) expect(left.join(' ')).toContain(kind);
    const read = /:(?:Batch|Describe|Filter|Get|List|Lookup|TestDNSAnswer)/;
    expect(actionsIn(dry).filter((action) => !read.test(action))).toEqual(['sts:AssumeRole']);
    expect(dry.notes.filter((note) => note.includes('KMS'))).toEqual([]);
    // What is only read is no dry run, and is where it is.
    const reading = iamPolicy({ commands: ['runs list'], runbooks: ['region-drill'], isDryRun: true }, kept);
    expect(idsOf(reading)).toContain('State');
  });

  test('looking needs none of them', () => {
    const policy = iamPolicy({ commands: ['diagnose latency'], runbooks: [] }, parseConfig(team, 'a test'));
    expect(actionsIn(policy).filter((each) => /^(?:dynamodb|sns|events|ssm|secretsmanager):/.test(each))).toEqual([]);
  });

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-west-1', 'aws'],
  ])('in %s ARNs are of the partition %s', (primary, partition) => {
    const { compute, logs } = sandboxConfigFor('healthy');
    const { cluster } = sandboxConfigFor('healthy').database;
    const own = { cluster: compute.cluster, service: compute.service };
    const there = parseConfig(
      { service: 'nano-api', regions: { primary }, compute: own, database: { cluster }, logs },
      'a test',
    );
    const arns = statementsOf(iamPolicy({ commands: [], runbooks: ['latency'] }, there)).flatMap(
      ({ Resource }) => Resource,
    );
    expect(arns.filter((arn) => arn !== '*' && !arn.startsWith(`arn:${partition}:`))).toEqual([]);
  });
});

describe('what is typed wrongly', () => {
  test.each([
    [['--command', 'diagnos'], 'UnknownCommand', 'did you mean "diagnose"?'],
    [['--runbook', 'latencie'], 'UnknownRunbook', 'did you mean "latency"?'],
  ])('%j', async (words, code, detail) => {
    const ended = await runMain(['iam', 'policy', ...words, '--json']);
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code, details: [detail] });
  });

  test('a region in which the stack is not', async () => {
    const ended = await runMain(['iam', 'policy', '--sandbox', '--region', 'eu-west-1', '--json']);
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('UnknownRegion');
  });

  test('a file that is not there', async () => {
    const ended = await runMain(['iam', 'policy', '-c', 'no.yaml', '--json']);
    expect(ended.exitCode).toBe(2);
  });
});

const hasLinter = spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status === 0;

/** cfn-lint knows every action, and which resources each may be scoped to: AWS's own Service Authorization Reference. */
describe.skipIf(!hasLinter)('cfn-lint', () => {
  const lint = async (template: object): Promise<string> => {
    const file = join(await newFolder(), 'policy.template.json');
    await writeFile(file, JSON.stringify(template));
    return spawnSync('cfn-lint', ['-c', 'I', '--', file], { encoding: 'utf8' }).stdout;
  };

  test('finds nothing in the template of everything, and something in one with a mistake', async () => {
    const { stdout } = await runMain(['iam', 'policy', '--format', 'cloudformation', '--sandbox']);
    const template = JSON.parse(stdout);
    expect(await lint(template)).toBe('');
    const [first] = Object.keys(template.Resources);
    template.Resources[first ?? ''].Properties.PolicyDocument.Statement[0].Action.push('ecs:UpdateServices');
    expect(await lint(template)).toContain("'updateservices' is not one of");
  });
});

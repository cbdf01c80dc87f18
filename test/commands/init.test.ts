/** `init` as it is typed, on the simulated account: what it finds is what the sandbox's own configuration says. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { iamActionOf } from '../../src/iam/actions.ts';
import { initDocument } from '../../src/report/init-schema.ts';
import { sandboxConfig } from '../../src/sandbox/world/names.ts';
import { errorOf, newFolder, operator } from './operator.ts';

/** Types in a folder of their own. */
async function operatorIn(cwd: string) {
  const ana = await operator();
  return { type: (line: string) => ana.type(line, { cwd }) };
}

test('a dry run prints a file that says of the simulated stack what its own configuration says', async () => {
  const ana = await operator();
  const { exitCode, stdout, stderr } = await ana.type('init --sandbox --yes --dry-run');
  const { account, regions, api, compute, database, cache, storage, cdn, dns, sessions, logs, tracing, business } =
    sandboxConfig;
  // What is left out no account tells: programs, passwords, limits that people set.
  expect(parse(stdout)).toEqual({
    service: sandboxConfig.service,
    environment: sandboxConfig.environment,
    account,
    regions,
    api: {
      loadBalancer: api.loadBalancer,
      targetGroup: api.targetGroup,
      recovery: api.recovery,
      probeUrl: api.probeUrl,
    },
    compute: {
      cluster: compute.cluster,
      service: compute.service,
      maxTasks: compute.maxTasks,
      recovery: { cluster: compute.recovery.cluster, service: compute.recovery.service },
    },
    database: {
      cluster: database.cluster,
      recoveryCluster: database.recoveryCluster,
      globalCluster: database.globalCluster,
    },
    cache: { replicationGroup: cache.replicationGroup, recovery: cache.recovery },
    storage,
    cdn: { distribution: cdn.distribution, url: cdn.url },
    dns,
    sessions,
    logs,
    tracing,
    business,
  });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
});

test('the file that is written is valid, and gives the diagnosis that the sandbox’s own configuration gives', async () => {
  const folder = await newFolder();
  const ana = await operatorIn(folder);
  const { exitCode, stdout } = await ana.type('init --sandbox --yes');
  expect(stdout).toContain('✓ nanoops.yaml is written, and valid');
  expect(stdout).toContain('✓ A failover to us-east-1 is possible now');
  expect(stdout).toContain('next:  nanoops dr drill --dry-run -c nanoops.yaml --sandbox');
  expect(exitCode).toBe(0);
  expect(await readdir(folder)).toContain('nanoops.yaml');
  expect((await ana.type('config validate')).exitCode).toBe(0);
  const causesOf = async (words: string) => {
    const ended = await ana.type(`diagnose latency --sandbox --json${words}`);
    const { verdict, causes } = JSON.parse(ended.stdout);
    return { verdict, causes: causes.map((each: { cause: string }) => each.cause), exitCode: ended.exitCode };
  };
  const own = await causesOf('');
  expect(own.causes[0]).toBe('slow-query');
  expect(await causesOf(' -c nanoops.yaml')).toEqual(own);
}, 180_000);

test('as a document it holds every finding with its reason, and what was asked', async () => {
  const ana = await operator();
  const { stdout } = await ana.type('init --sandbox --yes --dry-run --json');
  const document = initDocument.parse(JSON.parse(stdout));
  expect(document).toMatchObject({ verdict: 'ok', written: false, unseen: [], notes: [] });
  expect(document.findings.filter(({ status }) => status !== 'found')).toEqual([]);
  expect(document.api.mutations).toBe(0);
  expect(document.readiness).toEqual({ skipped: 'nothing was written that could be checked' });
});

describe('a file that is there', () => {
  test('is not overwritten, and nothing is contacted', async () => {
    const folder = await newFolder();
    const ana = await operatorIn(folder);
    await writeFile(join(folder, 'nanoops.yaml'), 'mine\n');
    const ended = await ana.type('init --yes --json --region us-west-2');
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('FileExists');
    expect(await readFile(join(folder, 'nanoops.yaml'), 'utf8')).toBe('mine\n');
  });

  test('is kept beside, each time under another name, where it is replaced', async () => {
    const folder = await newFolder();
    const ana = await operatorIn(folder);
    for (const text of ['one\n', 'two\n']) {
      await writeFile(join(folder, 'shop.yaml'), text);
      const { stdout } = await ana.type('init --sandbox --yes --no-check --to shop.yaml --force');
      expect(stdout).toContain('shop.yaml is written, and valid; the one before is kept as shop.yaml.bak');
    }
    expect(await readFile(join(folder, 'shop.yaml.bak'), 'utf8')).toBe('one\n');
    expect(await readFile(join(folder, 'shop.yaml.bak.1'), 'utf8')).toBe('two\n');
    expect(parse(await readFile(join(folder, 'shop.yaml'), 'utf8'))).toMatchObject({ service: 'nano-api' });
    expect((await readdir(folder)).filter((name) => name.startsWith('.shop'))).toEqual([]);
  });
});

test('what may not be looked at is told with its action, and the rest is written', async () => {
  const folder = await newFolder();
  const ana = await operatorIn(folder);
  const { exitCode, stdout } = await ana.type('init --sandbox backups-unseen --yes --no-check --json');
  const document = initDocument.parse(JSON.parse(stdout));
  expect(document.unseen).toContainEqual(
    expect.objectContaining({ part: 'database', iamAction: 'rds:DescribeDBClusters' }),
  );
  expect(exitCode).toBe(3);
  const written = await readFile(join(folder, 'nanoops.yaml'), 'utf8');
  expect(written).toContain('# Could not be looked at: needs rds:DescribeDBClusters.');
  expect(parse(written)).toMatchObject({ api: { loadBalancer: sandboxConfig.api.loadBalancer } });
  expect(parse(written)).not.toHaveProperty('database');
});

test('an empty region is told apart from one that cannot be seen', async () => {
  const ana = await operator();
  const empty = await ana.type('init --sandbox --yes --dry-run --region eu-west-1 --json');
  expect(errorOf(empty).code).toBe('NothingFound');
  expect(empty.exitCode).toBe(3);
  const unseen = await ana.type('init --sandbox permissions-lost --yes --dry-run --json');
  expect(errorOf(unseen).code).toBe('NothingSeen');
  expect(unseen.exitCode).toBe(3);
}, 180_000);

test.each([
  ['-c nanoops.yaml', 'FlagWithoutMeaning'],
  ['-e prod', 'FlagWithoutMeaning'],
  ['--since 1h', 'FlagWithoutMeaning'],
  ['--report a.md', 'FlagWithoutMeaning'],
  ['--recovery-region us-west', 'InvalidRegion'],
  ['--recovery-region us-west-2', 'InvalidRegion'],
  ['--region us-west-2a', 'InvalidRegion'],
  ['--choose database=x', 'InvalidChoice'],
  ['--choose database.cluster', 'InvalidChoice'],
  ['--choose database.cluster=other', 'NoSuchChoice'],
  ['--service other', 'NoSuchChoice'],
  ['--profile shop', 'FlagWithSandbox'],
])('%s is refused: %s', async (words, code) => {
  const ana = await operator();
  const ended = await ana.type(`init --sandbox --yes --dry-run --json ${words}`);
  expect(ended.exitCode).toBe(2);
  expect(errorOf(ended).code).toBe(code);
});

test('without a region to look in nothing is contacted', async () => {
  const ana = await operator();
  const ended = await ana.type('init --yes --dry-run --json');
  expect(ended.exitCode).toBe(2);
  expect(errorOf(ended)).toMatchObject({ code: 'NoRegion', nextStep: 'nanoops init --region us-west-2' });
});

test('the policy in docs/getting-started.md allows what it asks, and nothing else', async () => {
  const page = await readFile(new URL('../../docs/getting-started.md', import.meta.url), 'utf8');
  const policy = JSON.parse(/```json\n([^]*?)\n```/.exec(page)?.[1] ?? '');
  const [{ Action: allowed }] = policy.Statement;
  const ana = await operator();
  const { stdout } = await ana.type('init --sandbox --yes --dry-run --json');
  const asked = Object.keys(initDocument.parse(JSON.parse(stdout)).api.byOperation).flatMap((each) => {
    const [service = '', operation = ''] = each.split(':');
    // Needs no permission.
    return service === 'sts' ? [] : [iamActionOf(service, operation)];
  });
  // Where S3 does not tell the regions of buckets, each is asked.
  expect(allowed).toEqual([...new Set([...asked, 's3:ListBucket'])].toSorted());
});

/** Code beside a configuration that somebody else put there: it runs when the configuration is named, and never because it was found. */
import { access, chown, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reopenedFlags } from '../../src/commands/go-on.ts';
import type { StackFlags } from '../../src/commands/flags.ts';
import { refuseStrangersConfig } from '../../src/composition/own/found-config.ts';
import { historyOf } from '../../src/engine/history.ts';
import { runMain } from '../support/run-main.ts';

const hasIds = process.geteuid !== undefined;
const user = process.geteuid?.() ?? 0;
/** Root can give files away; anybody else becomes another user instead, which is the same to the files. */
const isRoot = user === 0;
const nobody = 65_534;

let folder: string;
let team: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-own-code-'));
  team = join(folder, 'team');
  await mkdir(join(team, 'below', 'it'), { recursive: true });
  await writeFile(join(team, 'nanoops.yaml'), 'service: a\nregions: { primary: us-west-2 }\n');
  for (const [kind, made] of [
    ['runbooks', 'runbook'],
    ['checks', 'check'],
  ]) {
    await mkdir(join(team, kind ?? ''));
    await writeFile(
      join(team, kind ?? '', `evil-${made}.ts`),
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '');`,
    );
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const ours = ['nanoops.yaml', '.', 'runbooks', 'checks', 'runbooks/evil-runbook.ts', 'checks/evil-check.ts'];

async function giveAway(...names: readonly string[]): Promise<void> {
  if (isRoot) for (const name of names) await chown(join(team, name), nobody, nobody);
  else vi.spyOn(process, 'geteuid').mockReturnValue(user + 1);
}

const run = (words: readonly string[], env: Record<string, string | undefined> = {}, cwd = join(team, 'below', 'it')) =>
  runMain(words, { cwd, env: { XDG_STATE_HOME: join(folder, 'state'), ...env } });

const itRan = () =>
  access(join(folder, 'ran')).then(
    () => true,
    () => false,
  );

const asking = [
  ['runbook', 'list'],
  ['runbook', 'show', 'evil-runbook'],
  ['runbook', 'run', 'evil-runbook', '--sandbox'],
  ['runbook', 'export', 'evil-runbook'],
  ['runbook', 'test', 'evil-runbook', '--crash-everywhere'],
  ['checks', 'list'],
  ['checks', 'run', 'evil-check', '--sandbox'],
  ['checks', 'run', '--sandbox'],
  ['iam', 'policy'],
];

describe.skipIf(!hasIds)('where the files belong to somebody else', () => {
  test.each(asking)('%s %s does not run them, and says how it would', async (...words) => {
    await giveAway(...ours);
    for (const env of [undefined, { CI: 'true' }, { SUDO_UID: 'x' }]) {
      for (const cwd of [team, join(team, 'below', 'it')]) {
        const { stdout, stderr } = await run(words, env, cwd);
        expect(await itRan()).toBe(false);
        const told = `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
        expect(told).toMatch(/belongs to somebody else \(uid \d+\), and was found, not named/);
        expect(told).toContain(`-c ${cwd === team ? 'nanoops.yaml' : join(team, 'nanoops.yaml')}`);
      }
    }
  });

  test('whoever asks for one by its id gets an error with what to type, and exit code 2', async () => {
    await giveAway(...ours);
    const { exitCode, stdout } = await run(['runbook', 'show', 'evil-runbook', '--json']);
    const config = join(team, 'nanoops.yaml');
    expect([exitCode, JSON.parse(stdout).error]).toMatchObject([
      2,
      {
        code: 'OwnFileOfSomebodyElse',
        nextStep: expect.stringMatching(new RegExp(`read .*evil-runbook.ts.* -c ${config}$`)),
      },
    ]);
  });

  test('named by -c they run: that is consent', async () => {
    await giveAway(...ours);
    await run(['runbook', 'list', '-c', '../../nanoops.yaml']);
    expect(await itRan()).toBe(true);
  });

  test('built-in runbooks are listed all the same', async () => {
    await giveAway(...ours);
    const { exitCode, stdout } = await run(['runbook', 'list', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).items.length).toBeGreaterThan(5);
  });
});

describe.skipIf(!hasIds)('a configuration of somebody else that names programs or secrets', () => {
  const words = ['dr', 'failover', '--timeout', '1ms', '--json'];
  const programs = `service: a
regions: { primary: us-west-2, recovery: us-east-1 }
drill: { injectOutage: { exec: [touch, ${JSON.stringify('ran')}] } }
`;
  const codeOf = (ended: { readonly stdout: string }) => JSON.parse(ended.stdout).error?.code;

  test('is not used where it was found, and is where it is named', async () => {
    await writeFile(join(team, 'nanoops.yaml'), programs);
    await giveAway('nanoops.yaml');
    const found = await run(words);
    expect([found.exitCode, codeOf(found)]).toEqual([2, 'OwnFileOfSomebodyElse']);
    expect(JSON.parse(found.stdout).error.message).toContain('names programs');
    expect(codeOf(await run([...words, '-c', '../../nanoops.yaml']))).not.toBe('OwnFileOfSomebodyElse');
  });

  const withSecrets = (part: string) => `service: a
regions: { primary: us-west-2 }
${part}
`;
  const password = `'\${env:AWS_SECRET_ACCESS_KEY}'`;
  test.each([
    [
      ['tune', 'cache', '--timeout', '1ms'],
      `cache: { replicationGroup: x, connection: { host: 127.0.0.1, port: 9, tls: false, password: ${password} } }`,
    ],
    [['status', '--timeout', '1ms'], `notify: { webhook: { url: ${password} } }`],
    [['notify', 'test', 'webhook'], `notify: { webhook: { url: ${password} } }`],
    [['notify', 'flush'], `notify: { pagerduty: { routingKey: ${password}, url: 'http://127.0.0.1:9' } }`],
    [
      ['incident', 'open', '--title', 'it is down', '--severity', 'SEV-1'],
      `notify: { slack: { webhookUrl: ${password} } }`,
    ],
  ])('nor one that refers to secrets: %s', async (typed, part) => {
    await writeFile(join(team, 'nanoops.yaml'), withSecrets(part));
    await giveAway('nanoops.yaml');
    const env = { AWS_SECRET_ACCESS_KEY: 'hunter2' };
    const found = await run([...typed, '--json'], env);
    expect([found.exitCode, codeOf(found)]).toEqual([2, 'OwnFileOfSomebodyElse']);
    expect(JSON.parse(found.stdout).error).toMatchObject({
      message: expect.stringContaining('refers to secrets, and is not used'),
      details: [expect.stringContaining('the secrets would be read with your rights')],
    });
    const named = await run([...typed, '--json', '-c', '../../nanoops.yaml'], env);
    expect(codeOf(named)).not.toBe('OwnFileOfSomebodyElse');
  });

  test('nor the one that a run’s journal has, until it is typed', async () => {
    const file = join(team, 'nanoops.yaml');
    const started = { type: 'run.started', runId: 'r', runbook: 'latency', title: '', mode: 'execute' } as const;
    const context = { reopen: { config: file } };
    const history = historyOf([{ ...started, environment: 'prod', steps: [], seq: 1, at: 0, context }]);
    await giveAway('nanoops.yaml');
    const config = { drill: { injectOutage: { exec: ['touch', 'ran'] } } };
    const resumed = (flags: StackFlags) =>
      refuseStrangersConfig({ config, file }, reopenedFlags(history, flags, 'latency', ''), { cwd: team, env: {} });
    await expect(resumed({})).rejects.toMatchObject({
      code: 'OwnFileOfSomebodyElse',
      message: expect.stringContaining('and was kept with the run, not named'),
    });
    await expect(resumed({ config: 'nanoops.yaml' })).resolves.toBeUndefined();
  });

  test('without either it is used', async () => {
    await giveAway('nanoops.yaml');
    expect(codeOf(await run(words))).not.toBe('OwnFileOfSomebodyElse');
  });
});

describe.runIf(isRoot && hasIds)('where only one of them does', () => {
  test.each(['nanoops.yaml', 'runbooks', 'runbooks/evil-runbook.ts'])('%s: none is run', async (name) => {
    await giveAway(name);
    const { stderr } = await run(['runbook', 'list']);
    expect(await itRan()).toBe(false);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`${join(team, name)} belongs to somebody else (uid ${nobody})`);
  });

  test('a configuration that is a link is as much whose it leads to', async () => {
    await rename(join(team, 'nanoops.yaml'), join(folder, 'theirs.yaml'));
    await symlink('../theirs.yaml', join(team, 'nanoops.yaml'));
    await chown(join(folder, 'theirs.yaml'), nobody, nobody);
    await run(['runbook', 'list']);
    expect(await itRan()).toBe(false);
  });

  test('who typed sudo is the user', async () => {
    await giveAway(...ours);
    await run(['runbook', 'list'], { SUDO_UID: String(nobody) });
    expect(await itRan()).toBe(true);
  });
});

describe('where they are the user’s own, or root’s', () => {
  test('found upwards they run', async () => {
    await run(['runbook', 'list']);
    expect(await itRan()).toBe(true);
  });

  test.runIf(isRoot)('root’s run for others, too', async () => {
    vi.spyOn(process, 'geteuid').mockReturnValue(nobody);
    await run(['runbook', 'list']);
    expect(await itRan()).toBe(true);
  });

  test('where the system has no such ids nothing is asked of them', async () => {
    if (isRoot) await giveAway(...ours);
    const { geteuid } = process;
    Object.assign(process, { geteuid: undefined });
    try {
      await run(['runbook', 'list']);
      expect(await itRan()).toBe(true);
    } finally {
      Object.assign(process, { geteuid });
    }
  });
});

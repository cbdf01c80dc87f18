/** `nanoops notify`, as it is typed: against vendors on sockets of this machine. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listDocument, notifyFlushDocument, notifyTestDocument } from '../../src/report/schemas.ts';
import { outboxOf } from '../../src/composition/notifiers.ts';
import { ofIncident } from '../notify/stage.ts';
import { vendorServer, type Step, type Vendor, type VendorServer } from '../notify/vendor-server.ts';
import { keys, opsgenie, pageId, pagerDuty, slack, statuspage } from '../notify/vendors.ts';
import { status } from '../notify/webhook-server.ts';
import { errorOf, newFolder, operator } from './operator.ts';

const opened: VendorServer[] = [];
afterEach(async () => {
  const servers = opened.splice(0);
  await Promise.all(servers.map((server) => server.close()));
  // oxlint-disable-next-line vitest/no-standalone-expect -- every test ends with it
  expect(servers.flatMap((server) => server.faults())).toEqual([]);
});

const vendors: Readonly<Record<string, () => Vendor>> = {
  pagerduty: pagerDuty,
  opsgenie,
  slack,
  statuspage: () => statuspage(['c1']),
};

/** Ana, with a file that names these receivers, each with a server that it leads to. */
async function ana(names: readonly string[], script: readonly Step[] = []) {
  const servers: Record<string, VendorServer> = {};
  for (const name of names) {
    const server = await vendorServer((vendors[name] ?? slack)(), script);
    opened.push(server);
    servers[name] = server;
  }
  const url = (name: string): string => servers[name]?.url ?? '';
  const settings: Readonly<Record<string, string>> = {
    pagerduty: `{ routingKey: "\${env:PD}", url: "${url('pagerduty')}" }`,
    opsgenie: `{ apiKey: "\${env:OG}", url: "${url('opsgenie')}" }`,
    slack: '{ webhookUrl: "${env:SLACK}" }',
    statuspage: `{ pageId: ${pageId}, apiKey: "\${env:SP}", components: [c1], url: "${url('statuspage')}" }`,
  };
  const cwd = await newFolder();
  const file = [
    'service: nano-api',
    'regions: { primary: us-west-2 }',
    ...(names.length === 0 ? [] : ['notify:', ...names.map((name) => `  ${name}: ${settings[name]}`)]),
  ].join('\n');
  await writeFile(join(cwd, 'nanoops.yaml'), file);
  const env = { PD: keys.pagerduty, OG: keys.opsgenie, SP: keys.statuspage, SLACK: `${url('slack')}${keys.slackPath}` };
  const someone = await operator();
  return {
    servers,
    home: someone.home,
    type: (line: string, more: Readonly<Record<string, string>> = {}) =>
      someone.type(line, { cwd, env: { ...env, ...more } }),
  };
}

describe('notify test', () => {
  test.each(Object.keys(vendors))('%s is told, and what it answered is said', async (name) => {
    const { servers, type } = await ana([name]);
    const { exitCode, stdout, stderr } = await type(`notify test ${name}`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${name}: delivered: `));
    expect(servers[name]?.asked.length).toBeGreaterThan(0);
    const document = notifyTestDocument.parse(JSON.parse((await type(`notify test ${name} --json`)).stdout));
    expect(document).toMatchObject({ receiver: name, delivered: true, simulated: false, exitCode: 0 });
  });

  test.each([
    ['refused', [status(404, {}, 'no_service')], 'Slack refused it: HTTP 404, "no_service"'],
    ['failing', [status(500), status(500), status(500)], 'Slack did not take it, 3 attempts: HTTP 500'],
  ] as const)('%s: exit code 3, and nothing is kept', async (_what, script, detail) => {
    const { type } = await ana(['slack'], script);
    const { exitCode, stdout } = await type('notify test slack');
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: `slack: not delivered: ${detail}\n` });
    expect((await type('notify flush')).stdout).toBe('nothing waits to be sent\n');
  });

  test('not reachable: exit code 3, and the address is not shown', async () => {
    const { type, servers } = await ana(['slack']);
    await servers['slack']?.close();
    const { exitCode, stdout } = await type('notify test slack');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('ECONNREFUSED');
    expect(stdout).not.toMatch(/127\.0\.0\.1|services|s3cr3t/);
  });

  test.each([
    ['notify test slak', 'UnknownReceiver', 'did you mean "slack"?'],
    [
      'notify test carrier-pigeon',
      'UnknownReceiver',
      'there are pagerduty, opsgenie, slack, sns, statuspage, eventbridge, webhook',
    ],
    ['notify test sns', 'ReceiverNotConfigured', 'it has slack'],
  ])('%s: %s, exit code 2, and nothing is contacted', async (line, code, detail) => {
    const { servers, type } = await ana(['slack']);
    const ended = await type(`${line} --json`);
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code, details: expect.arrayContaining([detail]) });
    expect(servers['slack']?.asked).toEqual([]);
  });

  test('a secret that is missing: exit code 2, and its reference is named', async () => {
    const { type } = await ana(['slack']);
    const ended = await type('notify test slack --json', { SLACK: '' });
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code: 'SecretMissing', message: expect.stringContaining('${env:SLACK}') });
  });

  test.each(['--dry-run', '--sandbox', '--sandbox slow-query', '--replay some.capture'])(
    '%s sends nothing, and says so',
    async (flag) => {
      const { servers, type } = await ana(['slack']);
      const { exitCode, stdout } = await type(`notify test slack ${flag}`);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^slack: not sent: /);
      expect(servers['slack']?.asked).toEqual([]);
    },
  );
});

test('notify test without a name lists the receivers, and sends nothing', async () => {
  const { servers, type } = await ana(['slack', 'pagerduty', 'statuspage']);
  const list = listDocument.parse(JSON.parse((await type('notify test --json')).stdout));
  expect(list.items).toEqual([
    { id: 'pagerduty', told: ['SEV-1', 'SEV-2', 'critical'], waiting: 0 },
    { id: 'slack', told: ['SEV-1', 'SEV-2', 'SEV-3', 'critical', 'warning', 'info'], waiting: 0 },
    { id: 'statuspage', told: ['SEV-1', 'SEV-2', 'SEV-3'], waiting: 0 },
  ]);
  expect(Object.values(servers).flatMap(({ asked }) => asked)).toEqual([]);
});

describe('notify flush', () => {
  async function waitingFor(home: string) {
    const output = { write: () => true };
    const io = {
      stdout: output,
      stderr: output,
      env: { XDG_STATE_HOME: home },
      cwd: '/',
      signal: new AbortController().signal,
    };
    await (await outboxOf({ io, service: 'nano-api', environment: 'prod' })).keep('slack', ofIncident('opened'));
  }

  test('sends what waits, once', async () => {
    const { home, servers, type } = await ana(['slack']);
    await waitingFor(home);
    expect((await type('notify list')).stdout).toMatch(/slack .* 1\n/);
    const { exitCode, stdout } = await type('notify flush --json');
    expect(exitCode).toBe(0);
    expect(notifyFlushDocument.parse(JSON.parse(stdout))).toMatchObject({
      messages: [{ outcome: 'delivered' }],
      left: 0,
    });
    expect((await type('notify flush')).stdout).toBe('nothing waits to be sent\n');
    expect(servers['slack']?.asked).toHaveLength(1);
  });

  test('says what waits still: exit code 3', async () => {
    const { home, type } = await ana(['slack'], [status(500), status(500), status(500)]);
    await waitingFor(home);
    const { exitCode, stdout } = await type('notify flush');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('slack: kept: ');
    expect(stdout).toContain('1 message waits to be sent');
  });

  test('sends nothing in a dry run', async () => {
    const { home, servers, type } = await ana(['slack']);
    await waitingFor(home);
    const { exitCode, stdout } = await type('notify flush --dry-run');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('a dry run sends nothing');
    expect(servers['slack']?.asked).toEqual([]);
  });
});

/** One command over many services: shared calls, each told of by itself, the gravest exit code. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleetDocument } from '../../src/report/schemas.ts';
import { runMain } from '../support/run-main.ts';

let folder = '';
const services = () => join(folder, 'services');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanoops-fleet-'));
  const { stdout } = await runMain(['sandbox', 'config']);
  await mkdir(join(services(), 'broken'), { recursive: true });
  const named = (name: string): string => stdout.replace(/^service: .*$/m, `service: ${name}`);
  await writeFile(join(services(), 'orders.yaml'), named('orders'));
  await writeFile(join(services(), 'carts.yaml'), named('carts'));
  await writeFile(join(services(), 'broken/payments.yaml'), 'service: [');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const words = (pattern: string, ...more: readonly string[]) => [
  ...['checks', 'run', 'api-latency-p99', 'ecs-cpu', '--sandbox', '-c', join(services(), pattern)],
  ...more,
];

test('each service has its checks, in the order of the files', async () => {
  const { exitCode, stdout } = await runMain(words('*.yaml', '-o', 'json'));
  const document = fleetDocument.parse(JSON.parse(stdout));
  expect(exitCode).toBe(0);
  expect(document).toMatchObject({ command: 'checks run', verdict: 'ok', exitCode: 0 });
  expect(document.services.map(({ service, verdict }) => [service, verdict])).toEqual([
    ['carts', 'ok'],
    ['orders', 'ok'],
  ]);
  expect(document.services[0]?.checks?.map(({ id }) => id)).toEqual(['api-latency-p99', 'ecs-cpu']);
  expect(document.api.calls).toBeGreaterThan(0);
});

test('what is wrong with one service is told of that one, and the others are looked at', async () => {
  const { exitCode, stdout } = await runMain(words('**/*.yaml', '-o', 'json'));
  const document = fleetDocument.parse(JSON.parse(stdout));
  expect(exitCode).toBe(2);
  expect(document.verdict).toBe('failed');
  expect(document.services.map(({ verdict, exitCode: code }) => [verdict, code])).toEqual([
    ['failed', 2],
    ['ok', 0],
    ['ok', 0],
  ]);
  expect(document.services[0]).toMatchObject({ error: { code: 'ConfigInvalid' } });
});

test('what is to be typed next names the file of the service; where nothing is configured nothing is called well', async () => {
  const file = join(services(), 'carts.yaml');
  const { stdout } = await runMain([
    ...'status -o json --sandbox slow-query -c'.split(' '),
    join(services(), 'c*.yaml'),
  ]);
  const steps = fleetDocument.parse(JSON.parse(stdout)).services[0]?.checks?.map(({ nextStep }) => nextStep);
  expect(steps).toContain(`nanoops diagnose latency -c ${file} --sandbox slow-query`);

  await writeFile(join(services(), 'broken/blank.yaml'), 'service: blank\nregions: { primary: us-west-2 }\n');
  const blank = join(services(), 'broken/b*.yaml');
  const { stdout: shown, exitCode } = await runMain([...'status --sandbox -c'.split(' '), blank]);
  expect(shown).toContain('of 1 service nothing is configured that could be looked at');
  expect([shown.includes('✓'), shown.includes('well'), exitCode]).toEqual([false, false, 0]);
  await rm(join(services(), 'broken/blank.yaml'));
});

test('people read who is not well first; the well ones are counted', async () => {
  const { stdout } = await runMain(words('**/*.yaml'));
  expect(stdout).toContain('1 service could not be looked at; 2 services are well');
  expect(stdout).toContain('payments.yaml');
  // What is to be corrected stands above where it is said to.
  expect(stdout.replaceAll(/\s+/g, '')).toMatch(/–\S*payments\.yaml:1:\S*next:Correctthesyntax/);
  expect(stdout).not.toContain('orders');
  expect((await runMain(words('**/*.yaml', '-v'))).stdout).toContain('orders, prod');
});

test('ndjson is a service a line', async () => {
  const { stdout } = await runMain(words('*.yaml', '-o', 'ndjson'));
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).service)).toEqual(['carts', 'orders']);
});

test('Markdown and HTML reports name every service', async () => {
  const page = join(folder, 'fleet.html');
  const { stdout } = await runMain(words('**/*.yaml', '-o', 'markdown', '--report', page));
  const html = await readFile(page, 'utf8');
  for (const text of [stdout, html]) {
    for (const name of ['orders', 'carts', 'payments.yaml']) expect(text).toContain(name);
    expect(text).toMatch(/(?:^- |<li>).*1:\d+[^]*Next:(?:\*\*|<\/strong>) Correct/m);
  }
  expect(html).not.toMatch(/<script|https?:/);
});

test('a file whose own name looks like a pattern is that one file', async () => {
  await writeFile(join(folder, 'shop[eu].yaml'), await readFile(join(services(), 'orders.yaml'), 'utf8'));
  const { exitCode, stdout } = await runMain([
    ...['checks', 'run', 'ecs-cpu', '--sandbox', '-c', join(folder, 'shop[eu].yaml'), '-o', 'json'],
  ]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'nanoops/report@1' });
});

test('a pattern that names no file is a wrong usage', async () => {
  const { exitCode, stdout } = await runMain(words('*.yml', '--json'));
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NoSuchServices' } });
});

describe('what is no report of checks is told of many services, too', () => {
  const fleetOf = async (command: string) => {
    const { exitCode, stdout, stderr } = await runMain([
      ...command.split(' '),
      ...['-o', 'json', '-c', join(services(), '*.yaml')],
    ]);
    expect(stderr).toBe('');
    const document = fleetDocument.parse(JSON.parse(stdout));
    expect(exitCode).toBe(document.exitCode);
    return document;
  };

  test('new error lines, with how to see them all', async () => {
    const fleet = await fleetOf('logs errors --sandbox bad-deploy --since 40m --group /aws/ecs/nano-api');
    expect(fleet).toMatchObject({ command: 'logs errors', exitCode: 1 });
    expect(fleet.services.map(({ service }) => service)).toEqual(['carts', 'orders']);
    const [check] = fleet.services[1]?.checks ?? [];
    expect(check).toMatchObject({ id: 'logs-errors', status: 'breach', summary: expect.stringMatching(/^1 new: /) });
    expect(check?.evidence.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^new: \d+ × /)]);
    const file = join(services(), 'orders.yaml');
    expect(check?.nextStep).toBe(
      `nanoops logs errors -c ${file} --sandbox bad-deploy --since 2026-11-23T10:23:00Z --group /aws/ecs/nano-api`,
    );
  });

  test('slow statements; a service without a database is none that failed', async () => {
    await writeFile(join(services(), 'blank.yaml'), 'service: blank\nregions: { primary: us-west-2 }\n');
    const fleet = await fleetOf('logs slow-queries --sandbox slow-query');
    expect(fleet).toMatchObject({ command: 'logs slow-queries', exitCode: 1 });
    expect(fleet.services.map(({ service, checks }) => [service, checks?.[0]?.status])).toEqual([
      ['blank', 'not-configured'],
      ['carts', 'breach'],
      ['orders', 'breach'],
    ]);
    await rm(join(services(), 'blank.yaml'));
  });

  test('when each is outgrown', async () => {
    const fleet = await fleetOf('capacity forecast --sandbox growth-steep');
    expect(fleet).toMatchObject({ command: 'capacity forecast', exitCode: 1 });
    const { checks = [], summary } = fleet.services[0] ?? {};
    expect(summary).toMatch(/10,000 around 2026-/);
    expect(checks.find(({ id }) => id === 'capacity-users')).toMatchObject({ status: 'warning', area: 'business' });
    expect(checks.length).toBeGreaterThan(6);
  });

  test('many are not watched, and it says so', async () => {
    const { exitCode, stderr } = await runMain(['status', '--watch', '--sandbox', '-c', join(services(), '*.yaml')]);
    expect(exitCode).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/--watch looks at one stack.*leave --watch out/);
  });

  test('what takes one stack only says so, and what takes many', async () => {
    const { exitCode, stderr } = await runMain(['trace', 'list', '--sandbox', '-c', join(services(), '*.yaml')]);
    expect(exitCode).toBe(2);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/takes one stack only.*logs errors.*capacity forecast/);
  });
});

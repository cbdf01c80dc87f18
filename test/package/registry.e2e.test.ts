/** npm itself and a registry on this machine: what would be published, and what a registry knows of vulnerabilities. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { audited } from '../../scripts/audit.js';

const repository = dirname(dirname(import.meta.dirname));
const { tarball } = inject('installed');

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

let server: Server;
let home = '';
let registry = '';
/** What the registry answers to an audit. */
let advisories: Answer | 'never' = { status: 405, body: '' };
/** What was published. */
const published: string[] = [];

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (request.method === 'PUT') published.push(body);
  const other = request.method === 'PUT' ? { status: 201, body: { ok: true } } : { status: 404, body: {} };
  const wanted = request.url?.startsWith('/-/npm/v1/security/') === true ? advisories : other;
  if (wanted === 'never') return;
  const { status, body: said } = wanted;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nanoops-registry-'));
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  registry = `http://127.0.0.1:${port}/`;
  await writeFile(join(home, '.npmrc'), `registry=${registry}\n//127.0.0.1:${port}/:_authToken=none\naudit=true\n`);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(home, { recursive: true, force: true });
});

const environment = () => ({
  HOME: home,
  npm_config_userconfig: join(home, '.npmrc'),
  npm_config_cache: join(home, 'c'),
});

const audit = async (variables: NodeJS.ProcessEnv = {}) => {
  const { exitCode, stdout } = await execa(
    process.execPath,
    [join(repository, 'scripts/audit.js'), '--registry', registry],
    { env: { ...environment(), ...variables }, reject: false },
  );
  return { exitCode, stdout };
};

test('what npm publishes runs nothing and installs nothing at anybody’s', async () => {
  await execa('npm', ['publish', tarball, '--access', 'public'], { cwd: home, env: environment() });
  expect(published).toHaveLength(1);
  const { name, access, versions, _attachments: attached } = JSON.parse(published[0] ?? '');
  expect({ name, access }).toEqual({ name: 'nanoops', access: 'public' });
  const [manifest] = Object.values<Record<string, unknown>>(versions);
  for (const key of ['scripts', 'dependencies', 'devDependencies']) expect(manifest).not.toHaveProperty(key);
  const [file] = Object.values<{ data: string }>(attached);
  expect(Buffer.from(file?.data ?? '', 'base64').equals(await readFile(tarball))).toBe(true);
});

test('a registry that offers no audit fails nothing, and is told', async () => {
  advisories = { status: 405, body: '' };
  expect(await audit()).toEqual({
    exitCode: 0,
    stdout: expect.stringContaining('not known: the registry here offers no audit (405 Method Not Allowed'),
  });
});

test.each([
  [{ status: 403, body: {} }, '403 Forbidden'],
  [{ status: 200, body: 'no document' }, ''],
])('an audit that breaks fails it: %o', async (broken, reason) => {
  advisories = broken;
  expect(await audit()).toEqual({
    exitCode: 2,
    stdout: expect.stringContaining(`not known: the audit did not come about (${reason}`),
  });
});

test.each([
  ['', 'npm audit printed nothing'],
  ['<html>', 'npm audit printed no document: <html>'],
])('so does an npm that prints %j', async (printed, reason) => {
  const bin = await mkdtemp(join(home, 'bin-'));
  await writeFile(join(bin, 'npm'), `#!/bin/sh\nprintf '%s' '${printed}'\n`, { mode: 0o755 });
  expect(await audit({ PATH: `${bin}:${process.env['PATH']}` })).toEqual({
    exitCode: 2,
    stdout: `not known: the audit did not come about (${reason})`,
  });
});

test('so does one that is never over', async () => {
  advisories = 'never';
  expect(await audited(['--registry', registry], 1_000)).toEqual({ broken: 'npm audit was not over after 1 s' });
});

test('a grave vulnerability in what is shipped fails it; in what only tests nanoops it does not', async () => {
  const advisory = (severity: string) => [
    { id: 1, url: 'https://a.example/1', title: 'It hangs', severity, vulnerable_versions: '*', cwe: [] },
  ];
  advisories = { status: 200, body: { yaml: advisory('high') } };
  const { exitCode, stdout } = await audit();
  expect(stdout).toContain('yaml (high): It hangs https://a.example/1');
  expect(exitCode).toBe(1);
  advisories = { status: 200, body: { vitest: advisory('critical') } };
  const other = await audit();
  expect(other.stdout).toMatch(
    /^no high or critical vulnerability in what is shipped; 0 of less weight.*, [1-9]\d* in/,
  );
  expect(other.exitCode).toBe(0);
});

/**
 * What a run that acts leaves behind, and what is made of it: secrets of the environment, of the configuration's receivers and in
 * the stack's log lines are in none of it, and whatever the umask is, it is for its owner alone.
 */
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serve, type LocalServer } from '../aws/local-server.ts';
import { Served } from '../e2e/served.ts';
import { faultProxy, type FaultProxy } from '../wire/fault-proxy.ts';

/** Each where it is planted, with the words by which that place is found again. */
const planted = {
  key: 'wJalrXUtnFEMI0K7MDENG4bPxRfiCYz9PLANTED1',
  session: 'FwoGZXIvYXdzEPLANTED2sessionPLANTED2',
  hook: 'T0PLANTED3/hook',
  refused: 'T0PLANTED4/refused',
  password: 'PLANTED5-hunter2',
  bearer: 'PLANTED6.abcdefgh12345678',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJQTEFOVEVENyJ9.PLANTED7signature',
  email: 'planted8.person@customer.example',
  url: 'PLANTED9pw',
  cookie: 'sid=PLANTED10abc',
} as const;

const marker = 'a line with something in it';
const line = [
  `ERROR ${marker}: db_password=${planted.password}`,
  `Authorization: Bearer ${planted.bearer}`,
  `token ${planted.jwt} of ${planted.email}`,
  `mysql://app:${planted.url}@db.example/nano`,
  `"cookie": "${planted.cookie}"`,
].join(' ');

describe('a run that acts', () => {
  let served: Served;
  let proxy: FaultProxy;
  let receiver: LocalServer;
  let folder: string;
  /** What the two receivers were told, by the path. */
  const told: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nanoops-kept-'));
    receiver = await serve((request, response) => {
      told.push(request.url ?? '');
      response.writeHead(request.url?.includes(planted.refused) === true ? 403 : 200).end(request.url);
    });
    served = await Served.start('crash-loop', 90, { outside: false });
    await served.configure('notify: { webhook: { url: "${env:HOOK}" }, slack: { webhookUrl: "${env:REFUSED}" } }');
    proxy = await faultProxy(served.url);
    proxy.alter = alter;
  });

  afterAll(async () => {
    await proxy?.close();
    await served?.close();
    await receiver?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const nanoops = async (...words: readonly string[]) => {
    const { child, ended } = served.startWith(
      {
        AWS_SECRET_ACCESS_KEY: planted.key,
        AWS_SESSION_TOKEN: planted.session,
        HOOK: `${receiver.url}/${planted.hook}`,
        REFUSED: `${receiver.url}/${planted.refused}`,
      },
      ...words,
    );
    expect(child.pid).toBeGreaterThan(0);
    return ended;
  };
  const reached = () => ['-c', served.config, '--endpoint-url', proxy.url];

  test(
    'leaves no secret in journals, reports, captures, incidents, messages that wait, or on the screen',
    { timeout: 900_000 },
    async () => {
      const fix = ['diagnose', 'crash-loop', '--fix', '--yes', '-v', '--timeout', '2h'];
      const run = await nanoops(...fix, '--report', join(folder, 'fix.html'), ...reached());
      expect(run.stderr + run.stdout).toContain('Stays changed (1)');
      const [runId = ''] = await served.runIds();
      const capture = join(folder, 'capture.json');
      const printed: string[] = [];
      for (const words of [
        ...['md', 'json', 'xml'].map((kind) => ['runs', 'report', runId, '--report', join(folder, `run.${kind}`)]),
        ['capture', 'crash-loop', '--to', capture, '-o', 'ndjson', ...reached()],
        ['diagnose', 'crash-loop', '--replay', capture, '-o', 'junit', '--report', join(folder, 'replay.md')],
        ['incident', 'open', '--title', 'Slow', '--severity', 'SEV-2', '--since', '20m', ...reached()],
        ['incident', 'postmortem', '--report', join(folder, 'postmortem.md'), ...reached()],
        ['logs', 'errors', ...reached()],
        ['notify', 'test', 'slack', '-v', ...reached()],
      ]) {
        printed.push(JSON.stringify([words, await nanoops(...words)]));
      }
      const kept = [
        JSON.stringify(run),
        ...printed,
        ...(await textsBelow(folder)),
        ...(await textsBelow(served.state)),
      ];
      const found = Object.entries(planted).flatMap(([name, secret]) => {
        const text = kept.find((each) => each.includes(secret));
        return text === undefined
          ? []
          : [`${name}: ${text.slice(Math.max(0, text.indexOf(secret) - 300)).slice(0, 400)}`];
      });
      expect(found).toEqual([]);
      // They were there to be kept: the lines were read, the receivers were told, and one message waits.
      expect(await readFile(capture, 'utf8')).toContain(marker);
      expect(kept.filter((text) => text.includes(marker)).length).toBeGreaterThan(3);
      expect(told).toEqual(expect.arrayContaining([`/${planted.hook}`, `/${planted.refused}`]));
    },
  );
});

/** The lines of an answer, with ours in the place of what they say. */
function alter(operation: string, body: Buffer): Buffer {
  if (operation !== 'FilterLogEvents') return body;
  const answer = JSON.parse(body.toString());
  for (const event of answer.events ?? []) event.message = spoiled(event.message);
  return Buffer.from(JSON.stringify(answer));
}

function spoiled(message: string): string {
  if (!message.startsWith('{')) return `${message} ${line}`;
  const fields = JSON.parse(message);
  return JSON.stringify({ ...fields, message: line, error: { ...Object(fields.error), message: line } });
}

async function textsBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')));
}

test('with no umask at all, what is kept is for its owner alone', { timeout: 900_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nanoops-umask-'));
  try {
    const executable = join(inject('installed').folder, 'node_modules/.bin/nanoops');
    const state = join(folder, 'state');
    const env = { XDG_STATE_HOME: state, XDG_CACHE_HOME: join(folder, 'cache'), USER: 'ana' };
    for (const words of [
      ['diagnose', 'crash-loop', '--sandbox', '--fix', '--yes'],
      ['incident', 'open', '--title', 'Slow', '--severity', 'SEV-2', '--sandbox', 'slow-query'],
      ['checklist', 'weekly', '--sandbox'],
      ['capture', 'crash-loop', '--sandbox', '--to', 'state/capture.json'],
    ]) {
      const { exitCode } = await execa('sh', ['-c', 'umask 000; exec "$0" "$@"', executable, ...words], {
        cwd: folder,
        env,
        reject: false,
      });
      expect([words, exitCode]).toEqual([words, expect.toBeOneOf([0, 1])]);
    }
    const entries = await readdir(state, { withFileTypes: true, recursive: true });
    const modes = await Promise.all(
      entries.map(async (entry) => {
        const { mode } = await lstat(join(entry.parentPath, entry.name));
        return [entry.isDirectory() ? `${entry.name}/` : entry.name, (mode & 0o777).toString(8)] as const;
      }),
    );
    expect(modes.length).toBeGreaterThan(8);
    for (const [name, mode] of modes) expect([name, mode]).toEqual([name, name.endsWith('/') ? '700' : '600']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

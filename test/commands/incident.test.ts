/** An incident on the simulated AWS, from the first bad metric to what customers read of it, with commands alone. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  incidentDocument,
  postmortemDocument,
  publicPostmortemDocument,
  statusPageDocument,
} from '../../src/report/incident-schemas.ts';
import { listDocument } from '../../src/report/schemas.ts';
import { openBrowser, type PageBrowser } from '../report/browser.ts';
import { serve } from '../aws/local-server.ts';
import { runMain, type Ended } from '../support/run-main.ts';
import { bundleScript } from '../state/bundle.ts';
import { errorOf, newFolder, operator, runOf, type Operator } from './operator.ts';

/** Words, of which some have spaces: `operator.type` takes a line. */
function say(home: string, user: string, ...words: readonly string[]): Promise<Ended> {
  return runMain(words, { env: { XDG_STATE_HOME: home, USER: user } });
}

function incidentOf({ stdout }: Ended) {
  return incidentDocument.parse(JSON.parse(stdout));
}

const inSandbox = ['--sandbox', 'bad-deploy'];

describe('an outage', () => {
  let browser: PageBrowser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(() => browser?.close());

  test('is led, mended, written up and told to customers', { timeout: 120_000 }, async () => {
    const ana = await operator();
    const folder = await newFolder();
    const as = (user: string, ...words: readonly string[]) => say(ana.home, user, ...words, ...inSandbox, '--json');

    const found = runOf(await as('ana', 'diagnose', 'latency', '--incident', 'new'));
    const [, id = ''] = /opened incident (\d{4}-[a-z]+) as SEV-2/.exec((found.notes ?? []).join('\n')) ?? [];
    expect(id).not.toBe('');

    const opened = incidentOf(await as('ana', 'incident', 'show'));
    expect(opened).toMatchObject({ id, state: 'open', severity: 'SEV-2', simulated: true, verdict: 'ok' });
    expect(opened.beganAt).not.toBeNull();
    expect(opened.cause).toMatchObject({ confirmed: false });
    // What will expire is kept, with how long the rest lives.
    expect(opened.evidence?.logs.flatMap(({ lines }) => lines).length).toBeGreaterThan(0);
    expect(opened.evidence?.logsLiveUntil).not.toBeNull();
    expect(opened.timeline.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['alarm', 'deployment', 'run']));

    const taken = incidentOf(await as('ben', 'incident', 'ack', id.slice(5, 9)));
    expect(taken).toMatchObject({ state: 'acknowledged', roles: { commander: 'ben' } });

    const run = runOf(await as('ben', 'diagnose', 'latency', '--fix', '--yes', '--incident', id));
    expect(run).toMatchObject({ outcome: { helped: true } });
    const mended = incidentOf(await as('cia', 'incident', 'show'));
    expect(mended.times.mitigateMs).toBeGreaterThan(60_000);
    expect(mended.checklist.find(({ id: item }) => item === 'mitigate')).toMatchObject({ status: 'done' });
    // It took minutes over there, so that an update is overdue by now.
    expect(mended).toMatchObject({ verdict: 'attention', exitCode: 1 });

    await as('ben', 'incident', 'update', 'rolled back', '--public', 'Pages are fast again; we go on watching.');
    await as('ben', 'incident', 'update', '--confirmed', '--impact', 'pages took 4 s');
    await as('cia', 'incident', 'update', '--action', 'canary', '--owner', 'dora', '--due', '2026-12-01');
    const resolved = incidentOf(await as('ben', 'incident', 'resolve', '--text', 'back on version 60'));
    expect(resolved).toMatchObject({ state: 'resolved', done: 'resolved by ben' });
    expect(resolved.timeline.some(({ text }) => text.endsWith('is over'))).toBe(true);

    const page = join(folder, 'postmortem.html');
    const written = await as('ben', 'incident', 'postmortem', '--report', page);
    const document = postmortemDocument.parse(JSON.parse(written.stdout));
    expect(document).toMatchObject({ severity: 'SEV-2', cause: { confirmed: true }, resolution: 'back on version 60' });
    expect(document.changes).toMatchObject([{ operation: 'ecs:UpdateService', status: 'applied' }]);
    expect(document.impact.requestsFailed).toBeGreaterThan(0);
    expect(document.impact).toMatchObject({ dataLost: null, dataLoss: [] });
    expect(document.series.map(({ id: series }) => series)).toContain('latency-p99');
    expect(document.questions.join(' ')).toContain('before anybody noticed');
    expect(incidentOf(await as('ben', 'incident', 'show', id)).checklist.at(-2)).toMatchObject({
      id: 'postmortem',
      status: 'done',
    });

    const publicPage = join(folder, 'public.html');
    const told = await as('ben', 'incident', 'postmortem', '--public', '--report', publicPage);
    expect(publicPostmortemDocument.parse(JSON.parse(told.stdout))).toMatchObject({
      title: 'Degraded Performance',
      cause: 'A new version of our software had a defect.',
    });
    await as('ben', 'incident', 'publish', join(folder, 'status'));
    const status = await readFile(join(folder, 'status', 'status.json'), 'utf8');
    expect(statusPageDocument.parse(JSON.parse(status))).toMatchObject({ status: 'none' });

    const texts = [told.stdout, await readFile(publicPage, 'utf8'), status, await statusHtml(folder)];
    for (const secret of [
      'ana',
      'ben',
      'cia',
      'dora',
      'nano-api',
      'nano-db',
      'us-west-2',
      id,
      run.runId,
      '60',
      'arn:',
    ]) {
      for (const text of texts) expect(textOf(text)).not.toMatch(new RegExp(`(?<![\\w.:#-])${secret}(?![\\w%-])`));
    }
    for (const html of [await readFile(page, 'utf8'), await readFile(publicPage, 'utf8'), await statusHtml(folder)]) {
      expect(await browser.faultsOf(html)).toEqual([]);
    }
    expect(await readdir(join(folder, 'status'))).toEqual(['index.html', 'status.json']);
    // Real ones are apart.
    const real = await ana.type('incident list --json');
    expect(listDocument.parse(JSON.parse(real.stdout)).items).toEqual([]);
  });
});

function statusHtml(folder: string): Promise<string> {
  return readFile(join(folder, 'status', 'index.html'), 'utf8');
}

/** What a reader sees: without styles, drawings and figures of JSON. */
function textOf(page: string): string {
  return page
    .replaceAll(/<style>[^]*?<\/style>|<svg[^]*?<\/svg>/g, '')
    .replaceAll(/"(?:points|value|offsetMs|durationMs)":[^\n]*/g, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '');
}

async function withIncident(...more: readonly string[]): Promise<{ readonly ana: Operator; readonly id: string }> {
  const ana = await operator();
  const words = [
    'incident',
    'open',
    '--severity',
    'sev1',
    '--title',
    'API answers 503',
    '--no-look',
    '--sandbox',
    '--json',
  ];
  return { ana, id: incidentOf(await say(ana.home, 'ana', ...words, ...more)).id };
}

describe('what cannot be', () => {
  test.each([
    ['open', 'SeverityMissing', ['incident', 'open', '--sandbox']],
    ['a title', 'TitleMissing', ['incident', 'open', '--severity', '2', '--sandbox']],
    ['a severity', 'UnknownSeverity', ['incident', 'open', '--severity', 'SEV-9', '--title', 'x', '--sandbox']],
    [
      'a future',
      'InvalidTime',
      ['incident', 'open', '--severity', '1', '--title', 'x', '--detected', '2999-01-01T00:00Z', '--sandbox'],
    ],
    ['a check', 'UnknownCheck', ['incident', 'open', '--from-alert', 'alert-eror-rate', '--sandbox']],
    ['none open', 'NoOpenIncident', ['incident', 'ack', '--sandbox']],
    ['an id', 'UnknownIncident', ['incident', 'show', 'tango', '--sandbox']],
    ['a capture', 'ReplayRefused', ['incident', 'list', '--replay', 'x.json']],
    ['a rehearsal', 'FlagWithoutMeaning', ['incident', 'ack', '--dry-run', '--sandbox']],
    ['nothing', 'NothingToUpdate', ['incident', 'update', '--sandbox']],
    ['an owner of nothing', 'FlagWithoutMeaning', ['incident', 'update', '--owner', 'ana', 'text', '--sandbox']],
    ['a role', 'UnknownRole', ['incident', 'update', '--role', 'chef=ana', '--sandbox']],
    ['a bucket', 'FlagWithSandbox', ['incident', 'publish', 's3://nano-status', '--sandbox']],
    ['a place', 'InvalidPlace', ['incident', 'publish', 's3://no', '--sandbox']],
    [
      'an incident of a rehearsal',
      'FlagWithoutMeaning',
      ['diagnose', 'latency', '--incident', 'new', '--fix', '--dry-run', '--sandbox'],
    ],
    ['an incident of a run', 'UnknownIncident', ['diagnose', 'latency', '--incident', 'tango', '--sandbox']],
  ])('%s is told as %s, with 2, and nothing is kept', async (_what, code, words) => {
    const folder = await newFolder();
    const ended = await say(folder, 'ana', ...words, '--json');
    expect([ended.exitCode, errorOf(ended).code]).toEqual([2, code]);
    expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ndjson'))).toEqual([]);
  });

  test('is done twice', async () => {
    const { ana, id } = await withIncident();
    const twice = async (...words: readonly string[]) => {
      await say(ana.home, 'ana', 'incident', ...words, '--sandbox');
      return errorOf(await say(ana.home, 'ben', 'incident', ...words, '--sandbox', '--json'));
    };
    expect(await twice('ack', id)).toMatchObject({ code: 'AlreadyAcknowledged' });
    expect((await twice('resolve', id, '--no-look')).message).toContain('is already resolved, by ana');
    const reopened = incidentOf(
      await say(ana.home, 'ben', 'incident', 'reopen', id, 'it is back', '--sandbox', '--json'),
    );
    expect(reopened).toMatchObject({ state: 'acknowledged', reopened: 1, resolvedAt: null });
    expect(await twice('reopen', id, 'again')).toMatchObject({ code: 'NotResolved' });
  });

  test('is said to customers: names of the inside', async () => {
    const { ana } = await withIncident();
    const ended = await say(
      ana.home,
      'ana',
      'incident',
      'update',
      '--public',
      'ben restarts nano-db',
      '--sandbox',
      '--json',
    );
    expect(errorOf(ended)).toMatchObject({
      code: 'InternalsInPublicText',
      details: [expect.stringContaining('nano-db')],
    });
  });

  test('is chosen for somebody: which of two', async () => {
    const { ana } = await withIncident();
    await say(
      ana.home,
      'ana',
      'incident',
      'open',
      '--severity',
      '3',
      '--title',
      'search is empty',
      '--no-look',
      '--sandbox',
    );
    const ended = await ana.type('incident show --sandbox --json');
    expect(errorOf(ended)).toMatchObject({
      code: 'SeveralOpen',
      details: expect.arrayContaining([expect.stringContaining('search is empty')]),
    });
  });
});

test('a secret that somebody types is not kept', async () => {
  const { ana, id } = await withIncident();
  await say(ana.home, 'ana', 'incident', 'note', 'logged in with password=hunter2hunter2', '--sandbox');
  const kept = await readFile(join(ana.home, 'nanoops', 'sandbox', 'incidents', id, 'journal.ndjson'), 'utf8');
  expect(kept).toContain('logged in with');
  expect(kept).not.toContain('hunter2');
});

test('what happened earlier is written at its time, and an alert says what it is about', async () => {
  const ana = await operator();
  const words = [
    'incident',
    'open',
    '--from-alert',
    'alert-error-rate',
    '--since',
    '20m',
    '--detected',
    '10m',
    '--no-look',
  ];
  const document = incidentOf(await say(ana.home, 'ana', ...words, '--sandbox', 'alerts-critical', '--json'));
  expect(document).toMatchObject({ severity: 'SEV-2', times: { detectMs: 600_000 } });
  expect(document.timeline.find(({ mark }) => mark === 'detected')?.text).toContain('alert alert-error-rate');
  await say(ana.home, 'ben', 'incident', 'ack', '--at', '9m', '--sandbox');
  const acked = incidentOf(await say(ana.home, 'ben', 'incident', 'show', '--sandbox', '--json'));
  expect(acked.times.acknowledgeMs).toBeGreaterThan(59_000);
  expect(acked.times.acknowledgeMs).toBeLessThan(90_000);
});

/** Types a command against an AWS that gives one answer, with a configuration of these lines besides the service's. */
async function sayTo(answer: { readonly status: number; readonly body: object }, lines: string, ...words: string[]) {
  const server = await serve((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer.body));
  });
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
  try {
    const folder = await newFolder();
    const config = join(folder, 'nanoops.yaml');
    await writeFile(config, `service: nano-api\nregions: { primary: us-west-2 }\n${lines}\n`);
    return await say(folder, 'ana', ...words, '-c', config, '--endpoint-url', server.url, '--json');
  } finally {
    vi.unstubAllEnvs();
    await server.close();
  }
}

test('an alert whose words are too long for a title opens an incident all the same', async () => {
  const answer = { status: 403, body: { __type: 'AccessDeniedException', message: `no ${'and no '.repeat(60)}` } };
  const words = ['incident', 'open', '--from-alert', 'alert-error-rate', '--no-look'];
  const api = 'api: { loadBalancer: app/nano-alb/50dc6c495c0c9188 }';
  const opened = incidentOf(await sayTo(answer, api, ...words));
  expect(opened).toMatchObject({ state: 'open', severity: 'SEV-2' });
  expect(opened.title).toMatch(/^.{100,199}…$/);
});

test('a status page is not made of a table that is not there', async () => {
  const answer = { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no such table' } };
  const state = 'state: { dynamodb: { table: nanoops, region: us-west-2 } }';
  const folder = await newFolder();
  const published = await sayTo(answer, state, 'incident', 'publish', folder);
  expect([published.exitCode, errorOf(published).code]).toEqual([3, 'IncidentUnreadable']);
  expect(await readdir(folder)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a folder that cannot be made ends publishing, and does not hang',
  async () => {
    const published = await say(
      await newFolder(),
      'ana',
      'incident',
      'publish',
      '/proc/nowhere/status',
      '--sandbox',
      '--json',
    );
    expect([published.exitCode, errorOf(published).code]).toEqual([5, 'PageNotPublished']);
  },
);

test('of what is over receivers hear that it is over, and nothing of what only was written down', async () => {
  const folder = await newFolder();
  const config = join(folder, 'nanoops.yaml');
  await writeFile(
    config,
    "service: nano-api\nregions: { primary: us-west-2 }\nnotify: { slack: { webhookUrl: '${env:SLACK}' } }\n",
  );
  const incident = (...words: readonly string[]) => say(folder, 'ana', 'incident', ...words, '--sandbox', '-c', config);
  await incident('open', '--severity', 'SEV-2', '--title', 'API is slow', '--no-look');
  await incident('update', 'it gets worse', '--severity', 'SEV-1');
  await incident('resolve', '--no-look');
  const [, id = ''] = /(\d{4}-[a-z]+)/.exec((await incident('list')).stdout) ?? [];
  await incident('update', id, '--severity', 'SEV-2');
  await incident('update', id, '--public', 'It was a short disturbance.');
  const { stdout } = await incident('show', id, '-o', 'ndjson');
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'people.told');
  expect(told.map(({ change }) => change)).toEqual(['opened', 'updated', 'resolved', 'resolved']);
});

test('an incident that was altered, or cannot be read, is none that is well', async () => {
  const { ana, id } = await withIncident();
  const path = join(ana.home, 'nanoops', 'sandbox', 'incidents', id, 'journal.ndjson');
  await writeFile(path, (await readFile(path, 'utf8')).replace('503', '200'));
  const shown = await ana.type(`incident show ${id} --sandbox --json`);
  expect([shown.exitCode, errorOf(shown).message]).toEqual([3, expect.stringContaining('was altered')]);
  expect((await ana.type('incident list --sandbox --json')).exitCode).toBe(3);
  const published = await ana.type(`incident publish ${await newFolder()} --sandbox --json`);
  expect([published.exitCode, errorOf(published).code]).toEqual([3, 'IncidentUnreadable']);
});

test('two on-calls who write at once lose nothing', { timeout: 180_000 }, async () => {
  const { ana, id } = await withIncident();
  const script = await bundleScript(new URL('../incident/writing-process.ts', import.meta.url));
  try {
    const folder = join(ana.home, 'nanoops', 'sandbox');
    await Promise.all(['ana', 'ben'].map((name) => execa('node', [script.path, 'files', folder, id, name, '15'])));
  } finally {
    await script.remove();
  }
  const notes = incidentOf(await ana.type(`incident show ${id} --sandbox --json`)).timeline.filter(
    ({ kind }) => kind === 'note',
  );
  expect(notes.filter(({ source }) => source === 'ana')).toHaveLength(15);
  expect(notes.filter(({ source }) => source === 'ben')).toHaveLength(15);
  expect(new Set(notes.map(({ text }) => text)).size).toBe(30);
});

test('a drill is learned from as well', { timeout: 180_000 }, async () => {
  const ana = await operator();
  const run = runOf(await ana.type('dr drill --sandbox --json'));
  const ended = await ana.type(`incident postmortem --run ${run.runId} --json --sandbox`);
  const document = postmortemDocument.parse(JSON.parse(ended.stdout));
  expect(document).toMatchObject({ id: run.runId, basis: 'run' });
  expect(document.impact.dataLoss.length).toBeGreaterThan(0);
  expect(document.lessons).toEqual([...(run.recovery?.lessons ?? []), ...(run.failback?.recovery.lessons ?? [])]);
});

/** Incidents in a team's table, written by two at once; the status page in a bucket. Against moto over HTTP. */
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openPageBucket, pageGuard } from '../../src/aws/publish-page.ts';
import { systemClock } from '../../src/composition/system-clock.ts';
import { incidentDocument, statusPageDocument } from '../../src/report/incident-schemas.ts';
import { bundleScript, type BundledScript } from '../state/bundle.ts';
import { runMain } from '../support/run-main.ts';
import { motoIsAbsent, startMoto, type MotoServer } from './moto-server.ts';
import { oneAtATime, type Queue } from './one-at-a-time.ts';

const region = 'us-west-2';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe.skipIf(motoIsAbsent())('a team\u2019s incidents', () => {
  let moto: MotoServer;
  let queue: Queue;
  let script: BundledScript;
  let folder: string;
  let s3: S3Client;

  beforeAll(async () => {
    [moto, script, folder] = await Promise.all([
      startMoto(),
      bundleScript(new URL('../incident/writing-process.ts', import.meta.url)),
      mkdtemp(join(tmpdir(), 'nanoops-team-')),
    ]);
    queue = await oneAtATime(moto.url);
    s3 = new S3Client({ region, credentials, endpoint: moto.url, forcePathStyle: true });
    const config = {
      service: 'nano-api',
      environment: 'prod',
      regions: { primary: region },
      state: { dynamodb: { table: 'nanoops', region } },
    };
    await writeFile(join(folder, 'nanoops.yaml'), JSON.stringify(config));
    const { exitCode, stderr } = await type('ana', 'state', 'init');
    if (exitCode !== 0) throw new Error(stderr);
  });

  afterAll(async () => {
    s3?.destroy();
    await script?.remove();
    await queue?.close();
    await moto?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  function type(user: string, ...words: readonly string[]) {
    // The client of the state and that of the page have credentials of the process alone.
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    const env = { XDG_STATE_HOME: join(folder, user), USER: user };
    return runMain([...words, '--endpoint-url', queue.url], { cwd: folder, env });
  }

  const incidentOf = ({ stdout }: { readonly stdout: string }) => incidentDocument.parse(JSON.parse(stdout));

  it('are seen by whoever takes over, and lose nothing of two who write at once', { timeout: 120_000 }, async () => {
    const open = ['incident', 'open', '--severity', '1', '--title', 'API answers 503', '--no-look', '--json'];
    const { id, store } = incidentOf(await type('ana', ...open));
    expect(store).toBe('DynamoDB table nanoops in us-west-2');
    const writers = ['cia', 'dan'].map((name) =>
      execa('node', [script.path, 'table', queue.url, 'nanoops', id, name, '12']),
    );
    await Promise.all(writers);
    const taken = incidentOf(await type('ben', 'incident', 'ack', '--json'));
    expect(taken).toMatchObject({ id, state: 'acknowledged', roles: { commander: 'ben' } });
    const notes = taken.timeline.filter(({ kind }) => kind === 'note').map(({ text }) => text);
    expect(notes.toSorted()).toEqual(
      ['cia', 'dan'].flatMap((name) => Array.from({ length: 12 }, (_, index) => `${name} ${index}`)).toSorted(),
    );
  });

  it('are told to customers in a bucket, under one prefix', { timeout: 180_000 }, async () => {
    await s3.send(
      new CreateBucketCommand({ Bucket: 'nano-status', CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    const ended = await type('ben', 'incident', 'publish', 's3://nano-status/pages', '--title', 'Nano', '--json');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(statusPageDocument.parse(JSON.parse(ended.stdout))).toMatchObject({ status: 'major', title: 'Nano' });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'nano-status' }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['pages/index.html', 'pages/status.json']);
    const page = await s3.send(new GetObjectCommand({ Bucket: 'nano-status', Key: 'pages/index.html' }));
    expect(page).toMatchObject({
      ContentType: 'text/html; charset=utf-8',
      CacheControl: expect.stringContaining('max-age=30'),
    });
    expect(await page.Body?.transformToString()).toContain('Major Outage');
    const json = await s3.send(new GetObjectCommand({ Bucket: 'nano-status', Key: 'pages/status.json' }));
    expect(json.ContentType).toBe('application/json; charset=utf-8');
  });

  it('a bucket that is not there is told by its name', async () => {
    const ended = await type('ben', 'incident', 'publish', 's3://nano-nowhere', '--json');
    expect(ended.exitCode).toBe(5);
    expect(JSON.parse(ended.stdout).error).toMatchObject({
      code: 'PageNotPublished',
      message: expect.stringContaining('s3://nano-nowhere/'),
    });
  });

  it('the client of the page sends nothing else, and nowhere else', async () => {
    const place = { bucket: 'nano-status', prefix: 'pages/', region };
    const guarded = new S3Client({ region, credentials, endpoint: moto.url, forcePathStyle: true });
    guarded.middlewareStack.use(pageGuard(place));
    await expect(guarded.send(new ListObjectsV2Command({ Bucket: 'nano-status' }))).rejects.toThrow(
      'was refused before it was sent',
    );
    await expect(
      guarded.send(new GetObjectCommand({ Bucket: 'nano-status', Key: 'pages/index.html' })),
    ).rejects.toThrow('refused');
    guarded.destroy();
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    const bucket = openPageBucket(place, { clock: systemClock, random: Math.random, endpointUrl: moto.url });
    const file = { text: 'x', contentType: 'text/html', cacheControl: 'no-store' };
    await expect(bucket.put({ ...file, name: '../index.html' })).rejects.toThrow('refused');
    bucket.close();
    const elsewhere = openPageBucket(
      { ...place, prefix: 'other/' },
      { clock: systemClock, random: Math.random, endpointUrl: moto.url },
    );
    await elsewhere.put({ ...file, name: 'index.html' });
    elsewhere.close();
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'nano-status' }));
    expect(Contents.map(({ Key }) => Key)).toEqual(['other/index.html', 'pages/index.html', 'pages/status.json']);
  });
});

/** What a run is not gone on with: one that is under way, one of another stack, one whose simulated world is lost. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileLeaseStore } from '../../src/state/file-leases.ts';
import { errorOf, newFolder, runOf, suspended } from './operator.ts';

test('a run that somebody is at ends the resume and the abort with 6, and its journal stays as it was', async () => {
  const { ana, runId, resume } = await suspended();
  const leases = fileLeaseStore(join(ana.journalPath(runId), '..', 'leases'));
  const resource = 'ecs:us-west-2:nano/nano-api';
  // The suspended run is at 11:03 of its own clock; its lease would hold until a minute later.
  const nowMs = Date.UTC(2026, 10, 23, 11, 3);
  const holder = {
    runId,
    runbook: 'latency',
    environment: 'prod',
    who: 'ben@desk',
    host: 'desk',
    pid: 1,
    since: nowMs,
  };
  const terms = { nowMs, ttlMs: 60_000, graceMs: 0, isGone: () => true };
  await leases.acquire({ resource, holder: { ...holder, step: 'roll-back' }, ...terms });
  const before = await readFile(ana.journalPath(runId), 'utf8');
  for (const verb of ['resume', 'abort']) {
    const ended = await ana.type(`runs ${verb} ${runId} --yes --json`);
    expect(ended.exitCode).toBe(6);
    expect(errorOf(ended)).toMatchObject({
      code: 'RunUnderWay',
      message: expect.stringMatching(/ben@desk runs it, at step "roll-back"/),
    });
  }
  expect(await readFile(ana.journalPath(runId), 'utf8')).toBe(before);
  await leases.revoke(resource);
  expect((await ana.type(resume.replace('nanoops ', '') + ' --json')).exitCode).toBe(0);
});

test('another stack than the run is about is refused, and told apart', async () => {
  const { ana, runId } = await suspended();
  const { stdout } = await ana.type('sandbox config');
  const file = join(await newFolder(), 'other.yaml');
  await writeFile(file, stdout.replaceAll('cluster: nano\n', 'cluster: other\n'));
  const ended = await ana.type(`runs resume ${runId} -c ${file} --yes --json`);
  expect(ended.exitCode).toBe(2);
  expect(errorOf(ended)).toMatchObject({ code: 'OtherStack' });
  expect(errorOf(ended).details.join('\n')).toMatch(/nano\/nano-api[^]*other\/nano-api/);
  expect(runOf(await ana.type(`runs show ${runId} --json`))).toMatchObject({ verdict: 'awaiting-approval' });
});

test('a simulated world that is gone or damaged is told as that, and no new one is begun', async () => {
  const { ana, runId } = await suspended();
  const world = join(ana.journalPath(runId), '..', 'world.json');
  await writeFile(world, '{ "format": 1, "se');
  const damaged = await ana.type(`runs resume ${runId} --yes --json`);
  expect([damaged.exitCode, errorOf(damaged).code]).toEqual([2, 'SnapshotInvalid']);
  await rm(world);
  const gone = await ana.type(`runs resume ${runId} --yes --json`);
  expect([gone.exitCode, errorOf(gone).code]).toEqual([3, 'WorldMissing']);
});

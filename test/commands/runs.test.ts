/** `runs …` and `locks …`: what is left of earlier runs, and going on with them. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/composition/identity.ts';
import { recordOf } from '../../src/engine/journal.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { JournalRecord } from '../../src/engine/journal-store.ts';
import { journalDocument, listDocument, takeoverDocument } from '../../src/report/schemas.ts';
import { fileLeaseStore } from '../../src/state/file-leases.ts';
import { at, errorOf, newFolder, operator, runOf, suspended, type Operator } from './operator.ts';

const idOf = '20261123T110300Z-latency-aaaaaa';

/** The same events with other hashes: a journal that is sound and tells something else. */
function chained(events: readonly RunEvent[]): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const event of events) records.push(recordOf(event, records.at(-1)?.hash ?? '0'.repeat(64), sha256));
  return records;
}

async function withJournal(text: string): Promise<Operator> {
  const ana = await operator();
  await mkdir(join(ana.journalPath(idOf), '..'), { recursive: true });
  await writeFile(ana.journalPath(idOf), text);
  return ana;
}

describe('a run that is not there', () => {
  test.each(['show', 'report', 'verify', 'resume', 'abort'])('runs %s says where it looked', async (verb) => {
    const ana = await operator();
    for (const id of ['20990101T000000Z-latency-zzzzzz', '../../etc/passwd', 'a/b', '..', 'C:\\x']) {
      const ended = await ana.type(`runs ${verb} ${id} --json`);
      expect(ended.exitCode).toBe(2);
      expect(errorOf(ended)).toMatchObject({ code: 'UnknownRun', nextStep: 'nanoops runs list' });
      expect(errorOf(ended).message).toContain(join(ana.home, 'nanoops'));
    }
  });
});

describe('a run that waits', () => {
  test('is listed, shown, reported on, verified, and goes on with what it printed', async () => {
    const { ana, runId, resume } = await suspended();

    const list = listDocument.parse(JSON.parse((await ana.type('runs list --json')).stdout));
    expect(list.items).toMatchObject([{ id: runId, status: 'awaiting-approval', mode: 'execute', changes: 0 }]);
    const lines = (await ana.type('runs list -o ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([runId]);
    expect((await ana.type('runs list')).stdout).toContain(runId);
    expect((await ana.type('runs list -o markdown')).stdout).toContain(`\`${runId}\``);

    const shown = await ana.type(`runs show ${runId} --json`);
    expect(shown.exitCode).toBe(0);
    expect(runOf(shown)).toMatchObject({ runId, verdict: 'awaiting-approval', exitCode: 4 });
    const person = await ana.type(`runs show ${runId}`);
    expect(person.stdout).toContain(resume);

    const file = join(await newFolder(), 'run.md');
    const report = await ana.type(`runs report ${runId} --report ${file}`);
    expect(report.stdout).toMatch(/^# latency on prod/);
    expect(await readFile(file, 'utf8')).toBe(report.stdout);

    const verified = await ana.type(`runs verify ${runId} --json`);
    expect(verified.exitCode).toBe(0);
    const records = await ana.records(runId);
    expect(journalDocument.parse(JSON.parse(verified.stdout))).toMatchObject({
      faults: [],
      records: records.length,
      head: records.at(-1)?.hash,
    });

    const resumed = await ana.type(`${resume} --json`);
    expect(resumed.exitCode).toBe(0);
    expect(runOf(resumed)).toMatchObject({ runId, resumptions: 1, outcome: { helped: true } });
    expect((await ana.type(`runs verify ${runId}`)).exitCode).toBe(0);

    const again = await ana.type(`runs resume ${runId} --json`);
    expect(again.exitCode).toBe(2);
    expect(errorOf(again).code).toBe('RunEnded');
  });

  test.each(['--dry-run', '--since 5m', '--until 5m', '--region us-east-1', '--sandbox healthy', '--seed 3'])(
    'resume and abort refuse %s, and leave the journal as it is',
    async (flag) => {
      const { ana, runId } = await waiting();
      const before = await readFile(ana.journalPath(runId), 'utf8');
      for (const verb of ['resume', 'abort']) {
        const ended = await ana.type(`runs ${verb} ${runId} --yes --json ${flag}`);
        expect(ended.exitCode).toBe(2);
        expect(errorOf(ended).code).toBe('FlagWithoutMeaning');
      }
      expect(await readFile(ana.journalPath(runId), 'utf8')).toBe(before);
    },
  );

  test('a hash that is not the plan\u2019s is told, and it goes on waiting', async () => {
    const { ana, runId } = await waiting();
    const ended = await ana.type(`runs resume ${runId} --approve approve-roll-back@000000000000 --json`);
    expect(ended.exitCode).toBe(4);
    expect(runOf(ended).suspended?.reason).toMatch(/000000000000 then, [0-9a-f]{12} now/);
    expect(runOf(ended).mutations).toEqual([]);
  });

  test('abort ends it; nothing was changed, so nobody is asked', async () => {
    const { ana, runId } = await waiting();
    const ended = await ana.type(`runs abort ${runId} --json`);
    expect(ended.exitCode).toBe(1);
    expect(runOf(ended).mutations).toEqual([]);
    expect(errorOf(await ana.type(`runs abort ${runId} --json`)).code).toBe('RunEnded');
  });

  test('abort of a run that brought back itself what it had changed has nothing to put back', async () => {
    const ana = await operator();
    const done = await ana.type('diagnose latency --fix --sandbox cpu-saturated --yes --json');
    const { verdict, mutations, runId } = runOf(done);
    expect(verdict).toBe('ok');
    expect(mutations.map(({ status }) => status)).toEqual(['reverted', 'applied']);
    expect(errorOf(await ana.type(`runs abort ${runId} --json`)).code).toBe('RunEnded');
  });

  test('a journal that was altered is not gone on with', async () => {
    const { ana, runId } = await waiting();
    const text = await readFile(ana.journalPath(runId), 'utf8');
    await writeFile(ana.journalPath(runId), text.replace('"verdict":"awaiting-approval"', '"verdict":"ok"'));
    expect((await ana.type(`runs verify ${runId}`)).exitCode).toBe(1);
    const ended = await ana.type(`runs resume ${runId} --yes --json`);
    expect(ended.exitCode).toBe(3);
    expect(errorOf(ended)).toMatchObject({ nextStep: `nanoops runs verify ${runId}` });
    expect(errorOf(ended).message).toContain('was altered');
  });

  test('a line that was cut off in the writing counts for nothing', async () => {
    const { ana, runId, resume } = await waiting();
    await writeFile(ana.journalPath(runId), `${await readFile(ana.journalPath(runId), 'utf8')}{"version":1,"pre`);
    const verified = await ana.type(`runs verify ${runId} --json`);
    expect(verified.exitCode).toBe(0);
    expect(JSON.parse(verified.stdout).torn).toBe(true);
    expect((await ana.type(`${resume} --json`)).exitCode).toBe(0);
    expect((await ana.type(`runs verify ${runId}`)).exitCode).toBe(0);
  });

  test('a runbook that has changed is shown, and gone on with where somebody agrees', async () => {
    const { ana, runId, resume } = await waiting();
    const events = (await ana.records(runId)).map(({ event }) => event);
    const changed = events.map((event) =>
      event.type === 'run.started'
        ? { ...event, fingerprint: 'f'.repeat(64), steps: event.steps.filter(({ id }) => id !== 'escalation') }
        : event,
    );
    await ana.rewrite(runId, chained(changed));
    const asked = await ana.type(`${resume} --yes --json`);
    expect(asked.exitCode).toBe(4);
    const { code, details, nextStep } = errorOf(asked);
    expect(code).toBe('RunbookChanged');
    expect(details.join('\n')).toContain('escalation');
    expect(nextStep).toMatch(new RegExp(`^nanoops runs resume ${runId} --approve runbook@[0-9a-f]{12,64}$`));
    const answer = nextStep.replace(`nanoops runs resume ${runId}`, '');
    const wrong = await ana.type(`${resume} --approve runbook@eeeeeeee --json`);
    expect(wrong.exitCode).toBe(4);
    expect((await ana.type(`${resume}${answer} --json`)).exitCode).toBe(0);
  });
});

/** A run that waits, made once and copied for each test. */
let first: ReturnType<typeof kept> | undefined;

async function kept() {
  const { ana, runId, resume } = await suspended();
  return { journal: await readFile(ana.journalPath(runId)), world: await readFile(worldOf(ana, runId)), runId, resume };
}

async function waiting() {
  first ??= kept();
  const { journal, world, runId, resume } = await first;
  const ana = await operator();
  await mkdir(join(ana.journalPath(runId), '..'), { recursive: true });
  await writeFile(ana.journalPath(runId), journal);
  await writeFile(worldOf(ana, runId), world);
  return { ana, runId, resume };
}

function worldOf(ana: Operator, runId: string): string {
  return join(ana.journalPath(runId), '..', 'world.json');
}

describe('journals that cannot be read', () => {
  test('an empty one: nothing was recorded, and nothing is made of it', async () => {
    const ana = await withJournal('');
    expect((await ana.type(`runs verify ${idOf}`)).exitCode).toBe(1);
    for (const verb of ['show', 'report', 'resume', 'abort']) {
      const ended = await ana.type(`runs ${verb} ${idOf} --json`);
      expect(ended.exitCode).toBe(3);
      expect(errorOf(ended)).toMatchObject({ code: 'StateCorrupt' });
    }
    const { items } = JSON.parse((await ana.type('runs list --json')).stdout);
    expect(items).toMatchObject([{ id: idOf, status: 'unreadable' }]);
  });

  test('one with a line that is no JSON: verify names the line', async () => {
    const ana = await withJournal('garbage\n{}\n');
    const verified = await ana.type(`runs verify ${idOf} --json`);
    expect(verified.exitCode).toBe(1);
    expect(JSON.parse(verified.stdout).faults[0]).toContain('line 1');
    expect((await ana.type(`runs show ${idOf}`)).exitCode).toBe(3);
  });

  test('one of a newer nanoops: says to update', async () => {
    const ana = await withJournal('{"version":99}\n');
    for (const verb of ['show', 'verify', 'resume']) {
      const ended = await ana.type(`runs ${verb} ${idOf} --json`);
      expect(ended.exitCode).toBe(3);
      expect(errorOf(ended).nextStep).toContain('update nanoops');
    }
  });
});

describe('a state folder that cannot be used', () => {
  test('no folder yet: there is nothing, and that is no error', async () => {
    const ana = await operator();
    expect(JSON.parse((await ana.type('runs list --json')).stdout).items).toEqual([]);
    expect(JSON.parse((await ana.type('locks list --json')).stdout).items).toEqual([]);
  });

  test('at the beginning of --fix: nothing is changed, and it says what to mend', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    const ana = at(join(folder, 'file'));
    const ended = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy --json');
    expect(ended.exitCode).toBe(5);
    expect(errorOf(ended)).toMatchObject({ code: 'StateUnwritable' });
    expect(errorOf(ended).nextStep).toContain('XDG_STATE_HOME');
    expect((await ana.type('runs list --json')).exitCode).toBe(3);
    expect((await ana.type('locks list --json')).exitCode).toBe(3);
  });

  test('in the middle: the run fails, and says what was changed', async () => {
    const ana = await operator();
    let broken = false;
    const ended = await ana.type('diagnose latency --fix --yes --sandbox bad-deploy -o ndjson', {
      onStdout: (text) => {
        const { type, runId = '' } = JSON.parse(text);
        if (type === 'run.started') path = ana.journalPath(runId);
        if (type !== 'change.answered') return;
        broken = true;
        rmSync(path);
        mkdirSync(path);
      },
    });
    expect(broken).toBe(true);
    expect(ended.exitCode).toBe(5);
    const events = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1).verdict).toBe('failed');
    expect(events.filter(({ type }) => type === 'change.intended')).toHaveLength(1);
  });
  let path = '';
});

describe('a run that was killed', () => {
  test.each(['change.intended', 'change.answered'])('after %s goes on in the world that it left', async (moment) => {
    const ana = await operator();
    let bob: Operator | undefined;
    await ana.type('diagnose latency --fix --yes --sandbox bad-deploy -o ndjson', {
      onStdout: (text) => {
        if (JSON.parse(text).type === moment) bob ??= ana.copy();
      },
    });
    if (bob === undefined) throw new TypeError(`the run never came to ${moment}`);
    const runId = await bob.runId();
    const { items } = JSON.parse((await bob.type('runs list --json')).stdout);
    expect(items).toMatchObject([{ id: runId, status: 'unfinished' }]);
    // Its lease stands still: this process, which is alive, is the holder.
    await rm(join(bob.journalPath(runId), '..', 'leases'), { recursive: true, force: true });
    const ended = await bob.type(`runs resume ${runId} --yes --json`);
    const run = runOf(ended);
    expect(run).toMatchObject({ exitCode: 0, resumptions: 1, outcome: { helped: true } });
    expect(run.mutations).toMatchObject([{ operation: 'ecs:UpdateService', status: 'applied' }]);
    expect((await bob.type(`runs verify ${runId}`)).exitCode).toBe(0);
  });
});

describe('abort of a run that changed something', () => {
  test('wants a yes, puts back, and says so', async () => {
    const ana = await operator();
    const run = runOf(await ana.type('diagnose latency --fix --yes --sandbox bad-deploy --timeout 3m --json'));
    const refused = await ana.type(`runs abort ${run.runId} --json`);
    expect(refused.exitCode).toBe(4);
    expect(errorOf(refused)).toMatchObject({ code: 'NotConfirmed', nextStep: `nanoops runs abort ${run.runId} --yes` });
    expect(errorOf(refused).details).toEqual([expect.stringContaining('ecs:UpdateService')]);
    const aborted = runOf(await ana.type(`runs abort ${run.runId} --yes --json`));
    expect(aborted.mutations).toMatchObject([{ operation: 'ecs:UpdateService', status: 'reverted' }]);
    expect(aborted.exitCode).toBe(1);
  });
});

test('a dry run leaves a journal that is shown, and nothing to go on with', async () => {
  const ana = await operator();
  const run = runOf(await ana.type('diagnose latency --fix --dry-run --sandbox bad-deploy --json'));
  const shown = runOf(await ana.type(`runs show ${run.runId} --json`));
  expect(shown.mutations).toEqual(run.mutations);
  for (const verb of ['resume', 'abort']) {
    const ended = await ana.type(`runs ${verb} ${run.runId} --yes --json`);
    expect(ended.exitCode).toBe(2);
    expect(errorOf(ended).code).toBe('NothingToResume');
  }
});

describe('locks', () => {
  const resource = 'prod/ecs:us-west-2:nano/nano-api';

  async function held(): Promise<Operator> {
    const ana = await operator();
    await fileLeaseStore(join(ana.home, 'nanoops')).acquire({
      resource,
      holder: { runId: idOf, runbook: 'latency', environment: 'prod', who: 'bob@desk', host: 'desk', pid: 7, since: 0 },
      nowMs: Date.now(),
      ttlMs: 60_000,
      graceMs: 0,
      isGone: () => false,
    });
    return ana;
  }

  test('are listed with who holds them', async () => {
    const ana = await held();
    const { items } = listDocument.parse(JSON.parse((await ana.type('locks list --json')).stdout));
    expect(items).toMatchObject([{ id: resource, who: 'bob@desk', runId: idOf, expired: false, step: null }]);
    expect((await ana.type('locks list')).stdout).toContain('bob@desk');
  });

  test('are taken over with --yes only, and are free then', async () => {
    const ana = await held();
    const refused = await ana.type(`locks takeover ${resource} --json`);
    expect(refused.exitCode).toBe(4);
    expect(errorOf(refused).nextStep).toBe(`nanoops locks takeover '${resource}' --yes`);
    expect(JSON.parse((await ana.type('locks list --json')).stdout).items).toHaveLength(1);
    const taken = await ana.type(`locks takeover ${resource} --yes --json`);
    expect(taken.exitCode).toBe(0);
    expect(takeoverDocument.parse(JSON.parse(taken.stdout))).toMatchObject({
      resource,
      from: { runId: idOf, who: 'bob@desk', step: null },
    });
    expect(JSON.parse((await ana.type('locks list --json')).stdout).items).toEqual([]);
    const again = await ana.type(`locks takeover ${resource} --yes --json`);
    expect(again.exitCode).toBe(2);
    expect(errorOf(again).code).toBe('NotLocked');
  });
});

describe('a team\u2019s table that does not answer', () => {
  test('hides no run of this machine, and is not passed over', async () => {
    const { ana, runId } = await waiting();
    const config = join(ana.home, 'nanoops.yaml');
    await writeFile(
      config,
      'service: a\nregions: { primary: us-west-2 }\nstate: { dynamodb: { table: nanoops, region: us-east-1 } }\n',
    );
    const options = { env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' } };
    const flags = `-c ${config} --endpoint-url http://127.0.0.1:9 --json`;
    const listed = await ana.type(`runs list ${flags}`, options);
    expect(listed.exitCode).toBe(3);
    const { items } = JSON.parse(listed.stdout);
    expect(items).toMatchObject([{ status: 'unreadable' }, { id: runId }]);
    expect(items[0].summary).toContain('nanoops in us-east-1 cannot be read');
    const locks = await ana.type(`locks list ${flags}`, options);
    expect(locks.exitCode).toBe(3);
    expect(JSON.parse(locks.stdout).items).toMatchObject([{ status: 'unreadable' }]);
    expect(runOf(await ana.type(`runs show ${runId} ${flags}`, options)).runId).toBe(runId);
    const unknown = await ana.type(`runs show ${idOf} ${flags}`, options);
    expect(unknown.exitCode).toBe(3);
  });
});

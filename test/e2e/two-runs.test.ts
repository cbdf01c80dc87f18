/**
 * Two runs that want to change the same service, and runs that wait for somebody: who gets it, what the other is told, and
 * what makes it go on. nanoops, without a terminal, against a simulated AWS in a process of its own.
 */
import { afterEach, expect, test } from 'vitest';
import { isPatient } from '../support/tier.ts';
import { Served, until, type JournalEvent, type Started } from './served.ts';

const served: Served[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((each) => each.close()));
});

async function serve(scenario: string, speed: number): Promise<Served> {
  const stage = await Served.start(scenario, speed);
  served.push(stage);
  return stage;
}

/** The run's id and its journal, once a record is in it that fits. */
async function reached(stage: Served, fits: (event: JournalEvent) => boolean) {
  return until(async () => {
    const [runId] = await stage.runIds();
    const journal = runId === undefined ? [] : await stage.journal(runId);
    return runId !== undefined && journal.some(fits) ? { runId, journal } : undefined;
  }, 'the record that was waited for');
}

const changed = ({ type }: JournalEvent): boolean => type === 'change.answered';
const resource = 'ecs:us-west-2:nano/nano-api';

test('while one acts, another is refused: who, since when, at which step; once it is dead, it goes on', async () => {
  // At the wall's pace: tasks take minutes, and the first run still waits for one when the test is over.
  const stage = await serve('cpu-saturated', 1);
  const first: Started = stage.startRunbook('latency', '--yes');
  const { runId } = await reached(stage, changed);

  const json = await stage.runRunbook('latency', '--yes', '--json');
  expect(json.exitCode).toBe(6);
  const refused = JSON.parse(json.stdout);
  expect(refused).toMatchObject({ verdict: 'locked', exitCode: 6, mutations: [] });
  const { items } = JSON.parse((await stage.run('locks', 'list', '--json')).stdout);
  expect(items).toEqual([expect.objectContaining({ runId, who: expect.stringMatching(/^ana@/), expired: false })]);
  const [lock] = items;
  expect(lock.id).toMatch(new RegExp(`/${resource}$`));
  expect(refused.suspended.reason).toContain(`is held by run ${runId} of ${lock.who}, since ${lock.since}, at step "`);
  expect(refused.suspended.nextSteps).toEqual(['nanoops locks list', `nanoops runs resume ${refused.runId}`]);

  const human = await stage.run('runs', 'resume', refused.runId, '--yes');
  expect(human.exitCode).toBe(6);
  expect(human.stdout.replaceAll(/\s+/g, ' ')).toContain(`is held by run ${runId} of ana@`);
  expect((await stage.journal(refused.runId)).filter(({ type }) => type === 'change.intended')).toEqual([]);

  first.child.kill('SIGKILL');
  await first.ended;
  // Its lease runs for most of a minute yet, but its process is gone from this machine.
  const next = stage.start('runs', 'resume', refused.runId, '--yes');
  const journal = await until(async () => {
    const events = await stage.journal(refused.runId);
    return events.some(({ type }) => type === 'lease.acquired') ? events : undefined;
  }, 'the lease in the hands of the second run');
  expect(journal.filter(({ type }) => type === 'lease.refused').length).toBe(2);
  next.child.kill('SIGKILL');
  await next.ended;
});

test('a lease that is taken away: whoever had it changes nothing more, and ends with 6', async () => {
  const stage = await serve('memory-pressure', 30);
  const first = stage.startRunbook('latency', '--yes', '--json');
  const { runId } = await reached(stage, changed);
  const { items } = JSON.parse((await stage.run('locks', 'list', '--json')).stdout);
  const unsure = await stage.run('locks', 'takeover', items[0].id);
  expect(unsure.exitCode).toBe(4);
  expect(unsure.stderr).toContain(`nanoops locks takeover '${items[0].id}' --yes`);
  const taken = await stage.run('locks', 'takeover', items[0].id, '--yes', '--json');
  expect(JSON.parse(taken.stdout)).toMatchObject({ schema: 'nanoops/takeover@1', from: { runId } });

  const { exitCode, stdout } = await first.ended;
  expect(exitCode).toBe(6);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'locked', mutations: [{ status: 'applied' }] });
  const journal = await stage.journal(runId);
  expect(journal.filter(({ type }) => type === 'change.intended')).toHaveLength(1);
  expect(journal.map(({ type }) => type)).toContain('lease.lost');
  expect((await stage.run('runs', 'verify', runId)).exitCode).toBe(0);

  // Nobody has it now: the run that stopped takes it again, sees that it did not help, and puts it back.
  const resumed = await stage.run('runs', 'resume', runId, '--yes', '--json');
  expect(resumed).toMatchObject({ exitCode: 5, stderr: '' });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ verdict: 'failed', mutations: [{ status: 'reverted' }] });
  expect(JSON.parse((await stage.run('locks', 'list', '--json')).stdout).items).toEqual([]);
});

test('without an answer it waits with 4, and goes on with the command that it prints', async () => {
  const stage = await serve('crash-loop', 30);
  const asked = await stage.runRunbook('crash-loop', '--json');
  expect(asked.exitCode).toBe(4);
  const { runId, suspended, verdict } = JSON.parse(asked.stdout);
  expect(verdict).toBe('awaiting-approval');
  const [command] = suspended.nextSteps as string[];
  expect(command).toMatch(new RegExp(`^nanoops runs resume ${runId} --approve approve-roll-back@[0-9a-f]{12}$`));
  expect(JSON.parse((await stage.run('locks', 'list', '--json')).stdout).items).toEqual([]);

  const wrong = await stage.run('runs', 'resume', runId, '--approve', 'approve-roll-back@000000000000', '--json');
  expect(wrong.exitCode).toBe(4);
  expect(JSON.parse(wrong.stdout).suspended.reason).toContain('is not the one that was approved: 000000000000 then');
  const other = await stage.run('runs', 'resume', runId, '--approve', 'another-step', '--json');
  expect(other.exitCode).toBe(2);
  expect((await stage.journal(runId)).filter(({ type }) => type === 'change.intended')).toEqual([]);

  const human = await stage.run('runs', 'resume', runId);
  expect(human.exitCode).toBe(4);
  expect(human.stdout).toContain(command);

  const words = (command ?? '').split(' ').slice(1);
  const given = await stage.run(...words, '--json');
  expect(given).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(given.stdout)).toMatchObject({ verdict: 'ok', mutations: [{ status: 'applied' }] });
});

test.runIf(isPatient)('an interrupt while it acts ends it with 130, and it can be taken up again', async () => {
  const stage = await serve('crash-loop', 30);
  const first = stage.startRunbook('crash-loop', '--yes', '--json');
  const { runId } = await reached(stage, changed);
  first.child.kill('SIGINT');
  const { exitCode, stdout } = await first.ended;
  expect(exitCode).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'interrupted',
    suspended: { nextSteps: [`nanoops runs resume ${runId}`, `nanoops runs abort ${runId}`] },
  });
  expect(JSON.parse((await stage.run('locks', 'list', '--json')).stdout).items).toEqual([]);
  const resumed = await stage.run('runs', 'resume', runId, '--yes', '--json');
  expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(resumed.stdout)).toMatchObject({ verdict: 'ok', mutations: [{ status: 'applied' }] });
  expect((await stage.journal(runId)).filter(({ type }) => type === 'change.intended')).toHaveLength(1);
});

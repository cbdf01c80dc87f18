/**
 * `alerts apply` is killed in the middle: taken up again, or simply begun again, it comes to the same alarms, and nothing is
 * made twice. nanoops and the simulated AWS are processes of their own.
 */
import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { isPatient } from '../support/tier.ts';
import { hasAws, Served, until } from './served.ts';

const region = 'us-west-2';
/** A minute of the simulated world takes 2 s: CloudWatch takes no more than three alarms a second of it. */
const speed = 30;

const served: Served[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((each) => each.close()));
});

async function serve(): Promise<Served> {
  const stage = await Served.start('healthy', speed);
  served.push(stage);
  return stage;
}

/** Starts it, and kills it once so many more changes were sent. */
async function dyingAfter(stage: Served, changes: number, ...words: readonly string[]): Promise<void> {
  const intents = async (): Promise<number> => {
    const journals = await Promise.all((await stage.runIds()).map((id) => stage.journal(id)));
    return journals.flat().filter(({ type }) => type === 'change.intended').length;
  };
  const before = await intents();
  const { child, ended } = stage.start(...words, '--yes', '--json', '--endpoint-url', stage.url);
  await until(
    async () => ((await intents()) >= before + changes || child.exitCode !== null ? true : undefined),
    'a moment to die at',
  );
  expect(child.exitCode).toBeNull();
  child.kill('SIGKILL');
  await ended;
}

const flags = (stage: Served) => ['--json', '--endpoint-url', stage.url] as const;

/** The names of all alarms, and the calls that made them, as the simulated account has them. */
async function alarmsOf(stage: Served): Promise<readonly string[]> {
  const found = await stage.aws(
    'cloudwatch',
    'describe-alarms',
    '--alarm-name-prefix',
    'nanoops-',
    '--alarm-types',
    'MetricAlarm',
    'CompositeAlarm',
  );
  const all = [...(found['MetricAlarms'] as unknown[]), ...(found['CompositeAlarms'] as unknown[])];
  return (all as { AlarmName: string }[]).map(({ AlarmName }) => AlarmName).toSorted();
}

describe.skipIf(!hasAws && process.env['CI'] === undefined)('alerts apply that is killed', () => {
  test('is taken up again, and makes everything once', async () => {
    const stage = await serve();
    await dyingAfter(stage, randomInt(2, 12), 'alerts', 'apply', '--region', region);
    const [runId = ''] = await stage.runIds();
    await dyingAfter(stage, randomInt(1, 6), 'runs', 'resume', runId);
    const { exitCode, stdout } = await stage.run('runs', 'resume', runId, '--yes', ...flags(stage));
    expect({ exitCode, verdict: JSON.parse(stdout).verdict }).toEqual({ exitCode: 0, verdict: 'ok' });
    const events = await stage.journal(runId);
    const answered = events.filter(({ type, outcome }) => type === 'change.answered' && outcome === 'applied');
    expect(answered.map(({ stepId }) => stepId)).toEqual([...new Set(answered.map(({ stepId }) => stepId))]);
    expect(await stage.run('runs', 'verify', runId)).toMatchObject({ exitCode: 0 });
    const plan = await stage.run('alerts', 'plan', '--region', region, ...flags(stage));
    expect(plan.exitCode).toBe(0);
    expect(JSON.parse(plan.stdout).counts).toMatchObject({ create: 0, update: 0, delete: 0 });
    expect((await alarmsOf(stage)).length).toBeGreaterThan(20);
  }, 240_000);

  test.runIf(isPatient)(
    'is begun again, and makes what is missing',
    async () => {
      const stage = await serve();
      await dyingAfter(stage, randomInt(2, 12), 'alerts', 'apply', '--region', region);
      const before = await alarmsOf(stage);
      const again = await stage.run('alerts', 'apply', '--region', region, '--yes', ...flags(stage));
      expect({ exitCode: again.exitCode, verdict: JSON.parse(again.stdout).verdict }).toEqual({
        exitCode: 0,
        verdict: 'ok',
      });
      const made = JSON.parse(again.stdout).mutations.map(({ resource }: { resource: string }) => resource);
      expect(made.filter((name: string) => before.includes(name))).toEqual([]);
      expect((await stage.run('alerts', 'plan', '--region', region, ...flags(stage))).exitCode).toBe(0);
    },
    240_000,
  );
});

/**
 * Runs that change something are killed, again and again, and taken up again: each ends as if nothing had happened to it,
 * and nothing is done twice. nanoops and the simulated AWS are processes of their own, as they would be.
 */
import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Random } from '../../src/engine/clock.ts';
import { seeded } from '../../src/sandbox/random.ts';
import { inTier } from '../support/tier.ts';
import { hasAws, pause, Served, until } from './served.ts';

/** KILL_SEED=<number> repeats a run's moments. */
const seed = Number(process.env['KILL_SEED'] ?? randomInt(1_000_000));
const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

/** A minute of the simulated world takes 2 s. */
const usualSpeed = 30;
const kills = inTier({ all: 5, some: 3 });
const longestLifeMs = 2_500;

const served: Served[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((each) => each.close()));
});

async function serve(scenario: string, speed: number): Promise<Served> {
  const stage = await Served.start(scenario, speed);
  served.push(stage);
  return stage;
}

/** How the stack stands, as others see it. */
async function standing(stage: Served, scenario: string) {
  const services = await stage.aws('ecs', 'describe-services', '--cluster', 'nano', '--services', 'nano-api');
  const targets = await stage.aws('application-autoscaling', 'describe-scalable-targets', '--service-namespace', 'ecs');
  const clusters = await stage.aws('rds', 'describe-db-clusters');
  // Each rollout and each failover leaves a trace: one done twice would leave two.
  const traces =
    scenario === 'writer-unreachable'
      ? await stage.aws('rds', 'describe-events', '--source-type', 'db-cluster', '--duration', '120')
      : await stage.aws('ecs', 'list-service-deployments', '--cluster', 'nano', '--service', 'nano-api');
  const [service] = services['services'] as Record<string, unknown>[];
  return {
    service: [service?.['taskDefinition'], service?.['desiredCount'], service?.['runningCount']],
    limits: (targets['ScalableTargets'] as Record<string, unknown>[]).map((each) => [
      each['MinCapacity'],
      each['MaxCapacity'],
    ]),
    writers: (clusters['DBClusters'] as { DBClusterMembers: Record<string, unknown>[] }[]).map((each) =>
      each.DBClusterMembers.map((member) => [member['DBInstanceIdentifier'], member['IsClusterWriter']]),
    ),
    failovers: (traces['Events'] as { Message: string }[] | undefined)?.map(({ Message }) => Message),
    rollouts: (traces['serviceDeployments'] as unknown[] | undefined)?.length,
  };
}

interface Tale {
  readonly moments: readonly string[];
  readonly runId: string;
  readonly exitCode: number | null | undefined;
  readonly verdict: unknown;
  readonly stderr: string;
  readonly why: unknown;
}

/** Runs a runbook, kills it so many times, goes on each time, and lets it end. */
async function live(stage: Served, runbook: string, deaths: number, random: Random): Promise<Tale> {
  const moments: string[] = [];
  for (;;) {
    const [runId] = await stage.runIds();
    const before = runId === undefined ? 0 : (await stage.journal(runId)).length;
    const { child, ended } =
      before === 0 || runId === undefined
        ? stage.startRunbook(runbook, '--yes', '--json')
        : stage.start('runs', 'resume', runId, '--yes', '--json');
    if (moments.length < deaths) {
      // Counted from its first record: how long a process takes to start is the machine's business.
      const [records, lifeMs] = [between(random, 1, 60), between(random, 0, longestLifeMs)];
      let diesAt: number | undefined;
      await until(async () => {
        const [id] = await stage.runIds();
        const written = id === undefined ? 0 : (await stage.journal(id)).length;
        if (written > before) diesAt ??= performance.now() + lifeMs;
        const isTime = diesAt !== undefined && (performance.now() >= diesAt || written >= before + records);
        return isTime || child.exitCode !== null ? true : undefined;
      }, 'a moment to die at');
      if (child.exitCode === null && child.kill('SIGKILL')) {
        await ended;
        const [id] = await stage.runIds();
        const journal = id === undefined ? [] : await stage.journal(id);
        moments.push(`after record ${journal.length} (${journal.at(-1)?.type ?? 'none'})`);
        continue;
      }
    }
    const { exitCode, stdout, stderr } = await ended;
    const document = JSON.parse(stdout);
    const { runId: id, verdict, notes, error, steps = [] } = document;
    const open = (steps as { id: string; status: string; detail: string }[]).flatMap((step) =>
      step.status === 'succeeded' || step.status === 'skipped' ? [] : [`${step.id} is ${step.status}: ${step.detail}`],
    );
    // What does not fit the expectations is to be understood from what they print.
    return { moments, runId: id, exitCode, verdict, stderr, why: [error, notes, open] };
  }
}

/** The changes that were made, as the journal tells: each intent that was answered, or seen to have been carried out. */
async function changesOf(stage: Served, runId: string): Promise<readonly string[]> {
  const isMade = new Set(['applied', 'done', 'in-flight']);
  const made: string[] = [];
  let intended: string | undefined;
  for (const { type, stepId, direction, outcome, state } of await stage.journal(runId)) {
    if (type === 'change.intended') intended = `${stepId} ${direction}`;
    const isTold = type === 'change.answered' || type === 'change.looked-up';
    if (!isTold || intended === undefined || !isMade.has(String(outcome ?? state))) continue;
    made.push(intended);
    intended = undefined;
  }
  return made;
}

/** `ends`: what becomes of the incident. Where what was done does not help, it is put back. */
const all = [
  { runbook: 'latency', scenario: 'memory-pressure', ends: { exitCode: 5, verdict: 'failed' } },
  { runbook: 'latency', scenario: 'bad-deploy', ends: { exitCode: 0, verdict: 'ok' } },
  { runbook: 'database-unavailable', scenario: 'writer-unreachable', speed: 12, ends: { exitCode: 0, verdict: 'ok' } },
  { runbook: 'crash-loop', scenario: 'crash-loop', speed: 20, ends: { exitCode: 0, verdict: 'ok' } },
];
const stories = inTier({ all, some: all.filter(({ scenario }) => scenario === 'writer-unreachable') });

/** A story with its deaths, and without any. */
function playBoth({ runbook, scenario, ends, speed = usualSpeed }: (typeof stories)[number], story: number) {
  return [kills, 0].map(async (deaths, twin) => {
    // All at once they would only wait for each other.
    await pause(twin * 1_500);
    const stage = await serve(scenario, speed);
    const tale = await live(stage, runbook, deaths, seeded(seed + story));
    const told = tale.verdict === ends.verdict ? '' : ` ${JSON.stringify(tale.why)}`;
    process.stdout.write(`${scenario}: ${String(tale.verdict)}, killed ${tale.moments.join(', ')}${told}\n`);
    return { scenario, ends, deaths, stage, tale, after: await standing(stage, scenario) };
  });
}

describe.skipIf(!hasAws && process.env['CI'] === undefined)('runs that are killed', () => {
  test(`end as if they had not been, after ${kills * stories.length} kills`, async () => {
    process.stdout.write(`kills at random moments, KILL_SEED=${seed}\n`);
    const played = [];
    // A story and its undisturbed twin at a time: with more, a search of the log takes longer than nanoops waits for it.
    for (const [index, story] of stories.entries()) played.push(...(await Promise.all(playBoth(story, index))));
    expect(played.reduce((sum, { tale }) => sum + tale.moments.length, 0)).toBe(kills * stories.length);
    for (const { scenario, ends, deaths, stage, tale, after } of played) {
      const calm = played.find((each) => each.scenario === scenario && each.deaths === 0);
      expect(tale).toMatchObject({ ...ends, stderr: '' });
      expect(after).toEqual(calm?.after);
      const changes = await changesOf(stage, tale.runId);
      expect(changes.length).toBeGreaterThan(0);
      expect(changes).toEqual([...new Set(changes)]);
      expect(changes).toEqual(calm && (await changesOf(calm.stage, calm.tale.runId)));
      expect(await stage.runIds()).toEqual([tale.runId]);
      if (deaths === 0) continue;
      expect(await stage.run('runs', 'verify', tale.runId)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse((await stage.run('locks', 'list', '--json')).stdout).items).toEqual([]);
    }
  }, 900_000);
});

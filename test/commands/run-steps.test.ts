/** A run that is carried out step by step, each by a process of its own: it comes to the same as one that is carried out as a whole. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runStepDocument } from '../../src/report/schemas.ts';
import { findRunbook, listRunbooks, scenariosOf } from '../../src/use-cases/runbooks.ts';
import { machineOf } from '../support/state-machines.ts';
import { inTier } from '../support/tier.ts';
import { at, errorOf, newFolder, operator, runOf, type Operator } from './operator.ts';

const examples = resolve(import.meta.dirname, '../../examples');

interface Trial {
  readonly runbook: string;
  readonly scenario: string;
  /** What agrees to every question, data loss too. */
  readonly answers: string;
  /** Where the runbook is looked for. */
  readonly config: string;
}

const ownTrial: Trial = {
  runbook: 'replace-tasks',
  scenario: 'healthy',
  answers: '--yes',
  config: ` -c ${join(examples, 'nanoops.yaml')}`,
};

const builtInTrials = listRunbooks().items.flatMap(({ id }) =>
  scenariosOf(findRunbook(id)).map((scenario): Trial => {
    const asking = findRunbook(id).steps.filter(({ kind }) => kind === 'approve' || kind === 'manual');
    const named = asking.map((step) => ` --approve ${step.id}`).join('');
    return { runbook: id, scenario, answers: `--yes --accept-loss 1h${named}`, config: '' };
  }),
);

type Run = ReturnType<typeof runOf>;

const runIdOf = ({ runbook }: Trial): string => `20261127T090000Z-${runbook}-1`;

/** The commands of the runbook's state machine in their order, without what comes after `nanoops`. */
async function commandsOf(trial: Trial): Promise<readonly string[]> {
  const { way } = await machineOf(trial.runbook, [], { cwd: examples });
  return way.flatMap(({ command }) =>
    command === undefined ? [] : [command.map((word) => (word === '$.run.id' ? runIdOf(trial) : word)).join(' ')],
  );
}

/** Types them, one after another; gives what the last one that was typed came to. `until`: the step before which it stops. */
async function walk(ana: Operator, trial: Trial, until?: string) {
  for (const command of await commandsOf(trial)) {
    const isStart = command.startsWith('runs start');
    if (until !== undefined && command.endsWith(` ${until}`)) return undefined;
    const more = isStart ? `--sandbox ${trial.scenario}` : trial.answers;
    const { exitCode, stdout } = await ana.type(`${command} ${more}${trial.config} --json`);
    const document = JSON.parse(stdout);
    if (document.schema === 'nanoops/run@1') return runOf({ exitCode, stdout, stderr: '' });
    expect([exitCode, runStepDocument.parse(document).repeated]).toEqual([0, false]);
  }
  throw new Error(`the run of ${trial.runbook} has no end`);
}

/**
 * What a run came to, without times and their order: one process does side by side what many do one after another. `left`: the
 * steps that it has nothing to say about.
 */
function cameTo({ verdict, exitCode, steps, mutations, causes, objectives, notes }: Run, left: ReadonlySet<string>) {
  return {
    verdict,
    exitCode,
    steps: steps.flatMap(({ id, status }) => (left.has(id) ? [] : [`${id} ${status}`])).toSorted(),
    mutations: mutations
      .flatMap(({ stepId, operation, status }) => (left.has(stepId) ? [] : [`${stepId} ${operation} ${status}`]))
      .toSorted(),
    causes: causes.map(({ rank, component, cause }) => `${rank} ${cause} on ${component}`),
    met: [objectives?.rto.met, objectives?.rpo.met],
    notes: notes?.length,
  };
}

/** The steps that a run never came to, since another one failed: one process may have begun them beside that. */
function notReached({ verdict, steps }: Run): ReadonlySet<string> {
  return new Set(verdict === 'failed' ? steps.flatMap(({ id, status }) => (status === 'blocked' ? [id] : [])) : []);
}

test.each(inTier({ all: [ownTrial, ...builtInTrials], some: [ownTrial] }))(
  '$runbook in $scenario comes to what a run in one process comes to',
  async (trial) => {
    const [ana, ben] = [await operator(), await operator()];
    const run = await walk(ana, trial);
    if (run === undefined) throw new Error('it has no end');
    const words = `runbook run ${trial.runbook} --sandbox ${trial.scenario} ${trial.answers}${trial.config} --json`;
    const left = notReached(run);
    expect(cameTo(run, left)).toEqual(cameTo(runOf(await ben.type(words)), left));
  },
  600_000,
);

describe('before a step that acts', () => {
  const { config } = ownTrial;
  const runId = runIdOf(ownTrial);
  let ready: Operator;
  // Everybody works on a copy of it.
  beforeAll(async () => {
    // Those of "operator" are gone after each test.
    ready = at(await mkdtemp(join(tmpdir(), 'nanoops-steps-')));
    await walk(ready, ownTrial, 'approve-replace');
  });
  afterAll(() => rm(ready.home, { recursive: true }));

  const step = async (ana: Operator, id: string, more = '') => {
    const ended = await ana.type(`runs step ${runId} ${id}${more}${config} --json`);
    return { ...ended, document: JSON.parse(ended.stdout) };
  };

  test('a step that has ended is not done again, and says so', async () => {
    const ana = ready.copy();
    const before = (await ana.records(runId)).length;
    const { exitCode, document } = await step(ana, 'service');
    expect([exitCode, document.repeated, document.step.status]).toEqual([0, true, 'succeeded']);
    expect(document.left[0]).toBe('approve-replace');
    const human = await ana.type(`runs step ${runId} service${config}`);
    expect(human.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /^"service" ended before: succeeded \(.*\)\. Nothing was done again\. 5 steps left\. next: nanoops runs step /,
    );
    const begun = await ana.type(`runs start replace-tasks --id ${runId} --sandbox${config} --json`);
    expect([begun.exitCode, JSON.parse(begun.stdout).repeated]).toEqual([0, true]);
    expect(await ana.records(runId)).toHaveLength(before);
    const [listed] = JSON.parse((await ana.type('runs list --json')).stdout).items;
    expect([listed.id, listed.status, listed.summary]).toEqual([
      runId,
      'unfinished',
      'its next step, "approve-replace"',
    ]);
  });

  test('what is not its turn, not there, or not meant is refused, and nothing is written', async () => {
    const ana = ready.copy();
    const before = (await ana.records(runId)).length;
    const refused = async (line: string) => {
      const ended = await ana.type(`${line}${config} --json`);
      return [ended.exitCode, errorOf(ended).code];
    };
    expect(await refused(`runs step ${runId} replaced`)).toEqual([2, 'StepNotReady']);
    expect(await refused(`runs step ${runId} replce`)).toEqual([2, 'UnknownStep']);
    expect(await refused(`runs step ${runId}x service`)).toEqual([2, 'UnknownRun']);
    expect(await refused(`runs step ${runId} approve-replace --dry-run`)).toEqual([2, 'FlagWithoutMeaning']);
    expect(await refused(`runs step ${runId} approve-replace --approve nobody`)).toEqual([2, 'UnknownApproval']);
    expect(await refused('runs start replace-tasks --sandbox --dry-run')).toEqual([2, 'FlagWithoutMeaning']);
    expect(await refused('runs start replace-tasks --sandbox --yes')).toEqual([2, 'FlagWithoutMeaning']);
    expect(await refused('runs start replace-tasks --sandbox --mode failover')).toEqual([2, 'FlagWithoutMeaning']);
    expect(await refused('runs start replace-tasks --sandbox --id weekly')).toEqual([2, 'InvalidRunId']);
    expect(
      await refused(`runs start replace-tasks --sandbox --id ${runId.replace('replace-tasks', 'latency')}`),
    ).toEqual([2, 'InvalidRunId']);
    expect(await ana.records(runId)).toHaveLength(before);
  });

  test('a run of another kind is not carried out step by step', async () => {
    const ana = ready.copy();
    const whole = runOf(await ana.type(`runbook run replace-tasks --sandbox --no-input${config} --json`));
    const ended = await ana.type(`runs step ${whole.runId} service${config} --json`);
    expect([ended.exitCode, errorOf(ended).code]).toEqual([2, 'NotStepwise']);
    const dry = runOf(await ana.type(`runbook run replace-tasks --sandbox --dry-run${config} --json`));
    const acted = await ana.type(`runs step ${dry.runId} replace --yes${config} --json`);
    expect([acted.exitCode, errorOf(acted).code]).toEqual([2, 'NothingToResume']);
  });

  test('without an answer it waits with 4, and the same command with one goes on; other runs may, too', async () => {
    const ana = ready.copy();
    const asked = await step(ana, 'approve-replace');
    expect([asked.exitCode, asked.document.verdict]).toEqual([4, 'awaiting-approval']);
    const [next = ''] = asked.document.suspended.nextSteps;
    // The step, and not all that comes after it: that is for whoever started the others.
    expect(next).toMatch(
      new RegExp(`^nanoops runs step ${runId} approve-replace --approve approve-replace@[0-9a-f]{12}$`),
    );
    const agreed = await step(ana, 'approve-replace', next.replace(/.*(?= --approve)/, ''));
    expect([agreed.exitCode, agreed.document.step.status]).toEqual([0, 'succeeded']);
    // A step cannot be made to act by what was agreed to for another plan.
    const resumed = runOf(await ana.type(`runs resume ${runId}${config} --json`));
    expect([resumed.verdict, resumed.mutations.map(({ status }) => status)]).toEqual(['ok', ['applied']]);
    const again = await step(ana, 'service');
    expect([again.exitCode, again.document.schema]).toEqual([0, 'nanoops/run@1']);
  });

  test('a step that was killed in the middle of its change asks reality, and makes it once', async () => {
    const ana = ready.copy();
    await step(ana, 'approve-replace', ' --yes');
    const dead: { intended?: Operator; answered?: Operator } = {};
    await ana.type(`runs step ${runId} replace${config} -o ndjson`, {
      onStdout: (text) => {
        if (text.includes('"change.intended"')) dead.intended ??= ana.copy();
        if (text.includes('"change.answered"')) dead.answered ??= ana.copy();
      },
    });
    for (const left of [dead.intended, dead.answered]) {
      if (left === undefined) throw new Error('the change was not seen');
      // Its process is this one, which is not gone: the lease is taken away, as it would run out.
      await rm(join(left.journalPath(runId), '..', 'leases'), { recursive: true });
      const { exitCode, document } = await step(left, 'replace');
      expect([exitCode, document.step.status, document.repeated]).toEqual([0, 'succeeded', false]);
      const applied = (await left.records(runId)).filter(
        ({ event }) => event.type === 'change.answered' && event.outcome === 'applied',
      );
      expect(applied.length).toBeLessThanOrEqual(1);
      expect((await step(left, 'replaced')).exitCode).toBe(0);
      const { mutations } = JSON.parse((await left.type(`runs show ${runId} --json`)).stdout);
      expect(mutations.map((each: { status: string }) => each.status)).toEqual(['applied']);
    }
  });

  test('while somebody is at it, another is refused, or told that it is over, and leaves journal and world as they are', async () => {
    const ana = ready.copy();
    const others: Promise<unknown>[] = [];
    const first = await ana.type(`runs step ${runId} approve-replace --yes${config} -o ndjson`, {
      onStdout: (text) => {
        if (!text.includes('"step.started"')) return;
        // Whoever was at it may have been quicker.
        const told = step(ana, 'approve-replace', ' --yes').then((ended) =>
          ended.exitCode === 6 ? errorOf(ended).code : ended.document.repeated,
        );
        others.push(told);
      },
    });
    expect(first.exitCode).toBe(0);
    expect(others).toHaveLength(1);
    expect(['RunUnderWay', true]).toContain(await others[0]);
    const acted = await step(ana, 'replace');
    expect([acted.exitCode, acted.document.step.status]).toEqual([0, 'succeeded']);
  });
});

describe('in a container of ECS, whose disk goes away with its task', () => {
  const inTask = { ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/5f0c' };
  const gone =
    /runs are kept in files of this container .* state: \{ dynamodb: \{ table: nanoops, region: us-west-2 \} \}/;
  const stack = 'service: shop\nregions: { primary: us-west-2 }\n';
  // Nothing answers there.
  const nowhere = '--endpoint-url http://127.0.0.1:9';
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

  test.each([
    ['runs start latency', stack, true],
    ['diagnose latency --fix', stack, true],
    ['diagnose latency', stack, false],
    ['runs start latency', `${stack}state: { dynamodb: { table: nanoops, region: us-west-2 } }\n`, false],
  ])('"%s" says whether others can go on with it', async (line, config, isGone) => {
    const ana = await operator();
    const cwd = await newFolder();
    await writeFile(join(cwd, 'nanoops.yaml'), config);
    const inside = await ana.type(`${line} ${nowhere}`, { cwd, env: { ...credentials, ...inTask } });
    expect([inside.exitCode, gone.test(inside.stderr)]).toEqual([3, isGone]);
    const outside = await ana.type(`${line} ${nowhere}`, { cwd, env: credentials });
    expect([outside.exitCode, gone.test(outside.stderr)]).toEqual([3, false]);
  });

  test('a step whose run is not there says why that may be', async () => {
    const ana = await operator();
    const cwd = await newFolder();
    await writeFile(join(cwd, 'nanoops.yaml'), stack);
    const step = async (env: Readonly<Record<string, string>>) => {
      const ended = await ana.type('runs step 20261127T090000Z-latency-1 api-traffic --json', { cwd, env });
      return [ended.exitCode, errorOf(ended).code, errorOf(ended).details];
    };
    const looked = expect.stringContaining('a run that only looked keeps no journal');
    expect(await step(inTask)).toEqual([2, 'UnknownRun', [expect.stringMatching(gone), looked]]);
    expect(await step({})).toEqual([2, 'UnknownRun', [looked]]);
  });
});

/**
 * Steps of a run as a state machine starts them: each in a process of its own, on a simulated AWS in another one, with nothing between
 * them but the journal. One is killed and started again, and one is started twice at once.
 */
import { afterEach, expect, test } from 'vitest';
import { Served, until } from './served.ts';

const served: Served[] = [];
afterEach(async () => {
  await Promise.all(served.splice(0).map((each) => each.close()));
});

const looks = ['stopped-tasks', 'service-state', 'deployments', 'error-lines', 'targets', 'service-utilisation'];
const concludes = ['symptom', 'diagnosis', 'advice', 'escalation', 'plan-roll-back'];
const runId = '20261127T090000Z-crash-loop-e2e';

test('a step that was killed is taken up by the same command, and of two at once only one acts', async () => {
  const stage = await Served.start('crash-loop', 30);
  served.push(stage);
  const reached = ['-c', stage.config, '--endpoint-url', stage.url];
  const step = (id: string, ...more: string[]) => stage.run('runs', 'step', runId, id, ...more, '--json');
  const begun = await stage.run('runs', 'start', 'crash-loop', '--id', runId, ...reached, '--json');
  expect([begun.exitCode, JSON.parse(begun.stdout).left]).toEqual([0, expect.arrayContaining(looks)]);

  // Where the address is not typed, nothing goes to what is not AWS; on this machine it is known from the journal.
  for (const id of [...looks, ...concludes, 'page']) {
    const ended = await step(id);
    expect([ended.exitCode, JSON.parse(ended.stdout).step?.id]).toEqual([0, id]);
  }
  const asked = await step('approve-roll-back');
  expect([asked.exitCode, JSON.parse(asked.stdout).verdict]).toEqual([4, 'awaiting-approval']);
  expect((await step('approve-roll-back', '--yes')).exitCode).toBe(0);

  const killed = stage.start('runs', 'step', runId, 'roll-back');
  await until(
    async () => (await stage.journal(runId)).find(({ type }) => type === 'change.intended'),
    'the intent of the change',
  );
  killed.child.kill('SIGKILL');
  await killed.ended;

  const both = await Promise.all([step('roll-back'), step('roll-back')]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(new Set(both.map(({ stdout }) => JSON.parse(stdout).repeated))).toEqual(new Set([false, true]));
  for (const id of ['rolled-back', 'no-crashes', 'tell-outcome']) expect((await step(id)).exitCode).toBe(0);
  const last = await step('conclusion');
  expect([last.exitCode, JSON.parse(last.stdout)]).toEqual([
    0,
    expect.objectContaining({
      verdict: 'ok',
      mutations: [expect.objectContaining({ stepId: 'roll-back', status: 'applied' })],
    }),
  ]);
  const applied = (await stage.journal(runId)).filter(
    ({ type, outcome }) => type === 'change.answered' && outcome === 'applied',
  );
  expect(applied.length).toBeLessThanOrEqual(1);
  // Whoever asks once more is told how the run ended.
  const again = await step('roll-back');
  expect([again.exitCode, JSON.parse(again.stdout).verdict]).toEqual([0, 'ok']);
});

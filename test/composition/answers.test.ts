/** What flags answer to a run's questions, and what they do not. */
import { describe, expect, test } from 'vitest';
import { answersOf, createApprover } from '../../src/composition/answers.ts';
import type { StackFlags } from '../../src/commands/flags.ts';
import { parseDuration } from '../../src/config/durations.ts';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import type { Change } from '../../src/engine/change.ts';
import { NanoopsError } from '../../src/errors.ts';

const hash = '4f2c1e108453';

function change(risk: Change['risk'], lossMs?: number): Change {
  return {
    operation: 'rds:FailoverGlobalCluster',
    region: 'us-west-2',
    resource: 'nano-global',
    summary: 'fail over',
    before: {},
    after: {},
    risk,
    blastRadius: 'everybody',
    input: {},
    ...(lossMs === undefined ? {} : { lossMs }),
  };
}

function question(changes: readonly Change[], more: Partial<AskedQuestion> = {}): AskedQuestion {
  return {
    kind: 'approve',
    runId: 'run-1',
    stepId: 'approve-failover',
    title: 'Agree',
    question: 'Go on?',
    facts: [],
    changes,
    hash,
    resume: 'nanoops runs resume run-1',
    ...more,
  };
}

function ask(flags: StackFlags, asked: AskedQuestion, person?: Answer): Promise<Answer> {
  const approver = createApprover({
    answers: answersOf(flags, parseDuration),
    by: 'ana',
    ...(person === undefined ? {} : { person: () => Promise.resolve({ ask: () => Promise.resolve(person) }) }),
  });
  return approver.ask(asked, new AbortController().signal);
}

const reversible = question([change('reversible')]);
const losing = question([change('reversible'), change('data-loss', 30_500)]);
const losingUnknown = question([change('data-loss', 10), change('data-loss')]);
const manual = question([], { kind: 'manual', stepId: 'do-it' });
const runbook = question([], { stepId: 'runbook', hash: 'f'.repeat(64) });
const grave = question([], { stepId: 'approve-outage', isGrave: true });
const flag = { kind: 'given', by: 'ana', how: 'flag' } as const;
const yes = { kind: 'given', by: 'ana', how: 'yes' } as const;

describe('given', () => {
  test.each<[string, StackFlags, AskedQuestion, Answer]>([
    ['--approve of the step', { approve: ['approve-failover'] }, reversible, flag],
    ['with the hash', { approve: [`approve-failover@${hash}`] }, reversible, flag],
    ['with the first digits of the hash', { approve: ['approve-failover@4f2c1e'] }, reversible, flag],
    ['the same twice', { approve: [`approve-failover@${hash}`, `approve-failover@${hash}`] }, reversible, flag],
    ['--yes', { yes: true }, reversible, yes],
    ['--yes to what cannot be put back', { yes: true }, question([change('irreversible')]), yes],
    ['--accept-loss of enough', { approve: ['approve-failover'], acceptLoss: '31s' }, losing, flag],
    ['--accept-loss of exactly as much', { approve: ['approve-failover'], acceptLoss: '30500ms' }, losing, flag],
    ['--approve of a manual step', { approve: ['do-it'] }, manual, flag],
    ['--approve of a real outage', { approve: ['approve-outage'] }, grave, flag],
    ['--approve of a changed runbook', { approve: ['runbook@ffffffff'] }, runbook, flag],
  ])('%s', async (_name, flags, asked, answer) => {
    expect(await ask(flags, asked)).toEqual(answer);
  });
});

describe('not given', () => {
  const approve = ['approve-failover'];
  test.each<[string, StackFlags, AskedQuestion, string, string]>([
    ['nothing', {}, reversible, 'nobody to ask', ` --approve approve-failover@${hash}`],
    ['another hash', { approve: ['approve-failover@000000'] }, reversible, '000000 then', `approve-failover@${hash}`],
    ['another hash, and --yes', { yes: true, approve: ['approve-failover@000000'] }, reversible, '000000 then', hash],
    ['another step', { approve: ['other'] }, reversible, 'nobody to ask', hash],
    [
      '--yes to a loss',
      { yes: true },
      losing,
      'may lose data, which --yes never agrees to, and there is nobody',
      '--accept-loss 31s',
    ],
    [
      '--yes and --accept-loss',
      { yes: true, acceptLoss: '1h' },
      losing,
      'which --yes never agrees to',
      '--accept-loss 31s',
    ],
    ['a loss that is not accepted', { approve }, losing, '--accept-loss', '--accept-loss 31s'],
    ['a loss that is larger', { approve, acceptLoss: '30s' }, losing, '30500 ms of writes, more than the 30 s', '31s'],
    ['a loss that nobody knows', { approve, acceptLoss: '1d' }, losingUnknown, 'unknown', 'nanoops runs resume run-1'],
    ['--yes to a real outage', { yes: true }, grave, 'by its name, which --yes is not', '--approve approve-outage@'],
    ['--yes to a manual step', { yes: true }, manual, 'somebody to do it', '--approve do-it@'],
    ['--yes to a changed runbook', { yes: true }, runbook, 'by its name, which --yes is not', '--approve runbook@'],
  ])('%s', async (_name, flags, asked, reason, next) => {
    const answer = await ask(flags, asked);
    if (answer.kind !== 'absent') throw new TypeError(`it was ${answer.kind}`);
    expect(answer.reason).toContain(reason);
    expect(answer.nextSteps).toEqual([expect.stringContaining(next)]);
  });

  test('no flag is told that could not answer', async () => {
    const answer = await ask({ approve, acceptLoss: '1d' }, losingUnknown);
    expect(answer).toMatchObject({ nextSteps: ['nanoops runs resume run-1'] });
  });
});

describe('a person', () => {
  const declined = { kind: 'declined', by: 'ana' } as const;
  test('is asked where flags say nothing, and only there', async () => {
    expect(await ask({}, reversible, declined)).toEqual(declined);
    expect(await ask({ yes: true }, losing, declined)).toEqual(declined);
    expect(await ask({ yes: true }, reversible, declined)).toEqual(yes);
    expect(await ask({ approve: ['approve-failover@000000'] }, reversible, declined)).toMatchObject({ kind: 'absent' });
  });
});

test.each([
  ['', 'no step'],
  ['UPPER', 'no step'],
  ['a@', 'no step'],
  ['a@12345', 'no step'],
  ['a@xyzxyz', 'no step'],
  ['a b', 'no step'],
  ['a@123456@123456', 'no step'],
])('--approve %j is refused', (text, problem) => {
  const refused = () => answersOf({ approve: [text] }, parseDuration);
  expect(refused).toThrow(NanoopsError);
  expect(refused).toThrow(problem);
});

test('--approve for two plans of one step is refused', () => {
  expect(() => answersOf({ approve: ['a@aaaaaa', 'a@bbbbbb'] }, parseDuration)).toThrow('twice');
  expect(() => answersOf({ approve: ['a@aaaaaa', 'a'] }, parseDuration)).toThrow('twice');
});

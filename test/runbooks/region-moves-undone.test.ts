/**
 * Moves between regions that stop half-way: what is put back, what stays and is told, what a run that is taken up again
 * still knows, and that two of them keep out of each other's way. All on the simulated AWS.
 */
import { describe, expect, test } from 'vitest';
import { openAws } from '../../src/aws/open-aws.ts';
import { createTheatre, type TheatreParts } from '../../src/composition/theatre.ts';
import type { Answer, AskedQuestion } from '../../src/engine/approval.ts';
import { changesOf } from '../../src/engine/runbook.ts';
import { runHtml } from '../../src/report/html/run-html.ts';
import { runMarkdown } from '../../src/report/run-markdown.ts';
import type { RunDocument } from '../../src/report/schemas.ts';
import type { AnyRunbook } from '../../src/runbooks/kit.ts';
import { sandboxStartMs } from '../../src/sandbox/sandbox.ts';
import { summaryLines } from '../../src/terminal/run-summary.ts';
import { moveOfRunbook } from '../../src/use-cases/moves.ts';
import { resumeRun, runRunbook } from '../../src/use-cases/run-runbook.ts';
import { findRunbook } from '../../src/use-cases/runbooks.ts';
import type { Session } from '../../src/use-cases/session.ts';
import { type Mishap, type Stage, type Theatre } from '../../src/use-cases/survival.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const failover = findRunbook('region-failover');
const drill = findRunbook('region-drill');

function theatreFor(runbook: AnyRunbook, parts: Pick<TheatreParts, 'overlay' | 'faults'> = {}): Theatre {
  return createTheatre({
    openAws,
    changes: changesOf(runbook.steps),
    seed: 1,
    signal: new AbortController().signal,
    ...parts,
  });
}

function answering({ session }: Stage, answer: (question: AskedQuestion) => Answer): Session {
  const { acting } = session;
  if (acting === undefined) throw new TypeError('a stage acts');
  return {
    ...session,
    acting: { ...acting, approver: () => ({ ask: (question) => Promise.resolve(answer(question)) }) },
  };
}

const yes = (): Answer => ({ kind: 'given', by: 'ana', how: 'flag' });
const nobody = ({ stepId }: AskedQuestion): Answer => ({
  kind: 'absent',
  reason: `"${stepId}" needs an approval, and there is nobody to ask`,
  nextSteps: [],
});

type Mode = 'switchover' | 'failover';

const begun = (stage: Stage, runbook: AnyRunbook, answer: (question: AskedQuestion) => Answer = yes, mode?: Mode) => {
  const move = moveOfRunbook(runbook.id);
  if (move === undefined) throw new TypeError(`"${runbook.id}" moves nothing`);
  const wanted = mode === undefined ? move : { ...move, mode };
  return runRunbook(answering(stage, answer), { runbook, mode: 'execute', move: wanted });
};

async function goneOnWith(
  stage: Stage,
  runbook: AnyRunbook,
  purpose: 'continue' | 'abort' = 'continue',
): Promise<RunDocument> {
  const [runId = ''] = await stage.runIds();
  const { records } = await stage.readJournal(runId);
  return resumeRun(stage.session, { runbook, records, purpose });
}

const step = (document: RunDocument, id: string) => document.steps.find((each) => each.id === id);
const statusOf = (document: RunDocument, operation: string) =>
  document.mutations.find((each) => each.operation === operation)?.status;

/** A stage whose process is interrupted as soon as a step has ended. */
async function stoppedAfter(
  theatre: Theatre,
  runbook: AnyRunbook,
  scenario: string,
  stepId: string,
  mode?: Mode,
): Promise<Stage> {
  const whole = theatre.record(scenario);
  const { runId } = await begun(whole.stage, runbook, yes, mode);
  const { records } = await whole.stage.readJournal(runId);
  whole.stage.close();
  const record = records.find(({ event }) => event.type === 'step.finished' && event.stepId === stepId)?.event.seq;
  if (record === undefined) throw new TypeError(`step "${stepId}" did not end`);
  const mishap: Mishap = { kind: 'interrupted', record };
  const stage = theatre.disturbed(scenario, mishap);
  const document = await begun(stage, runbook, yes, mode);
  expect(document.verdict).toBe('interrupted');
  return stage;
}

describe('a failover that waited for its yes', () => {
  test.each([
    ['at once', 5_000, true],
    ['three hours later', 3 * hourMs, false],
  ] as const)('counts from the outage when it goes on %s', async (_when, afterMs, met) => {
    const theatre = theatreFor(failover);
    const first = theatre.record('region-down').stage;
    const waiting = await begun(first, failover, nobody);
    expect(waiting).toMatchObject({ verdict: 'awaiting-approval', exitCode: 4, mutations: [] });
    expect(waiting.notes?.join(' ') ?? '').not.toMatch(/was not seen|makes its old cluster a secondary/);

    const later = theatre.again(first, afterMs);
    const document = await goneOnWith(later, failover);
    expect(document.recovery?.outageAt).toBe(waiting.recovery?.outageAt);
    expect(document.recovery?.decideBy).toBe(waiting.recovery?.decideBy);
    const { rto } = document.objectives ?? {};
    expect(rto?.met).toBe(met);
    expect(rto?.phases.detect).toBe(waiting.objectives?.rto.phases.detect);
    expect(rto?.phases.decide).toBeGreaterThanOrEqual(afterMs);
    expect(rto?.measuredMs).toBeGreaterThan(afterMs);
    // How far the copy was behind when the outage began is still what may be lost.
    expect(document.objectives?.rpo.predictedMs).toBe(waiting.objectives?.rpo.predictedMs);
    expect(document.objectives?.rpo.stores.find(({ store }) => store === 'database')?.basis).toContain('heartbeats');
  });

  test('needs no second yes to the same plan', async () => {
    const theatre = theatreFor(failover);
    const stage = await stoppedAfter(theatre, failover, 'region-down', 'approve-failover');
    const later = theatre.again(stage, 10 * minuteMs);
    const [runId = ''] = await later.runIds();
    const { records } = await later.readJournal(runId);
    const session = answering(later, nobody);
    const document = await resumeRun(session, { runbook: failover, records, purpose: 'continue' });
    expect(document).toMatchObject({ verdict: 'attention', objectives: { rto: { met: true }, rpo: { met: true } } });
    expect(step(document, 'approve-failover')?.detail).toContain('before, for this very plan');
  });
});

const alarm = 'nano-api-cpu';
const ringingAfter = (afterMs: number): NonNullable<TheatreParts['faults']> => [
  { effect: 'alarm', name: alarm, from: sandboxStartMs + afterMs, rampMs: 0 },
];
const stopping = {
  drill: { consistency: [{ exec: ['./recovery/compare.sh'] }], stopAlarms: [alarm] },
};

describe('a drill that waits for a yes', () => {
  test('to the move says nothing of a way back, since nothing has moved', async () => {
    const { stage } = theatreFor(drill).record('healthy');
    const document = await begun(stage, drill, nobody);
    expect(document).toMatchObject({ verdict: 'awaiting-approval', mutations: [] });
    expect(document.recovery?.mode).toBe('switchover');
    expect(document.notes?.join(' ') ?? '').not.toContain('way back');
    expect((document.nextSteps ?? []).join(' ')).not.toContain('failback');
    stage.close();
  }, 180_000);

  test('to a real outage asks for one that is no blanket yes, and breaks nothing', async () => {
    const overlay = { drill: { ...stopping.drill, injectOutage: { exec: ['./break.sh'] } } };
    const { stage } = theatreFor(drill, { overlay }).record('healthy');
    const asked: AskedQuestion[] = [];
    const document = await begun(stage, drill, (question) => {
      asked.push(question);
      return nobody(question);
    });
    expect(document).toMatchObject({ verdict: 'awaiting-approval', mutations: [] });
    expect(asked).toMatchObject([{ stepId: 'approve-outage', isGrave: true }]);
    expect(step(document, 'inject-outage')?.status).not.toBe('succeeded');
    stage.close();
  }, 180_000);
});

describe('a move that goes on days later', () => {
  const holidays = { from: '2026-11-25', to: '2026-11-27', reason: 'the holidays' };
  const hold = { holdAfterFailover: '2h', timeZone: 'UTC' };

  test('is not begun on a day without drills', async () => {
    const overlay = { drill: { ...stopping.drill, ...hold, blackouts: [holidays] } };
    const theatre = theatreFor(drill, { overlay });
    const first = theatre.record('healthy').stage;
    expect(await begun(first, drill, nobody)).toMatchObject({ verdict: 'awaiting-approval' });
    const later = theatre.again(first, 3 * 24 * hourMs);
    const document = await goneOnWith(later, drill);
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1, mutations: [] });
    expect(document.notes?.join(' ')).toContain('no drill is held today: the holidays');
    later.close();
  }, 180_000);
});

describe('a drill whose stop alarm rings', () => {
  test.each([
    ['once traffic was moved', 4 * minuteMs],
    ['in the midst of the switchover', minuteMs],
  ])(
    '%s halts, puts back what it changed, and names the alarm',
    async (_when, afterMs) => {
      const theatre = theatreFor(drill, { faults: ringingAfter(afterMs), overlay: stopping });
      const { stage } = theatre.record('healthy');
      const before = stage.standing();
      const document = await begun(stage, drill);
      expect(document).toMatchObject({ verdict: 'failed', exitCode: 5 });
      expect(JSON.stringify(document)).toContain(`the alarm ${alarm} in us-west-2 is ringing`);
      const after = stage.standing();
      expect(after.writers).toEqual(before.writers);
      expect(after.global.members).toEqual(before.global.members);
      expect(after.traffic).toEqual(before.traffic);
      expect(after.regions.map(({ min }) => min)).toEqual(before.regions.map(({ min }) => min));
      expect(statusOf(document, 'rds:SwitchoverGlobalCluster')).toBe('reverted');
      expect(statusOf(document, 'application-autoscaling:RegisterScalableTarget')).toBe('reverted');
      expect(await stage.leasesHeld()).toBe(0);
      stage.close();
    },
    60_000,
  );
});

describe('a drill that was to break something', () => {
  const breaking = {
    drill: { ...stopping.drill, injectOutage: { exec: ['./break'] }, endOutage: { exec: ['./mend'] } },
  };
  const moments = ({ steps }: RunDocument, id: string) => steps.find((each) => each.id === id)?.startedAt ?? '';

  test('mends it before the way back', async () => {
    const { stage } = theatreFor(drill, { overlay: breaking }).record('healthy');
    const document = await begun(stage, drill);
    expect(document.verdict).toBe('ok');
    expect(step(document, 'end-outage')?.status).toBe('succeeded');
    expect(moments(document, 'end-outage') <= moments(document, 'failback-detect')).toBe(true);
    stage.close();
  }, 180_000);

  test('mends it also where an alarm rings, and before anything is put back', async () => {
    const theatre = theatreFor(drill, { faults: ringingAfter(4 * minuteMs), overlay: breaking });
    const { stage } = theatre.record('healthy');
    const document = await begun(stage, drill);
    expect(document).toMatchObject({ verdict: 'failed', exitCode: 5 });
    expect(step(document, 'end-outage')?.status).toBe('succeeded');
    const [runId = ''] = await stage.runIds();
    const events = (await stage.readJournal(runId)).records.map(({ event }) => event);
    const mended = events.findIndex((event) => event.type === 'step.finished' && event.stepId === 'end-outage');
    expect(mended).toBeGreaterThan(-1);
    expect(mended).toBeLessThan(events.findIndex(({ type }) => type === 'run.undoing'));
    expect(stage.standing().writers).toEqual(['primary']);
    expect(document.notes?.join(' ')).not.toContain('was not mended');
    stage.close();
  }, 180_000);

  test('mends it where the run is aborted, before anything is put back', async () => {
    const theatre = theatreFor(drill, { overlay: breaking });
    const stage = await stoppedAfter(theatre, drill, 'healthy', 'executed');
    const later = theatre.again(stage);
    await goneOnWith(later, drill, 'abort');
    const [runId = ''] = await later.runIds();
    const events = (await later.readJournal(runId)).records.map(({ event }) => event);
    const mended = events.findIndex(
      (event) => event.type === 'step.finished' && event.stepId === 'end-outage' && event.status === 'succeeded',
    );
    expect(mended).toBeGreaterThan(-1);
    expect(mended).toBeLessThan(events.findIndex(({ type }) => type === 'run.undoing'));
    expect(later.standing().writers).toEqual(['primary']);
  }, 180_000);

  test('has nothing to mend where it is aborted before', async () => {
    const theatre = theatreFor(drill, { overlay: breaking });
    const first = theatre.record('healthy').stage;
    await begun(first, drill, nobody);
    const later = theatre.again(first);
    const document = await goneOnWith(later, drill, 'abort');
    expect(step(document, 'end-outage')?.status).not.toBe('succeeded');
  }, 180_000);

  test('mends it where nothing could be moved', async () => {
    const { stage } = theatreFor(drill, { overlay: breaking }).record('version-mismatch');
    const document = await begun(stage, drill);
    expect(document.recovery?.blockers).not.toEqual([]);
    expect(step(document, 'inject-outage')?.status).toBe('succeeded');
    expect(step(document, 'end-outage')?.status).toBe('succeeded');
    stage.close();
  }, 180_000);
});

describe('a drill that is stopped late', () => {
  test('on the way back moves nothing to and fro: what has come back stays where it is', async () => {
    const theatre = theatreFor(drill);
    const stage = await stoppedAfter(theatre, drill, 'healthy', 'failback-database-promoted');
    const before = stage.standing();
    expect(before.writers).toEqual(['primary']);
    const later = theatre.again(stage);
    const document = await goneOnWith(later, drill, 'abort');
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
    const after = later.standing();
    const switched = (calls: readonly unknown[]) => JSON.stringify(calls).split('SwitchoverGlobalCluster').length;
    expect(switched(after.calls)).toBe(switched(before.calls));
    expect(after.writers).toEqual(['primary']);
    expect(after.traffic).toEqual(theatreFor(drill).record('healthy').stage.standing().traffic);
    expect(after.regions.map(({ min }) => min)).toEqual([6, 2]);
  }, 180_000);

  test('once all of it has come home from a failover leaves it there', async () => {
    const theatre = theatreFor(drill);
    const stage = await stoppedAfter(theatre, drill, 'healthy', 'restore-standby', 'failover');
    const before = stage.standing();
    const later = theatre.again(stage);
    await goneOnWith(later, drill, 'abort');
    expect(later.standing().calls).toEqual(before.calls);
    expect(later.standing().writers).toEqual(['primary']);
    expect(later.standing().traffic).toEqual(theatreFor(drill).record('healthy').stage.standing().traffic);
  }, 180_000);

  test('on the way back from a failover leaves all of it where it is whole', async () => {
    const theatre = theatreFor(drill);
    const stage = await stoppedAfter(theatre, drill, 'healthy', 'failback-database-promoted', 'failover');
    const before = stage.standing();
    expect(before.writers).toEqual(['primary']);
    const later = theatre.again(stage);
    await goneOnWith(later, drill, 'abort');
    // What led there is not put back, so that the way back is: nobody is led to a database that is elsewhere.
    expect(later.standing().writers).toEqual(['recovery']);
    expect(later.standing().traffic).toEqual(before.traffic);
  }, 180_000);
});

describe('a fence', () => {
  const impaired: NonNullable<TheatreParts['faults']> = [
    { effect: 'region-impaired', region: 'primary', share: 0.2, from: sandboxStartMs - 10 * minuteMs, rampMs: 0 },
  ];
  const refused: NonNullable<TheatreParts['faults']> = [
    { effect: 'permission-denied', actions: ['rds:FailoverGlobalCluster'], from: sandboxStartMs, rampMs: 0 },
  ];

  test('is put back where the database could not change over', async () => {
    const { stage } = theatreFor(failover, { faults: [...impaired, ...refused] }).record('healthy');
    const before = stage.standing();
    const document = await begun(stage, failover);
    expect(document).toMatchObject({ verdict: 'failed', exitCode: 5, recovery: { splitBrain: 'excluded' } });
    expect(step(document, 'fence')?.status).toBe('rolled-back');
    expect(stage.standing().writers).toEqual(['primary']);
    expect(stage.standing().regions.map(({ desired }) => desired)[0]).toBe(before.regions[0]?.desired);
    stage.close();
  }, 180_000);

  test('stays where it did, and nothing starts what was stopped', async () => {
    const { stage } = theatreFor(failover, { faults: impaired }).record('healthy');
    const document = await begun(stage, failover);
    expect(document).toMatchObject({ verdict: 'ok', recovery: { mode: 'failover', splitBrain: 'excluded' } });
    expect(step(document, 'writers-stopped')?.status).toBe('succeeded');
    expect(stage.standing().regions.map(({ desired }) => desired)[0]).toBe(0);
    stage.close();
  }, 180_000);
});

/** In us-west-2 all is well, and in the recovery region no target answers: traffic must not stay there. */
const lame: NonNullable<TheatreParts['faults']> = [
  { effect: 'missing', what: 'target-health', region: 'recovery', from: sandboxStartMs + 3 * minuteMs, rampMs: 0 },
];

describe('a move that does not come out well', () => {
  test('as a switchover is put back, all of it', async () => {
    const { stage } = theatreFor(failover, { faults: lame }).record('healthy');
    const before = stage.standing();
    const document = await begun(stage, failover);
    expect(document).toMatchObject({ verdict: 'failed', exitCode: 5, recovery: { mode: 'switchover' } });
    const after = stage.standing();
    expect(after.writers).toEqual(before.writers);
    expect(after.traffic).toEqual(before.traffic);
    expect(after.regions.map(({ min }) => min)).toEqual(before.regions.map(({ min }) => min));
    stage.close();
  }, 180_000);

  test('as a failover stays, and says so', async () => {
    const { stage } = theatreFor(failover, { faults: lame }).record('region-down');
    const document = await begun(stage, failover);
    expect(document).toMatchObject({ verdict: 'failed', exitCode: 5, recovery: { mode: 'failover' } });
    expect(stage.standing().writers).toEqual(['recovery']);
    expect(document.mutations.map(({ status }) => status)).not.toContain('reverted');
    expect(statusOf(document, 'rds:FailoverGlobalCluster')).toBe('applied');
    expect(document.notes?.join('\n')).toContain('nothing of it is put back by itself');
    stage.close();
  }, 180_000);
});

describe('a move that is aborted', () => {
  test('half-way through a switchover is put back', async () => {
    const theatre = theatreFor(failover);
    const stage = await stoppedAfter(theatre, failover, 'healthy', 'database-promoted');
    expect(stage.standing().writers).toEqual(['recovery']);
    const later = theatre.again(stage);
    const document = await goneOnWith(later, failover, 'abort');
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
    expect(later.standing().writers).toEqual(['primary']);
    expect(statusOf(document, 'rds:SwitchoverGlobalCluster')).toBe('reverted');
    expect(await later.leasesHeld()).toBe(0);
  }, 180_000);

  test('half-way through a failover lists what stays, says that two regions may write, and changes nothing more', async () => {
    const theatre = theatreFor(failover);
    const stage = await stoppedAfter(theatre, failover, 'region-down', 'database-promoted');
    const { calls } = stage.standing();
    const later = theatre.again(stage);
    const document = await goneOnWith(later, failover, 'abort');
    expect(document).toMatchObject({ verdict: 'attention', exitCode: 1 });
    expect(later.standing().calls).toEqual(calls);
    expect(later.standing().writers).toEqual(['recovery']);
    expect(statusOf(document, 'rds:FailoverGlobalCluster')).toBe('applied');
    expect(document.recovery?.splitBrain).toBe('possible');
    expect(document.nextSteps?.join('\n')).toContain('aws ecs update-service --region us-west-2');
    const look = { columns: 200, color: false, verbosity: 0 } as const;
    for (const told of [runMarkdown(document), runHtml(document), summaryLines(document, look).join('\n')]) {
      expect(told).toMatch(/split brain is possible/i);
      expect(told).toContain('aws ecs update-service');
    }
    // As the journal tells it later.
    const [runId = ''] = await later.runIds();
    const { records } = await later.readJournal(runId);
    const finished = records.findLast(({ event }) => event.type === 'run.finished')?.event;
    expect(finished).toMatchObject({ outcome: { recovery: { splitBrain: 'possible' } } });
  }, 180_000);
});

describe('two runs at once', () => {
  /** A process whose first change is not answered until another run has been and gone. */
  async function meanwhile(first: AnyRunbook, second: AnyRunbook, scenario: string): Promise<readonly RunDocument[]> {
    const theatre = theatreFor(first);
    const { stage } = theatre.record(scenario);
    const others: RunDocument[] = [];
    const answer = async (): Promise<Answer> => {
      // The first one holds its leases from before its question.
      const move = moveOfRunbook(second.id);
      const session = living(stage);
      others.push(
        await runRunbook(session, { runbook: second, mode: 'execute', ...(move === undefined ? {} : { move }) }),
      );
      return { kind: 'given', by: 'ana', how: 'flag' };
    };
    const { acting } = stage.session;
    if (acting === undefined) throw new TypeError('a stage acts');
    const session = { ...stage.session, acting: { ...acting, approver: () => ({ ask: answer }) } };
    const move = moveOfRunbook(first.id);
    const own = await runRunbook(session, { runbook: first, mode: 'execute', ...(move === undefined ? {} : { move }) });
    stage.close();
    return [own, ...others];
  }

  /** Another process, to which the first one lives. */
  function living({ session }: Stage): Session {
    const { acting } = session;
    if (acting === undefined) throw new TypeError('a stage acts');
    return {
      ...session,
      acting: {
        ...acting,
        holder: { ...acting.holder, pid: 1, who: 'bob@desk' },
        isGone: () => false,
        newRunId: (id) => `20261123T120000Z-${id}-second`,
      },
    };
  }

  test.each([
    ['a drill during a drill', 'region-drill', 'region-drill', 'healthy', 'region-drill'],
    [
      'a drill while the primary database is mended',
      'database-unavailable',
      'region-drill',
      'writer-unreachable',
      'database-unavailable',
    ],
    ['mending the primary database during a drill', 'region-drill', 'database-unavailable', 'healthy', 'region-drill'],
  ])(
    '%s ends with 6, and changes nothing',
    async (_what, first, second, scenario, winner) => {
      const [own, other] = await meanwhile(findRunbook(first), findRunbook(second), scenario);
      expect(own?.runbook).toBe(winner);
      expect(own?.verdict).not.toBe('locked');
      expect(other).toMatchObject({ verdict: 'locked', exitCode: 6, mutations: [] });
    },
    60_000,
  );
});

/**
 * The monthly drill: a steady state first, the outage declared, the way there and the way back, each timed, and a steady
 * state again. Nothing is broken for it, unless a configured program does.
 */
import { embed } from '../engine/embed.ts';
import { runbook } from '../engine/runbook.ts';
import { settled } from '../engine/step.ts';
import { part } from './configured.ts';
import {
  act,
  approve,
  decide,
  hook,
  notify,
  observe,
  verify,
  wait,
  type Message,
  type RunbookConclusion,
  type RunbookSettings,
} from './kit.ts';
import { move } from './move.ts';
import { back, backExecuted, backResult } from './move/back.ts';
import {
  fenceSteps,
  leftByAbort,
  leftText,
  notesOf,
  outcomeText,
  recordOf,
  verdictFor,
  worse,
  type Concluded,
} from './move/concluding.ts';
import { capacityStep, consent, movePlan } from './move/moving.ts';
import { alarmText, targetOf } from './move/observations.ts';
import { stopAlarms } from './move/resources.ts';
import { moveResult } from './move/result.ts';
import { moveOf, reversed, spanText } from './move/settings.ts';
import { executed } from './move/verifying.ts';
import { applyCount, lookAtCount } from './service-changes.ts';

const minuteMs = 60_000;

/** How the stack stands before anything is done to it. */
interface Steadiness {
  /** Why a drill must not begin, a line each; empty where it may. */
  readonly reasons: readonly string[];
  readonly seen: readonly string[];
}

const steadyState = observe('steady-state', {
  title: 'The stack is in its steady state',
  where: 'primary',
  calls: [
    'rds:DescribeGlobalClusters',
    'cloudwatch:DescribeAlarms',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeTargetHealth',
  ],
  run: async (_needs, { ports, settings, signal }): Promise<Steadiness> => {
    const moving = moveOf(settings);
    const { from, globalCluster, healthyAlarms, stopAlarms: stopping, outside, blackout } = moving;
    const [global, alarms, targets, probe] = await Promise.all([
      globalCluster === undefined ? undefined : ports.facts.globalDatabase({ region: from.region, globalCluster }),
      ports.facts.alarms(from.region, [...new Set([...healthyAlarms, ...stopping])]),
      from.api?.targetGroup === undefined ? undefined : ports.facts.targetHealth(from.api),
      outside.probe ? ports.outside.probe(signal) : undefined,
    ]);
    const writer = global?.members.find(({ isWriter }) => isWriter);
    const ringing = alarms.filter(({ state }) => state === 'alarm');
    const missing = healthyAlarms.filter((name) => !alarms.some((alarm) => alarm.name === name));
    const healthy = targets?.filter(({ state }) => state === 'healthy').length;
    return {
      reasons: [
        ...(blackout === undefined ? [] : [`no drill is held today: ${blackout}`]),
        ...(writer === undefined || writer.region === from.region
          ? []
          : [`${writer.region} writes already: the stack is not at home in ${from.region}`]),
        ...(global?.moving === undefined ? [] : [`${globalCluster ?? ''} is being moved`]),
        ...ringing.map(({ name, reason }) => `the alarm ${name} is ringing: ${reason}`),
        ...missing.map((name) => `the alarm ${name} is not there`),
        ...(healthy === 0 ? [`no target in ${from.region} is healthy`] : []),
        ...(probe?.ok === false ? [`the API does not answer from outside: ${probe.detail}`] : []),
      ],
      seen: [
        ...(writer === undefined ? [] : [`${writer.region} writes`]),
        ...(healthy === undefined ? [] : [`${healthy} targets healthy`]),
        ...(alarms.length === 0 ? [] : [`alarms: ${alarmText(alarms)}`]),
        ...(probe === undefined ? [] : [`from outside: ${probe.detail}`]),
      ],
    };
  },
  detail: ({ reasons, seen }) => (reasons.length === 0 ? seen.join(', ') : reasons.join('; ')),
});

const mayBegin = decide('may-begin', {
  title: 'The drill may begin',
  needs: { steadyState },
  skip: ({ steadyState: { reasons } }) => (reasons.length === 0 ? undefined : `not begun: ${reasons.join('; ')}`),
  run: () => ({ begins: true }),
  detail: (_may, settings) => {
    const { from, to, mode } = moveOf(settings);
    return `${mode}, ${from.region} \u2192 ${to.region} and back`;
  },
});

const injectConsent = approve('approve-outage', {
  title: 'Agree to a real outage',
  needs: { mayBegin },
  skip: (_needs, settings) =>
    moveOf(settings).outside.inject ? undefined : 'the outage is declared, and nothing is broken for it',
  ask: (_needs, settings) => ({
    isGrave: true,
    question: `Start drill.injectOutage, which breaks ${moveOf(settings).from.region} for the drill?`,
    facts: [
      'what it does cannot be looked up or put back by nanoops',
      'drill.endOutage ends it before the way back, where that is configured',
    ],
  }),
});

const inject = hook('inject-outage', {
  title: 'The outage is brought about',
  needs: { injectConsent },
  isVital: true,
  message: (_needs, { settings }) => moveOf(settings).from.region,
  summary: (region) => `break ${region} (drill.injectOutage)`,
  send: async (_region, { ports, settings }) => {
    const { ok, detail } = await ports.hooks.run('inject-outage', targetOf(moveOf(settings).from));
    return { delivered: ok, detail };
  },
});

/** Whatever was to be broken is. */
const begun = decide('begin', {
  title: 'The clock starts',
  needs: { mayBegin, inject: settled(inject) },
  skip: ({ inject: broken }) =>
    broken.known || broken.because === 'skipped' ? undefined : `the outage was not brought about: ${broken.reason}`,
  run: () => ({ begins: true }),
  detail: () => 'the way there begins',
});

const there = embed(move, {
  prefix: '',
  after: [begun],
  settings: (settings: RunbookSettings) => settings,
  where: (inner) => (inner === 'from' ? 'primary' : inner === 'to' ? 'recovery' : inner),
});
const thereResult = there.of(moveResult);
const thereExecuted = there.of(executed);
const therePlan = there.of(movePlan);
const thereConsent = there.of(consent);
const thereCapacity = there.of(capacityStep);

const held = wait('hold', {
  title: 'The recovery region serves for a while',
  needs: { result: thereResult, executed: thereExecuted },
  skip: (_needs, settings) => (moveOf(settings).holdMs === 0 ? 'drill.holdAfterFailover is not configured' : undefined),
  calls: [],
  withinMs: 14 * 24 * 60 * minuteMs,
  everyMs: minuteMs,
  poll: ({ executed: { at } }, { settings, clock }) => {
    const { holdMs } = moveOf(settings);
    const now = clock.now();
    return Promise.resolve(
      now >= at + holdMs
        ? ({ state: 'reached', output: { at: now }, detail: `for ${spanText(holdMs)}` } as const)
        : ({ state: 'waiting', detail: `until ${new Date(at + holdMs).toISOString().slice(0, 16)}Z` } as const),
    );
  },
});

const endOutage = hook('end-outage', {
  title: 'The outage is ended',
  // What was broken is mended whatever the drill came to: also where nothing could be moved, or it is put back.
  needs: {
    inject: settled(inject),
    result: settled(thereResult),
    executed: settled(thereExecuted),
    held: settled(held),
  },
  isVital: true,
  endsAnyway: true,
  skip: ({ inject: broken }, settings) => {
    if (!broken.known && broken.tried !== true) return 'nothing was broken for it';
    return moveOf(settings).outside.end ? undefined : 'drill.endOutage is not configured';
  },
  message: (_needs, { settings }) => moveOf(settings).from.region,
  summary: (region) => `mend ${region} (drill.endOutage)`,
  send: async (_region, { ports, settings }) => {
    const { ok, detail } = await ports.hooks.run('end-outage', targetOf(moveOf(settings).from));
    return { delivered: ok, detail };
  },
});

const wayBack = decide('way-back', {
  title: 'The way back may begin',
  needs: { executed: thereExecuted, result: thereResult, held: settled(held), ended: settled(endOutage) },
  skip: ({ ended }) =>
    ended.known || ended.because === 'skipped' ? undefined : `the outage was not ended: ${ended.reason}`,
  run: () => ({ begins: true }),
  detail: (_way, settings) => `${moveOf(settings).to.region} \u2192 ${moveOf(settings).from.region}`,
});

const returning = embed(back, {
  prefix: 'failback-',
  title: 'Back: ',
  after: [wayBack],
  // It has been held already, in this run.
  settings: (settings: RunbookSettings) => {
    const turned = reversed(settings);
    const { lastFailoverAt: _last, ...rest } = moveOf(turned);
    return { ...turned, move: { ...rest, historyGaps: [] } };
  },
  where: (inner) => (inner === 'from' ? 'recovery' : inner === 'to' ? 'primary' : inner),
});
const returnResult = returning.of(backResult);
const returnExecuted = returning.of(backExecuted);

const standby = act('restore-standby', {
  title: 'The recovery region waits again',
  where: 'recovery',
  needs: { plan: therePlan, grown: thereCapacity, returned: returnExecuted, result: returnResult },
  approval: thereConsent,
  skip: ({ plan: { plan }, grown, result }, settings) => {
    if (plan.standby === undefined || !grown.made) return 'this run has not touched its capacity';
    const { probe, write } = moveOf(settings).outside;
    // Until the way back is seen to work, the region that served may have to serve again.
    return (probe || write) && result.moments.verifiedAt === undefined
      ? 'the way back was not seen to work: it keeps its capacity'
      : undefined;
  },
  calls: [
    'ecs:DescribeServices',
    'application-autoscaling:DescribeScalableTargets',
    'application-autoscaling:DescribeScalingPolicies',
  ],
  changes: ['ecs:UpdateService', 'application-autoscaling:RegisterScalableTarget'],
  change: ({ plan: { plan } }) => part(plan.standby),
  look: lookAtCount,
  apply: applyCount,
});

const steadyAgain = verify('steady-again', {
  title: 'The stack is in its steady state again',
  where: 'primary',
  needs: { returned: returnExecuted, result: returnResult, standby: settled(standby) },
  calls: ['rds:DescribeGlobalClusters', 'cloudwatch:DescribeAlarms'],
  withinMs: 30 * minuteMs,
  everyMs: 15_000,
  poll: async (_needs, { ports, settings, signal, clock }) => {
    const { from, globalCluster, healthyAlarms, outside } = moveOf(settings);
    const [global, alarms, probe] = await Promise.all([
      globalCluster === undefined ? undefined : ports.facts.globalDatabase({ region: from.region, globalCluster }),
      ports.facts.alarms(from.region, healthyAlarms),
      outside.probe ? ports.outside.probe(signal) : undefined,
    ]);
    const writer = global?.members.find(({ isWriter }) => isWriter);
    const others = global?.members.filter(
      ({ isWriter, synchronization = 'connected' }) => !isWriter && synchronization !== 'connected',
    );
    const open = [
      ...(writer === undefined || writer.region === from.region ? [] : [`${writer.region} writes`]),
      ...(others ?? []).map(({ region, synchronization }) => `${region} is ${synchronization ?? ''}`),
      ...(alarms.every(({ state }) => state === 'ok') ? [] : [alarmText(alarms)]),
      ...(probe?.ok === false ? [`from outside: ${probe.detail}`] : []),
    ];
    return open.length === 0
      ? ({ state: 'reached', output: { at: clock.now() }, detail: `${from.region} serves, as before` } as const)
      : ({ state: 'waiting', detail: open.join('; ') } as const);
  },
});

/** What both ways teach is told once. */
function withoutLessonsOf(forth: Concluded, home: Concluded): Concluded {
  const known = new Set(forth.recovery.lessons);
  return { ...home, recovery: { ...home.recovery, lessons: home.recovery.lessons.filter((each) => !known.has(each)) } };
}

const everything = {
  steadyState: settled(steadyState),
  broken: settled(inject),
  mended: settled(endOutage),
  begun: settled(begun),
  there: settled(thereResult),
  returned: settled(returnResult),
  standby: settled(standby),
  steadyAgain: settled(steadyAgain),
};

const conclusion = decide('conclusion', {
  title: 'In short',
  needs: everything,
  run: (
    { steadyState: steady, begun: began, there: went, returned, broken, mended, steadyAgain: calm },
    { settings },
  ): RunbookConclusion => {
    const moving = moveOf(settings);
    const mode = moving.isRehearsal ? 'dry-run' : 'execute';
    const rest = { judgesRehearsal: true, causes: [] } as const;
    if (!went.known) {
      const isSilent = !steady.known && ['unreachable', 'deadline', 'service-fault'].includes(steady.errorClass ?? '');
      const reasons = steady.known
        ? steady.value.reasons
        : isSilent
          ? [`the stack in ${moving.from.region} does not answer: ${steady.reason}`]
          : [];
      return {
        ...rest,
        verdict: reasons.length > 0 ? 'attention' : 'unknown',
        notes:
          reasons.length > 0
            ? reasons.map((each) => `the drill was not begun: ${each}`)
            : [began.known ? went.reason : began.reason],
        nextSteps: [...(isSilent ? ['nanoops dr failover --dry-run'] : []), 'nanoops dr readiness'],
      };
    }
    const forth = recordOf(went.value, moving, 'drill', mode);
    const isPossible = forth.recovery.blockers.length === 0;
    const home = returned.known
      ? withoutLessonsOf(forth, recordOf(returned.value, moveOf(reversed(settings)), 'failback', mode))
      : undefined;
    const isGone = went.value.moments.decidedAt !== undefined;
    const isHome = home !== undefined && returned.known && home.recovery.blockers.length === 0;
    // The drill is of the way there; what is asked of the way back is that it is gone, and that all is as before. Where nobody had
    // decided yet when it ended, there was none to go.
    const wayHome = !isPossible
      ? 'ok'
      : !isHome
        ? isGone
          ? 'attention'
          : 'unknown'
        : calm.known && returned.value.isVerified
          ? 'ok'
          : 'unknown';
    return {
      ...rest,
      verdict: worse(verdictFor(forth, went.value, mode), wayHome),
      ...forth,
      ...(home === undefined || !isPossible ? {} : { failback: home }),
      notes: [
        ...notesOf(went.value, settings, isHome),
        ...(isPossible && isGone && !isHome
          ? [
              `the way back was not gone: ${
                returned.known ? (home?.recovery.blockers[0] ?? 'it did not end') : returned.reason
              }; ${moving.to.region} serves${went.value.plan.undoable ? ', unless it was put back' : ''}`,
            ]
          : []),
        ...(returned.known ? returned.value.gaps.map((each) => `on the way back: ${each}`) : []),
        ...((broken.known || broken.tried === true) && !mended.known
          ? [
              `what drill.injectOutage may have broken in ${moving.from.region} was not mended by this run: start drill.endOutage, or undo it`,
            ]
          : []),
        ...(isHome && !calm.known ? [`the steady state was not seen again: ${calm.reason}`] : []),
      ],
      nextSteps: [
        ...(isPossible ? [] : ['nanoops dr readiness']),
        ...(isHome || moving.isRehearsal ? [] : fenceSteps(went.value, settings)),
        ...(isPossible && isGone && !isHome && !moving.isRehearsal ? ['nanoops dr failback --dry-run'] : []),
      ],
    };
  },
  isUnknown: ({ verdict }) => verdict === 'unknown',
  detail: (concluded, settings) =>
    concluded.objectives === undefined || concluded.recovery === undefined
      ? (concluded.notes[0] ?? 'nothing could be concluded')
      : outcomeText({ objectives: concluded.objectives, recovery: concluded.recovery }, moveOf(settings).isRehearsal),
});

const tellOutcome = notify('tell-outcome', {
  title: 'Tell the team how the drill went',
  needs: everything,
  skip: ({ there: went }) => (went.known && went.value.plan.blockers.length === 0 ? undefined : 'nothing was changed'),
  message: ({ there: went, returned }, settings): Message => {
    const moving = moveOf(settings);
    const mode = moving.isRehearsal ? 'dry-run' : 'execute';
    return {
      severity: returned.known && returned.value.isVerified ? 'info' : 'warning',
      title: `Drill of ${settings.service}: ${returned.known && returned.value.isVerified ? 'there and back' : 'not back yet'}`,
      lines: [
        ...(went.known ? [outcomeText(recordOf(went.value, moving, 'drill', mode)), ...went.value.lessons] : []),
        ...(returned.known
          ? [outcomeText(recordOf(returned.value, moveOf(reversed(settings)), 'failback', mode))]
          : []),
      ],
    };
  },
});

/** Once the way back was gone there is one writer again. */
const afterAbort = decide('after-abort', {
  title: 'What it leaves',
  needs: { went: thereResult, returned: settled(returnExecuted) },
  run: ({ went, returned }, { settings }) => (returned.known ? undefined : leftByAbort(went, settings, 'drill')),
  detail: leftText,
});

export const regionDrill = runbook({
  id: 'region-drill',
  title: 'Recovery drill',
  summary: 'The monthly drill: declare the outage, move to the recovery region and back, timed against RTO and RPO',
  steps: [
    steadyState,
    mayBegin,
    injectConsent,
    inject,
    begun,
    ...there.steps,
    held,
    endOutage,
    wayBack,
    ...returning.steps,
    standby,
    steadyAgain,
    tellOutcome,
    conclusion,
  ],
  conclusion,
  afterAbort,
  resources: move.resources,
  stop: stopAlarms,
});

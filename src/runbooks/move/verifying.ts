/**
 * Is it so? What users see, through the public name: answers, a real write and read, the same data, alarms, and that the last
 * client has come along. What is not configured is not measured, and never counts as well.
 */
import type { ProgramAnswer } from '../../cloud/outside.ts';
import type { Window } from '../../cloud/series.ts';
import type { RegionalStack } from '../../cloud/stack.ts';
import { quantity } from '../../diagnosis/evidence.ts';
import { classOf } from '../../engine/errors.ts';
import { part } from '../configured.ts';
import { settled, type ObserveContext, type Polled } from '../../engine/step.ts';
import { observe, verify, wait, type RunbookPorts, type RunbookSettings } from '../kit.ts';
import {
  capacityReady,
  consent,
  movePlan,
  promoted,
  restarted,
  trafficByHand,
  trafficMoved,
  writersStopped,
} from './moving.ts';
import { oldTraffic, targetOf, alarmText, oldDatabase } from './observations.ts';
import { moveOf, spanText } from './settings.ts';

const minuteMs = 60_000;
/** So many answers in a row, so long apart. */
const goodProbes = 3;
const betweenMs = 2_000;

/** What has to be done before anything is verified. */
const done = {
  planned: movePlan,
  consent,
  moved: settled(promoted),
  restarted: settled(restarted),
  traffic: settled(trafficMoved),
  byHand: settled(trafficByHand),
};

interface Done {
  readonly planned: {
    readonly plan: {
      readonly database?: unknown;
      readonly traffic?: unknown;
      readonly movesByHand: boolean;
      readonly restart?: unknown;
    };
  };
  readonly moved: { readonly known: boolean };
  readonly restarted: { readonly known: boolean; readonly errorClass?: string };
  readonly traffic: { readonly known: boolean };
  readonly byHand: { readonly known: boolean };
}

/** Why there is nothing to verify yet. */
function notDone({ planned: { plan }, moved, restarted: anew, traffic, byHand }: Done): string | undefined {
  if (plan.database !== undefined && !moved.known) return 'the database has not changed over';
  if (plan.traffic !== undefined && !traffic.known) return 'traffic was not moved';
  // Where it merely could not be looked at, whether the API answers is worth knowing all the same.
  if (plan.restart !== undefined && !anew.known && anew.errorClass === undefined) {
    return 'the application was not seen to start anew';
  }
  return plan.movesByHand && !byHand.known ? 'traffic was not moved' : undefined;
}

/** When the last change had taken effect, epoch milliseconds: as late as what was waited for. */
export interface Executed {
  readonly at: number;
}

export const executed = observe('executed', {
  title: 'Everything is changed over',
  needs: { ...done, capacity: settled(capacityReady) },
  skip: (needs) => notDone(needs),
  run: (_needs, { clock }): Promise<Executed> => Promise.resolve({ at: clock.now() }),
  detail: (_executed, settings) => `${moveOf(settings).to.region} has it all`,
});

export interface Verified {
  readonly at: number;
}

export const apiAnswers = verify('api-answers', {
  title: 'The API answers, asked from outside',
  where: 'outside',
  needs: { executed },
  skip: (_needs, settings) => (moveOf(settings).outside.probe ? undefined : 'api.probeUrl is not configured'),
  calls: [],
  withinMs: 15 * minuteMs,
  everyMs: 4_000,
  poll: async (_needs, { ports, clock, signal }): Promise<Polled<Verified>> => {
    let detail = '';
    for (let count = 1; count <= goodProbes; count += 1) {
      if (count > 1) await clock.sleep(betweenMs, signal);
      const answer = await ports.outside.probe(signal);
      detail = answer.detail;
      if (!answer.ok) return { state: 'waiting', detail: `not yet: ${detail}` };
    }
    const at = clock.now();
    return { state: 'reached', output: { at }, detail: `${goodProbes} answers in a row (${detail})` };
  },
});

export const writesWork = verify('writes-work', {
  title: 'A write through the public name can be read',
  where: 'outside',
  needs: { executed },
  skip: (_needs, settings) => (moveOf(settings).outside.write ? undefined : 'api.writeProbe is not configured'),
  calls: [],
  withinMs: 15 * minuteMs,
  everyMs: 5_000,
  poll: async (_needs, { ports, clock, signal }): Promise<Polled<Verified>> => {
    const { ok, detail } = await ports.outside.writeAndRead(signal);
    return ok
      ? { state: 'reached', output: { at: clock.now() }, detail }
      : { state: 'waiting', detail: `not yet: ${detail}` };
  },
});

/** What each consistency program printed before anything was moved; it is given to it again afterwards. */
export const dataBefore = observe('data-before', {
  title: 'The data before the move',
  where: 'outside',
  needs: { consent, oldDatabase: settled(oldDatabase) },
  timeoutMs: 20 * minuteMs,
  skip: ({ oldDatabase: left }, settings) => {
    if (moveOf(settings).outside.consistency.length === 0) return 'drill.consistency names no program';
    return left.known ? undefined : `the database in ${moveOf(settings).from.region} cannot be asked`;
  },
  run: async ({ oldDatabase: left }, { ports, settings, signal }): Promise<readonly ProgramAnswer[]> => {
    const { from, outside } = moveOf(settings);
    const target = targetOf(from, left.known ? left.value.endpoint : undefined);
    return Promise.all(
      outside.consistency.map((_program, index) => ports.outside.consistency(index, target, undefined, signal)),
    );
  },
  detail: (answers) => answers.map(({ detail }) => detail).join('; '),
});

export interface Consistency {
  readonly program: string;
  readonly ok: boolean;
  readonly detail: string;
}

export const dataConsistent = observe('data-consistent', {
  title: 'The data is all there',
  where: 'outside',
  needs: { executed, moved: settled(promoted), before: settled(dataBefore) },
  timeoutMs: 20 * minuteMs,
  skip: (_needs, settings) =>
    moveOf(settings).outside.consistency.length === 0 ? 'drill.consistency names no program' : undefined,
  run: async ({ moved, before }, { ports, settings, signal }): Promise<readonly Consistency[]> => {
    const { to, outside } = moveOf(settings);
    const target = targetOf(to, moved.known ? moved.value.endpoint : undefined);
    const earlier = before.known ? before.value : [];
    return Promise.all(
      outside.consistency.map(async (program, index) => {
        const { ok, detail } = await ports.outside.consistency(
          index,
          target,
          earlier[index]?.ok === true ? earlier[index].output : undefined,
          signal,
        );
        return { program, ok, detail };
      }),
    );
  },
  detail: (answers) => {
    const bad = answers.filter(({ ok }) => !ok);
    return bad.length === 0
      ? answers.map(({ detail }) => detail).join('; ')
      : bad.map(({ program, detail }) => `${program}: ${detail}`).join('; ');
  },
});

export const alarmsCalm = verify('alarms-calm', {
  title: 'Alarms say that it is healthy',
  where: 'to',
  needs: { executed },
  skip: (_needs, settings) =>
    moveOf(settings).healthyAlarms.length === 0 ? 'drill.healthyAlarms names none' : undefined,
  calls: ['cloudwatch:DescribeAlarms'],
  withinMs: 20 * minuteMs,
  everyMs: 15_000,
  poll: async (_needs, { ports, settings, clock }): Promise<Polled<Verified>> => {
    const { to, healthyAlarms } = moveOf(settings);
    const states = await ports.facts.alarms(to.region, healthyAlarms);
    const detail = alarmText(states);
    const isCalm = healthyAlarms.every((name) => states.some((alarm) => alarm.name === name && alarm.state === 'ok'));
    return isCalm ? { state: 'reached', output: { at: clock.now() }, detail } : { state: 'waiting', detail };
  },
});

/** Whether the last client follows, and when that was seen. */
export interface Followed {
  readonly at: number;
  readonly followed: boolean;
}

/** After so long whoever still asks the old region is not waited for. */
const patienceMs = 30 * minuteMs;
/** CloudWatch holds a minute two minutes after its end. */
const lateMs = 2 * minuteMs;
/** The share of its requests that the old region may still get. */
const straggling = 0.01;

export const clientsFollowed = wait('clients-followed', {
  title: 'The last client follows',
  where: 'from',
  needs: { planned: movePlan, executed, before: settled(oldTraffic), traffic: settled(trafficMoved) },
  calls: ['cloudwatch:GetMetricData'],
  withinMs: patienceMs + 5 * minuteMs,
  everyMs: 15_000,
  poll: async ({ planned, executed: { at: executedAt }, before, traffic }, context): Promise<Polled<Followed>> => {
    const { settings, clock } = context;
    const { from } = moveOf(settings);
    const { ttlMs } = planned.plan;
    const expiredAt = (traffic.known ? traffic.value.at : executedAt) + ttlMs;
    const now = clock.now();
    const reached = (at: number, followed: boolean, detail: string) =>
      ({ state: 'reached', output: { at, followed }, detail }) as const;
    if (now < expiredAt)
      return { state: 'waiting', detail: `caches may hold the old address until ${timeText(expiredAt)}` };
    // Connections to a region that is gone are gone with it: whoever lost one asks for the name anew.
    if (!before.known && before.errorClass === 'denied') {
      return reached(expiredAt, false, `who still asks ${from.region} cannot be looked at: ${before.reason}`);
    }
    if (!before.known) return reached(expiredAt, true, `the TTL of ${ttlMs / 1000} s has run out everywhere`);
    const to = Math.floor((now - lateMs) / minuteMs) * minuteMs;
    if (to < expiredAt)
      return { state: 'waiting', detail: `requests since ${timeText(expiredAt)} are not measured yet` };
    const share = await shareLeft(context, { from: to - minuteMs, to });
    if (share === 'not-told') {
      return now > executedAt + patienceMs
        ? reached(now, false, `who still asks ${from.region} was not told within ${spanText(patienceMs)}`)
        : { state: 'waiting', detail: `${from.region} does not tell its requests` };
    }
    if (share === undefined)
      return reached(expiredAt, true, `the TTL has run out; ${from.region} measures no requests`);
    const detail = `${quantity(share, 'ratio')} of requests still go to ${from.region}`;
    if (share <= straggling) return reached(Math.max(expiredAt, to - minuteMs), true, detail);
    return now > executedAt + patienceMs
      ? reached(now, false, `${detail} after ${spanText(patienceMs)}: connections that are never closed`)
      : { state: 'waiting', detail };
  },
});

export interface Fence {
  readonly holds: boolean;
  readonly detail: string;
}

/** Looked at once more at the end: what took long to stop has stopped by now, and what was started again is seen. */
export const fenceHolds = observe('fence-holds', {
  title: 'The old region still writes nothing',
  where: 'from',
  needs: { planned: movePlan, executed, stopped: settled(writersStopped), clients: settled(clientsFollowed) },
  calls: ['ecs:DescribeServices'],
  timeoutMs: 15_000,
  retry: { attempts: { 'service-fault': 4, throttled: 4 }, baseDelayMs: 1_000, maxDelayMs: 4_000 },
  skip: ({ planned: { plan } }) => (plan.fences ? undefined : 'nothing was to be stopped there'),
  run: async (_needs, { ports, settings }): Promise<Fence> => {
    const { running, pending, desired } = await ports.facts.serviceState(part(moveOf(settings).from.compute));
    const left = Math.max(desired, running + pending);
    return { holds: left === 0, detail: left === 0 ? 'no task runs there' : `${left} tasks run there, or are to` };
  },
  detail: ({ detail }) => detail,
});

/** Of both regions' requests the share that the old one gets; undefined where it is gone, or nobody asks. */
async function shareLeft(
  { ports, settings }: ObserveContext<RunbookPorts, RunbookSettings>,
  window: Window,
): Promise<number | 'not-told' | undefined> {
  const { from, to } = moveOf(settings);
  const countIn = async ({ api }: RegionalStack): Promise<number> => {
    if (api === undefined) return 0;
    const { requests } = await ports.facts.apiTraffic(api, window);
    return requests.points.reduce((sum, { value }) => sum + value, 0);
  };
  try {
    const [left, arrived] = await Promise.all([countIn(from), countIn(to)]);
    return left + arrived === 0 ? undefined : left / (left + arrived);
  } catch (error) {
    // A region that is gone takes its connections with it; one that fails half of what it is asked may tell the next time.
    const errorClass = classOf(error);
    if (errorClass === 'unreachable') return undefined;
    if (errorClass === 'service-fault' || errorClass === 'throttled') return 'not-told';
    throw error;
  }
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

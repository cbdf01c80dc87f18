/**
 * Who watches a run that acts, beside the screen: an event bus, and nanoops' own metrics. Nothing of it ever keeps a run from
 * going on, and what fails is said once.
 */
import type { EventBridgeReceiver } from '../aws/notify/eventbridge.ts';
import type { AwsOptions } from '../aws/options.ts';
import type { OwnDatum } from '../aws/own-metrics.ts';
import type { NanoopsEvent } from '../cloud/event.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../engine/clock.ts';
import type { RunEvent } from '../engine/events.ts';
import { reasonOf } from '../notify/reason.ts';
import { runEventOf, type AboutRun } from '../notify/run-event.ts';
import { TimeLimitError, within } from '../notify/time-limit.ts';
import type { RunDocument } from '../report/schemas.ts';

export interface Observers {
  event(event: RunEvent): void;
  /** Waits for what is under way, and writes the metrics of a run that has ended. Gives what failed, a line each. */
  settle(document: RunDocument | undefined): Promise<readonly string[]>;
}

export interface ObserverParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly aws: Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'>;
}

/** For all that is still under way when a run has ended. */
const settleMs = 10_000;

/** The runbook whose runs are drills. */
const drillRunbook = 'region-drill';

/** Undefined where the configuration asks for none. `resumed`: the run that is taken up again. */
export function observersOf(
  parts: ObserverParts,
  resumed?: Pick<AboutRun, 'runId' | 'runbook'>,
): Observers | undefined {
  const { notify, observability } = parts.config;
  const bus = notify?.eventbridge === undefined ? undefined : busObserver(parts, notify.eventbridge, resumed);
  const metrics = observability?.metrics;
  if (bus === undefined && metrics === undefined) return undefined;
  return {
    event: (event) => bus?.event(event),
    async settle(document) {
      const troubles = await Promise.all([
        bus && inTime(parts.clock, 'the event bus was not told of everything', () => bus.settle()),
        metrics &&
          document &&
          inTime(parts.clock, 'the run\u2019s metrics were not written', () => writeMetrics(parts, metrics, document)),
      ]);
      return troubles.filter((each) => each !== undefined);
    },
  };
}

/** What `work` says went wrong, or how it failed. */
async function inTime(
  clock: Clock,
  what: string,
  work: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    const trouble = await within(clock, settleMs, undefined, work);
    return trouble === undefined ? undefined : `${what}: ${trouble}`;
  } catch (error) {
    return `${what}: ${error instanceof TimeLimitError ? error.message : reasonOf(error)}`;
  }
}

type Bus = NonNullable<NonNullable<Config['notify']>['eventbridge']>;

/** Events are sent one after another, as they come; after one that is not taken no more are tried. */
function busObserver({ config, aws }: ObserverParts, bus: Bus, resumed?: Pick<AboutRun, 'runId' | 'runbook'>) {
  const { service, environment } = config;
  const aboutOf = ({ runId, runbook }: Pick<AboutRun, 'runId' | 'runbook'>): AboutRun => ({
    service,
    environment,
    runId,
    runbook,
    isDrill: runbook === drillRunbook,
  });
  let about = resumed && aboutOf(resumed);
  let opening: Promise<EventBridgeReceiver> | undefined;
  const open = async (): Promise<EventBridgeReceiver> => {
    const { eventBridgeReceiver } = await import('../aws/notify/eventbridge.ts');
    return eventBridgeReceiver({ ...aws, ...bus });
  };
  const put = async (told: NanoopsEvent): Promise<string | undefined> => {
    try {
      const { delivered, detail } = await (await (opening ??= open())).put(told);
      return delivered ? undefined : detail;
    } catch (error) {
      return reasonOf(error);
    }
  };
  let sent: Promise<string | undefined> = Promise.resolve(undefined);
  return {
    event(event: RunEvent): void {
      if (event.type === 'run.started') about = aboutOf(event);
      const told = about && runEventOf(event, about);
      if (told !== undefined) sent = sent.then((trouble) => trouble ?? put(told));
    },
    async settle(): Promise<string | undefined> {
      const trouble = await sent;
      (await opening)?.close();
      return trouble;
    },
  };
}

type Metrics = NonNullable<NonNullable<Config['observability']>['metrics']>;

/** Of these, the run goes on one day. */
const unended: ReadonlySet<RunDocument['verdict']> = new Set(['awaiting-approval', 'locked', 'interrupted']);

async function writeMetrics(
  { config, aws }: ObserverParts,
  metrics: Metrics,
  { verdict, durationMs, objectives, runbook, endedAt }: RunDocument,
): Promise<undefined> {
  if (unended.has(verdict)) return;
  const { openOwnMetrics } = await import('../aws/own-metrics.ts');
  const reached = [
    { name: 'RTO', value: objectives?.rto.measuredMs },
    { name: 'RPO', value: objectives?.rpo.measuredMs },
  ];
  const data: readonly OwnDatum[] = [
    { name: 'RunDuration', unit: 'Milliseconds', value: durationMs },
    { name: 'RunFailures', unit: 'Count', value: verdict === 'failed' ? 1 : 0 },
    // What was not measured is no number.
    ...reached.flatMap(({ name, value }): OwnDatum[] =>
      typeof value === 'number' ? [{ name, unit: 'Seconds', value: value / 1_000 }] : [],
    ),
  ];
  const own = openOwnMetrics({ ...aws, ...metrics });
  try {
    const dimensions = { Service: config.service, Environment: config.environment, Runbook: runbook };
    await own.put(data, dimensions, Date.parse(endedAt));
  } finally {
    own.close();
  }
}

/**
 * Looks at the stack for an incident and gives what is to be kept of it: it will expire, or change, before anybody writes
 * the post-mortem. What cannot be seen is named, and keeps nobody from anything.
 */
import { cleanText } from '../../capture/clean.ts';
import { isUnseen } from './unseen.ts';
import type { Window } from '../../cloud/series.ts';
import type { LogGroupRef, RegionalStack, Stack } from '../../cloud/stack.ts';
import type {
  AlarmChange,
  DatabaseHappening,
  Evidence,
  KeptSeries,
  LogExcerpt,
  SeenDeployment,
} from '../../incident/evidence.ts';
import type { Session } from '../session.ts';

/** Every operation by which it looks. */
export const incidentCalls: readonly string[] = [
  'cloudwatch:DescribeAlarmHistory',
  'cloudwatch:GetMetricData',
  'ecs:DescribeServiceDeployments',
  'ecs:DescribeServiceRevisions',
  'ecs:ListServiceDeployments',
  'logs:DescribeLogGroups',
  'logs:FilterLogEvents',
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
  'rds:DescribeEvents',
];

const minuteMs = 60_000;
/** Before it began, so that what it began after is seen. */
const beforeMs = 30 * minuteMs;
/** What went on longer is looked at in its newest part only. */
const longestMs = 24 * 60 * minuteMs;
const mostLines = 60;
const longestLine = 2_000;
const mostAlarms = 100;

/** `since`: where the last look ended, or the trouble began. */
export async function lookFor(session: Session, since: number, until: number): Promise<Evidence> {
  const { stack } = session;
  const to = Math.floor(Math.min(until, session.clock.now()) / minuteMs) * minuteMs;
  const from = Math.max(Math.floor(since / minuteMs) * minuteMs - beforeMs, to - longestMs);
  const window: Window = { from, to };
  const gaps: string[] = [];
  if (from >= to) return { ...nothing, from: Math.min(from, to), to, gaps: ['there is no time between to look at'] };
  const halves = [stack.primary, ...(stack.recovery === undefined ? [] : [stack.recovery])];
  const asks = new Asks(session, window, gaps);
  const [alarms, deployments, database, logs, series, users] = await Promise.all([
    each(halves, (half) => asks.alarms(half, stack)),
    each(halves, (half) => asks.deployments(half)),
    each(halves, (half) => asks.database(half)),
    each(halves, (half) => asks.logs(half)),
    asks.series(stack.primary),
    asks.users(stack.primary),
  ]);
  return { from, to, alarms, deployments, database, logs, series, dailyActiveUsers: users, gaps };
}

const nothing = { alarms: [], deployments: [], database: [], logs: [], series: [] } as const;

async function each<T>(
  halves: readonly RegionalStack[],
  ask: (half: RegionalStack) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return (await Promise.all(halves.map(ask))).flat();
}

class Asks {
  private readonly session: Session;
  private readonly window: Window;
  private readonly gaps: string[];

  constructor(session: Session, window: Window, gaps: string[]) {
    this.session = session;
    this.window = window;
    this.gaps = gaps;
  }

  async alarms({ region }: RegionalStack, stack: Stack): Promise<readonly AlarmChange[]> {
    const { facts } = this.session.cloud;
    const found = await this.tolerant(`alarms in ${region}`, () => facts.alarmHistory(region, this.window));
    if (found === undefined) return [];
    const parts = namesOf(stack).filter((name) => name.length > 3);
    // An account's alarms may be of many services: those that name a part of this one are taken.
    const ours = found.changes.filter(({ name }) => parts.some((part) => name.includes(part)));
    const others = new Set(found.changes.filter((change) => !ours.includes(change)).map(({ name }) => name)).size;
    if (others > 0)
      this.gaps.push(`alarms in ${region}: ${others} that name no part of this stack changed, too, and were left out`);
    if (found.isCut || ours.length > mostAlarms) this.gaps.push(`alarms in ${region}: not all changes were kept`);
    return ours
      .slice(-mostAlarms)
      .map(({ name, at, to, reason }) => ({ name, region, at, to, reason: cleaned(reason) }));
  }

  async deployments({ compute }: RegionalStack): Promise<readonly SeenDeployment[]> {
    if (compute === undefined) return [];
    const { facts } = this.session.cloud;
    const found = await this.tolerant(`deployments of ${compute.cluster}/${compute.service}`, () =>
      facts.deployments(compute, this.window),
    );
    return (found ?? []).map(({ id, startedAt, finishedAt, status, taskDefinition }) => ({
      id,
      service: `${compute.cluster}/${compute.service}`,
      startedAt,
      finishedAt,
      status,
      version: taskDefinition?.split('/').at(-1),
    }));
  }

  async database({ database }: RegionalStack): Promise<readonly DatabaseHappening[]> {
    if (database === undefined) return [];
    const { facts } = this.session.cloud;
    const found = await this.tolerant(`events of ${database.cluster}`, () =>
      facts.databaseEvents(database, this.window),
    );
    return (found ?? []).map(({ at, about, message }) => ({ at, about, message: cleaned(message) })).toReversed();
  }

  async logs({ logs }: RegionalStack): Promise<readonly LogExcerpt[]> {
    const { facts } = this.session.cloud;
    const application = logs?.application;
    const database = logs?.database;
    const [errors, slow] = await Promise.all([
      application &&
        this.tolerant(`the log ${application.logGroup}`, () => facts.errorLines(application, this.window, mostLines)),
      database &&
        this.tolerant(`the slow query log of ${database.logGroup}`, () =>
          facts.slowQueries(database, this.window, mostLines),
        ),
    ]);
    const kept = [
      ...(errors && application ? [{ found: errors, group: application }] : []),
      ...(slow && database
        ? [{ found: slow, group: { ...database, logGroup: `${database.logGroup}/slowquery` } }]
        : []),
    ];
    return Promise.all(
      kept.map(async ({ found, group }) => ({
        group: group.logGroup,
        region: group.region,
        lines: found.lines.map(({ at, stream, message }) => ({ at, stream, message: cleaned(message) })),
        isPart: found.truncated,
        retentionDays: await this.retention(group),
      })),
    );
  }

  /** Null: its lines never expire; undefined: not known. */
  private async retention({ region, logGroup }: LogGroupRef): Promise<number | null | undefined> {
    const { facts } = this.session.cloud;
    const groups = await this.tolerant(`how long ${logGroup} is kept`, () => facts.logGroups(region, logGroup));
    const group = groups?.find(({ name }) => name === logGroup);
    return group === undefined ? undefined : (group.retentionDays ?? null);
  }

  async series({ api }: RegionalStack): Promise<readonly KeptSeries[]> {
    if (api === undefined) {
      this.gaps.push('metrics of the API: no load balancer is configured (api.loadBalancer)');
      return [];
    }
    const { facts } = this.session.cloud;
    const traffic = await this.tolerant('metrics of the API', () => facts.apiTraffic(api, this.window));
    if (traffic === undefined) return [];
    const { latencyP99, requests, targetServerErrors, balancerServerErrors } = traffic;
    const failed = new Map<number, number>();
    for (const { at, value } of [...targetServerErrors.points, ...balancerServerErrors.points]) {
      failed.set(at, (failed.get(at) ?? 0) + value);
    }
    return [
      { id: 'latency-p99', label: 'API latency p99', unit: 's', points: latencyP99.points },
      { id: 'requests', label: 'requests', unit: 'count', points: requests.points },
      {
        id: 'server-errors',
        label: 'requests answered with 5xx',
        unit: 'count',
        // Only counts above zero are published: where there were requests and no error, there was none.
        points: requests.points.map(({ at }) => ({ at, value: failed.get(at) ?? 0 })),
      },
    ];
  }

  async users({ business }: RegionalStack): Promise<number | undefined> {
    if (business === undefined) return undefined;
    const { facts } = this.session.cloud;
    const dayMs = 86_400_000;
    const window = { from: this.window.to - 3 * dayMs, to: this.window.to };
    const found = await this.tolerant('daily active users', () => facts.businessMetrics(business, window));
    return found?.dailyActiveUsers.points.at(-1)?.value;
  }

  private async tolerant<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!isUnseen(error)) throw error;
      this.gaps.push(`${what}: ${error.message}`);
      return undefined;
    }
  }
}

function cleaned(text: string): string {
  const clean = cleanText(text);
  return clean.length > longestLine ? `${clean.slice(0, longestLine)}…` : clean;
}

/** What the parts of a stack are called. */
export function namesOf({
  service,
  account,
  primary,
  recovery,
  globalCluster,
  traffic,
  sessionsTable,
}: Stack): readonly string[] {
  const halves = [primary, ...(recovery === undefined ? [] : [recovery])];
  const names = [
    service,
    account,
    globalCluster,
    traffic?.record,
    sessionsTable,
    ...halves.flatMap(({ api, compute, database, cache, storage, logs, tracing, business }) => [
      api?.loadBalancer.split('/')[1],
      api?.targetGroup?.split('/')[1],
      compute?.cluster,
      compute?.service,
      database?.cluster,
      cache?.replicationGroup,
      storage?.bucket,
      logs?.application?.logGroup,
      logs?.database?.logGroup,
      logs?.cache?.logGroup,
      tracing?.service,
      business?.namespace,
    ]),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

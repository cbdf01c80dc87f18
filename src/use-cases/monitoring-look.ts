/** Looks at what watches a stack and at what it is to be made of, region by region. Changes nothing. */
import type { ApiUsage } from '../cloud/cloud.ts';
import type { Facts } from '../cloud/facts.ts';
import { monitoringReads, ownTags, type FoundMonitoring } from '../cloud/monitoring.ts';
import type { RegionalStack, Stack } from '../cloud/stack.ts';
import type { Config } from '../config/schema.ts';
import type { Known } from '../diagnosis/known.ts';
import { NanoopsError } from '../errors.ts';
import { dashboardName } from '../monitoring/dashboard.ts';
import { topicNames, type MonitoringSettings, type WatchedSite } from '../monitoring/kit.ts';
import { limitsOf } from './check-report.ts';
import { lookAt, type Look } from './look-at.ts';
import { sitesOf } from './run-settings.ts';
import type { Session } from './session.ts';

/** The longest name that EventBridge takes for a rule is 64 characters; the longest ending is that of the crash rule. */
const longestPrefix = 56;

/** @throws NanoopsError `NameTooLong` */
export function monitoringSettings({ config, stack }: Pick<Session, 'config' | 'stack'>): MonitoringSettings {
  const { service, environment } = stack;
  return {
    stack,
    limits: limitsOf(config),
    fewestEvents: config.objectives.burn.fewestEvents,
    prefix: prefixOf(config, stack),
    tags: ownTags(service, environment),
    receivers: { critical: config.alerts.critical, warning: config.alerts.warning },
  };
}

/** How the names of what is made begin, however long that is. */
export function prefixIn({ alerts }: Config, { service, environment }: Pick<Stack, 'service' | 'environment'>): string {
  // Neither topics nor dashboards may have a full stop in their names.
  return alerts.prefix ?? `nanoops-${service}-${environment}`.replaceAll('.', '-');
}

function prefixOf(config: Config, stack: Stack): string {
  const prefix = prefixIn(config, stack);
  if (prefix.length <= longestPrefix) return prefix;
  throw new NanoopsError(
    `"${prefix}" is too long for the names of rules: ${prefix.length} characters, of which ${longestPrefix} fit`,
    {
      code: 'NameTooLong',
      exitCode: 2,
      nextStep: 'set alerts.prefix in nanoops.yaml: what all names are to begin with, up to 40 characters',
    },
  );
}

export interface LookedRegion {
  readonly region: string;
  readonly seen: Known<{ readonly site: WatchedSite; readonly found: readonly FoundMonitoring[] }>;
}

export interface LookedMonitoring {
  readonly regions: readonly LookedRegion[];
  readonly at: string;
  readonly api: ApiUsage;
}

type Half = readonly [half: RegionalStack, role: WatchedSite['role']];

function halvesOf(stack: Stack, region: string | undefined): readonly Half[] {
  const { site, standby } = sitesOf(stack, region);
  const role = (half: RegionalStack): WatchedSite['role'] => (half === stack.primary ? 'primary' : 'recovery');
  return [site, ...(standby === undefined ? [] : [standby])].map((half) => [half, role(half)]);
}

/** By which the parts of a region are named. */
export const namesCalls: readonly string[] = [
  'sts:GetCallerIdentity',
  'elasticache:DescribeReplicationGroups',
  's3:ListBucketMetricsConfigurations',
  'cloudwatch:ListMetrics',
];
/** By which alarms are planned. */
export const alertCalls: readonly string[] = [
  ...new Set([...Object.values(monitoringReads).flat(), 'events:ListRules', ...namesCalls]),
].filter((call) => call !== 'cloudwatch:GetDashboard' && call !== 'events:DescribeRule');

/** By which the dashboard is planned. */
export const dashboardCalls: readonly string[] = [
  'cloudwatch:GetDashboard',
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
  'rds:DescribeDBParameters',
  'rds:DescribeDBClusterParameters',
  ...namesCalls,
];

export interface LookWanted {
  readonly region?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** The alarms and topics of every region that is asked for. @throws as `lookAt`; NanoopsError `UnknownRegion` */
export async function lookAtAlerts(
  session: Session,
  settings: MonitoringSettings,
  { region, timeoutMs }: LookWanted,
): Promise<LookedMonitoring> {
  const halves = halvesOf(session.stack, region);
  return lookAtRegions(session, halves, { id: 'alerts-plan', calls: alertCalls, timeoutMs }, async (facts, half) => {
    const site = await siteOf(facts, half);
    const scope = { region: half[0].region, account: site.account, prefix: `${settings.prefix}-` };
    const topics = topicNames.map((name) => `${settings.prefix}-${name}`);
    const found = await facts.watching(scope, topics);
    return { site, found };
  });
}

/** What the account calls the parts of each region, and nothing else. */
export async function lookAtSites(session: Session, { region, timeoutMs }: LookWanted): Promise<LookedMonitoring> {
  const halves = halvesOf(session.stack, region);
  return lookAtRegions(
    session,
    halves,
    { id: 'monitoring-names', calls: namesCalls, timeoutMs },
    async (facts, half) => ({
      site: await siteOf(facts, half),
      found: [],
    }),
  );
}

/** The dashboard, which is of no region, beside what the account calls the parts of both. */
export async function lookAtDashboard(
  session: Session,
  settings: MonitoringSettings,
  { region, timeoutMs }: LookWanted,
): Promise<LookedMonitoring> {
  const [home] = halvesOf(session.stack, region);
  const halves = halvesOf(session.stack, undefined);
  return lookAtRegions(
    session,
    halves,
    { id: 'dashboard-plan', calls: dashboardCalls, timeoutMs },
    async (facts, half) => {
      const [{ database }, role] = half;
      const [named, connectionLimit] = await Promise.all([
        siteOf(facts, half),
        role === 'primary' && database !== undefined ? facts.connectionLimit(database) : undefined,
      ]);
      const site = { ...named, ...(connectionLimit === undefined ? {} : { connectionLimit }) };
      if (half[0].region !== home?.[0].region) return { site, found: [] };
      const found = await facts.dashboard(half[0].region, dashboardName(settings));
      return { site, found: found === undefined ? [] : [found] };
    },
  );
}

async function lookAtRegions(
  session: Session,
  halves: readonly Half[],
  {
    id,
    calls,
    timeoutMs,
  }: { readonly id: string; readonly calls: readonly string[]; readonly timeoutMs?: number | undefined },
  look: (
    facts: Facts,
    half: Half,
  ) => Promise<{ readonly site: WatchedSite; readonly found: readonly FoundMonitoring[] }>,
): Promise<LookedMonitoring> {
  const [first] = halves;
  if (first === undefined) throw new TypeError('a stack has one region at least');
  type Seen = Awaited<ReturnType<typeof look>>;
  const looks: Record<string, Look<Seen>> = Object.fromEntries(
    halves.map((half) => [
      half[0].region,
      {
        title: `What watches ${half[0].region}`,
        calls,
        run: (facts: Facts) => look(facts, half),
        detail: ({ found }: Seen) => `${found.length} found`,
      },
    ]),
  );
  const { found, at, api } = await lookAt(session, { id, region: first[0].region, timeoutMs }, looks);
  const regions = halves.flatMap(([{ region }]) => {
    const seen = found[region];
    return seen === undefined ? [] : [{ region, seen }];
  });
  return { regions, at, api };
}

async function siteOf(facts: Facts, [half, role]: Half): Promise<WatchedSite> {
  const { region, cache, storage, database } = half;
  const [{ account }, cacheNodes, bucketFilter, lagMetric] = await Promise.all([
    facts.caller(region),
    cache && facts.cacheNodes(cache),
    storage && facts.bucketFilter(storage),
    database && facts.lagMetric(database),
  ]);
  return {
    half,
    role,
    account,
    ...(cacheNodes === undefined ? {} : { cacheNodes }),
    ...(bucketFilter === undefined ? {} : { bucketFilter }),
    ...(lagMetric === undefined ? {} : { lagMetric }),
  };
}

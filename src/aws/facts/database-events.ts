/** What RDS did to an Aurora cluster, its instances and their parameter groups, told apart by what it says. */
import type { Event, SourceType } from '@aws-sdk/client-rds';
import type { DatabaseEvent } from '../../cloud/facts.ts';
import type { Window } from '../../cloud/series.ts';
import type { DatabaseRef } from '../../cloud/stack.ts';
import { customGroup, describeCluster, describeInstances } from './database.ts';
import { allPages, type FactTools } from './tools.ts';

/** RDS keeps its events so long, and is not asked for older ones. */
const keptMs = 14 * 24 * 3_600_000;

/**
 * The messages of "Amazon RDS event categories and event messages for Aurora" (Aurora User Guide). DescribeEvents gives
 * them without the numbers that the guide has, which stand beside them here.
 */
const messages: readonly (readonly [DatabaseEvent['kind'], RegExp])[] = [
  // 0072, 0073
  ['failover-started', /^Started (?:same|cross) AZ failover\b/i],
  // 0071
  ['failover-completed', /^Completed failover\b/i],
  // 0069
  ['failover-failed', /^Cluster failover failed\b/i],
  // 0070
  ['writer-restored', /^Promoting previous primary again\b/i],
  // 0006
  ['restarted', /^DB instance restarted\b/i],
  // 0004, 0087
  ['unavailable', /^DB instance (?:shutdown|stopped)\b/i],
  // 0022
  ['unavailable', /^Error restarting mysql\b/i],
  // 0020, 0026
  ['unavailable', /^(?:Recovery of the DB instance has started|Applying off-?line patches)\b/i],
  // 0221
  ['unavailable', /reached the storage-full threshold, and the database has been shut down/i],
  // 0031, 0035, 0036
  ['unavailable', /^(?:DB|Database) instance (?:put into|in) /i],
  // 0037, 0011, 0092
  [
    'parameters-changed',
    /^(?:Updated parameter\b|Updated to use DBParameterGroup\b|Finished updating DB parameter group\b)/i,
  ],
];

function kindOf(message: string): DatabaseEvent['kind'] {
  return messages.find(([, pattern]) => pattern.test(message))?.[0] ?? 'other';
}

interface Subject {
  readonly type: SourceType;
  readonly id: string;
}

/** Groups that nobody can change have no events. RDS has one type for those of instances and of clusters. */
async function subjectsOf(tools: FactTools, database: DatabaseRef): Promise<readonly Subject[]> {
  const [cluster, instances] = await Promise.all([
    describeCluster(tools, database),
    describeInstances(tools, database),
  ]);
  const ids = instances.flatMap(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? []);
  const groups = [
    cluster.DBClusterParameterGroup,
    ...instances.flatMap(({ DBParameterGroups }) => DBParameterGroups ?? []).map((group) => group.DBParameterGroupName),
  ].flatMap((name) => customGroup(name) ?? []);
  return [
    { type: 'db-cluster', id: database.cluster },
    ...ids.map((id) => ({ type: 'db-instance' as const, id })),
    ...[...new Set(groups)].map((id) => ({ type: 'db-parameter-group' as const, id })),
  ];
}

export async function databaseEvents(
  tools: FactTools,
  database: DatabaseRef,
  window: Window,
): Promise<readonly DatabaseEvent[]> {
  const { wiring, clients } = tools;
  const { region } = database;
  const from = Math.max(window.from, wiring.clock.now() - keptMs);
  if (from >= window.to) return [];
  const subjects = await subjectsOf(tools, database);
  const rds = await clients.rds(region);
  const found = await Promise.all(
    subjects.map(async ({ type, id }) => {
      const asked = { SourceType: type, SourceIdentifier: id, StartTime: new Date(from), EndTime: new Date(window.to) };
      const events = await allPages(wiring, { service: 'rds', operation: 'DescribeEvents', region }, async (Marker) => {
        const answer = await rds.describeEvents({ ...asked, Marker });
        return { items: answer.Events ?? [], next: answer.Marker };
      });
      return events.flatMap((event) => eventFrom(event, id, window));
    }),
  );
  return found.flat().toSorted((a, b) => b.at - a.at);
}

/** Not every emulator heeds the times that it is asked for. */
function eventFrom({ Date: date, Message: message, SourceIdentifier }: Event, id: string, window: Window) {
  const at = date?.getTime();
  if (at === undefined || message === undefined || at < window.from || at >= window.to) return [];
  return [{ at, about: SourceIdentifier ?? id, kind: kindOf(message), message: message.trim() }];
}

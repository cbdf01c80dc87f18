/**
 * What is looked at when the service cannot reach its database: all at once, but for the rules of the groups that the
 * cluster is in.
 */
import { part, unlessConfigured } from '../configured.ts';
import { foundLines } from '../found-lines.ts';
import { eventsKeptMs } from '../database-changes.ts';
import { observe } from '../kit.ts';
import { databaseState } from '../latency/observations.ts';
import { lookback, upToNow } from '../present.ts';

export { apiTraffic, databaseLoad, databaseState, serviceState, stoppedTasks } from '../latency/observations.ts';

/** A service that cannot reach its database tells so with every request: the newest of so many lines are enough. */
const mostLines = 5_000;

export const errorLines = observe('error-lines', {
  title: 'ERROR and CRITICAL log lines',
  calls: ['logs:FilterLogEvents'],
  skip: (_needs, { site }) => unlessConfigured(site.logs?.application, 'logs.application'),
  run: (_needs, { ports, settings }) =>
    ports.facts.errorLines(
      part(settings.site.logs?.application),
      upToNow(settings.window, settings.lookedAt),
      mostLines,
    ),
  detail: (found) => foundLines(found),
});

/** All that RDS still has: the newest failover says to whom a later one belongs, however long ago it was. */
export const databaseEvents = observe('database-events', {
  title: 'What RDS did to the database',
  calls: ['rds:DescribeEvents', 'rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) =>
    ports.facts.databaseEvents(
      part(settings.site.database),
      lookback(settings.window, settings.lookedAt, eventsKeptMs),
    ),
  detail: (found, { window }) => {
    const recent = found.filter(({ at, kind }) => at >= window.from && kind !== 'other');
    const told = recent.slice(0, 3).map(({ message }) => message.replace(/\.$/, ''));
    const more = recent.length > told.length ? `; ${recent.length - told.length} more` : '';
    return told.length === 0 ? 'no failover, outage or change of parameters' : `${told.join('; ')}${more}`;
  },
});

export const connectionLimit = observe('connection-limit', {
  title: 'How many connections the database takes',
  calls: [
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBClusterParameters',
    'rds:DescribeDBParameters',
  ],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database.cluster'),
  run: (_needs, { ports, settings }) => ports.facts.connectionLimit(part(settings.site.database)),
  detail: (limit) => (limit === undefined ? 'it cannot be told' : `${limit}`),
});

export const ingressRules = observe('ingress-rules', {
  title: 'Who is let in to the database',
  calls: ['ec2:DescribeSecurityGroups'],
  needs: { database: databaseState },
  run: ({ database }, { ports, settings }) => ports.facts.ingressRules(settings.site.region, database.securityGroups),
  detail: (rules) => {
    const sources = rules.flatMap((rule) => [...rule.fromGroups, ...rule.fromRanges]);
    return sources.length === 0 ? 'nobody' : [...new Set(sources)].join(', ');
  },
});

/** What the alerting rules look at beside what the metrics' checks do. */
import { settled } from '../../engine/step.ts';
import { hourMs, observe, part, unlessConfigured, windowOf } from '../kit.ts';

/** More entries than that in an hour need no test to be called too many. */
const mostEntries = 5_000;

const slowLog = observe('slow-log', {
  title: 'Slow query log, last hour',
  calls: ['logs:FilterLogEvents'],
  skip: (_needs, { site }) => unlessConfigured(site.logs?.database, 'logs.database'),
  run: (_needs, { ports, settings }) =>
    ports.facts.slowQueries(part(settings.site.logs?.database), windowOf(settings, hourMs), mostEntries),
  detail: ({ lines }) => `${lines.length} entries`,
});

const parameters = observe('database-parameters', {
  title: 'What the database’s parameter group sets',
  calls: ['rds:DescribeDBClusters', 'rds:DescribeDBClusterParameters'],
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: (_needs, { ports, settings }) => ports.facts.clusterParameters(part(settings.site.database)),
  detail: (set) => `${Object.keys(set).length} parameters`,
});

const stoppedTasks = observe('stopped-tasks', {
  title: 'Tasks that stopped, last hour',
  calls: ['ecs:ListTasks', 'ecs:DescribeTasks'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.stoppedTasks(part(settings.site.compute)),
  detail: (tasks) => `${tasks.length} tasks`,
});

export const seenForAlerts = {
  slowLog: settled(slowLog),
  parameters: settled(parameters),
  stoppedTasks: settled(stoppedTasks),
} as const;

/** What capacity is judged by: five weeks, by the hour, of what may run short. */
import { lookedAt } from '../../capacity/resource.ts';
import { settled } from '../../engine/step.ts';
import { observe, part, unlessConfigured } from '../kit.ts';
import { seen } from '../observations.ts';

const metrics = ['cloudwatch:GetMetricData'];

const usersHistory = observe('capacity-users', {
  title: 'Daily active users, five weeks',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.business, 'business.namespace'),
  run: (_needs, { ports, settings }) =>
    ports.facts.businessMetrics(part(settings.site.business), lookedAt(settings.until)),
  detail: ({ dailyActiveUsers }) => `${dailyActiveUsers.points.length} hours`,
});

const serviceHistory = observe('capacity-service', {
  title: 'CPU and memory of the tasks, five weeks',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) =>
    ports.facts.serviceUtilisation(part(settings.site.compute), lookedAt(settings.until)),
  detail: ({ cpuAverage }) => `${cpuAverage.points.length} hours`,
});

const taskHistory = observe('capacity-tasks', {
  title: 'Running tasks, five weeks',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: (_needs, { ports, settings }) => ports.facts.runningTasks(part(settings.site.compute), lookedAt(settings.until)),
  detail: ({ points }) => `${points.length} hours`,
});

const scaling = observe('capacity-scaling', {
  title: 'How far the tasks may be scaled',
  calls: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
  skip: (_needs, { site }) => unlessConfigured(site.compute, 'compute'),
  run: async (_needs, { ports, settings }) => (await ports.facts.scalingLimits(part(settings.site.compute))) ?? null,
  detail: (limits) => (limits === null ? 'not scaled by itself' : `${limits.min} to ${limits.max} tasks`),
});

const databaseHistory = observe('capacity-database', {
  title: 'Load of the database, five weeks',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: (_needs, { ports, settings }) =>
    ports.facts.databaseLoad(part(settings.site.database), lookedAt(settings.until)),
  detail: ({ cpu }) => `${cpu.points.length} hours`,
});

const storageHistory = observe('capacity-storage', {
  title: 'Storage of the database, five weeks',
  calls: metrics,
  skip: (_needs, { site }) => unlessConfigured(site.database, 'database'),
  run: (_needs, { ports, settings }) =>
    ports.facts.databaseStorage(part(settings.site.database), lookedAt(settings.until)),
  detail: ({ usedBytes }) => `${usedBytes.points.length} hours`,
});

const cacheHistory = observe('capacity-cache', {
  title: 'Memory and CPU of the cache, five weeks',
  calls: ['elasticache:DescribeReplicationGroups', ...metrics],
  skip: (_needs, { site }) => unlessConfigured(site.cache, 'cache'),
  run: (_needs, { ports, settings }) => ports.facts.cacheUse(part(settings.site.cache), lookedAt(settings.until)),
  detail: ({ memory }) => `${memory.points.length} hours`,
});

export const capacitySeen = {
  users: settled(usersHistory),
  service: settled(serviceHistory),
  tasks: settled(taskHistory),
  scaling: settled(scaling),
  database: settled(databaseHistory),
  connectionLimit: seen.connectionLimit,
  storage: settled(storageHistory),
  cache: settled(cacheHistory),
} as const;

export const capacityObservations = Object.values(capacitySeen).map(({ settled: step }) => step);

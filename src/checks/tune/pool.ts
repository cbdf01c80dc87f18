/** Whether the database has room for the pools of all tasks, and whether a pool lets go of connections before it does. */
import { check, type CheckTold } from '../check.ts';
import {
  breach,
  notConfigured,
  ok,
  seenIn,
  span,
  unknown,
  unseen,
  warning,
  type Judged,
  type Origin,
} from '../judged.ts';
import type { Evidence } from '../../diagnosis/evidence.ts';
import type { DatabaseServer } from '../../cloud/inspection.ts';
import type { Known } from '../../diagnosis/known.ts';
import { seen } from './observations.ts';
import { sql, unseenThere } from './origins.ts';
import type { PoolSettings } from './settings.ts';

const area = 'database';
const configuration: Origin = { operation: 'config', region: 'nanoops.yaml' };
/** MySQL 8.0 Reference Manual, "Server System Variables": wait_timeout. */
const defaultWaitS = 28_800;

export const poolSize = check('tune-pool-size', {
  title: 'Pools, max_connections',
  area,
  severity: 'critical',
  needs: { server: seen.databaseServer, limit: seen.connectionLimit, tasks: seen.tasks, limits: seen.taskLimits },
  judge: ({ server, limit, tasks, limits }, told): Judged => {
    const { pool } = told.tuning ?? {};
    if (pool === undefined) return notConfigured('database is not configured');
    const { region } = told.site;
    const byAws: Origin = { operation: 'rds:DescribeDBParameters', region };
    // The server itself knows best; it is asked only where somebody gave a connection.
    const most = server.known ? server.value.maxConnections : limit.known ? limit.value : undefined;
    if (most === undefined) return limit.known ? unknownLimit(byAws) : unseen(limit, byAws);
    if (most === null) return unknownLimit(byAws);
    const byEcs: Origin = { operation: 'ecs:DescribeServices', region };
    if (!tasks.known) return unseen(tasks, byEcs);
    const scaling: Origin = { operation: 'application-autoscaling:DescribeScalableTargets', region };
    const perTask = (pool.size + pool.overflow) * pool.workersPerTask;
    const { desired } = tasks.value;
    const configured = told.site.compute?.maxTasks;
    const scaled = limits.known ? limits.value?.max : undefined;
    // What Auto Scaling may ask for; nanoops itself asks for no more than compute.maxTasks.
    const mostTasks = Math.max(desired, scaled ?? configured ?? desired);
    const found: readonly Evidence[] = [
      ...seenIn(server.known ? sql(told, 'max_connections') : byAws, `max_connections ${most}`),
      ...seenIn(byEcs, `${desired} tasks are wanted now`),
      ...(scaled === undefined ? [] : seenIn(scaling, `at most ${scaled} tasks`)),
      ...seenIn(configuration, `${poolText(pool)}: ${perTask} connections a task`),
    ];
    const share = Math.round((perTask * mostTasks * 1000) / most) / 10;
    const extras = { observed: { value: share, unit: '%' }, target: '\u2264100 % of max_connections' };
    const nextStep = 'smaller pools, fewer processes a task, a larger instance class, or RDS Proxy between them';
    const sum = (count: number): string => `${count} tasks may open ${perTask * count} of ${most} connections`;
    if (perTask * desired > most) {
      return breach(`${sum(desired)}: the pools of today\u2019s tasks do not fit`, found, { ...extras, nextStep });
    }
    if (perTask * mostTasks > most)
      return warning(`${sum(mostTasks)} once the service is scaled out`, found, { ...extras, nextStep });
    if (perTask * desired * 2 > most) {
      return warning(`${sum(desired * 2)}, as many as a rolling deployment runs side by side`, found, {
        ...extras,
        nextStep,
      });
    }
    if (!limits.known && configured === undefined && limits.because !== 'skipped') {
      return { ...unseen(limits, scaling), evidence: found };
    }
    return ok(sum(mostTasks), found, extras);
  },
});

function unknownLimit(origin: Origin): Judged {
  const text =
    'max_connections of the writer cannot be told: its parameter group holds a formula, or its class is not known';
  return unknown(text, seenIn(origin, text), { nextStep: 'give database.connection: the server itself says' });
}

function poolText({ size, overflow, workersPerTask, isConfigured }: PoolSettings): string {
  const text = `a pool of ${size} and ${overflow} beyond it, ${workersPerTask} ${workersPerTask === 1 ? 'process' : 'processes'} a task`;
  return isConfigured ? text : `${text} (as specified: database.pool is not set)`;
}

export const poolRecycle = check('tune-pool-recycle', {
  title: 'Recycling, wait_timeout',
  area,
  severity: 'warning',
  needs: { server: seen.databaseServer, parameters: seen.clusterParameters },
  judge: ({ server, parameters }, told): Judged => {
    const { pool } = told.tuning ?? {};
    if (pool === undefined) return notConfigured('database is not configured');
    const byAws: Origin = { operation: 'rds:DescribeDBClusterParameters', region: told.site.region };
    const set = parameters.known ? parameters.value['wait_timeout'] : undefined;
    if (!server.known && !parameters.known) return unseen(parameters, byAws);
    if (!server.known && set !== undefined && !/^\d+$/.test(set)) {
      return unknown(`wait_timeout is a formula: ${set}`, seenIn(byAws, set));
    }
    const waitS = server.known ? server.value.waitTimeoutS : set === undefined ? defaultWaitS : Number(set);
    const basis = server.known
      ? seenIn(sql(told, 'wait_timeout'), `wait_timeout ${waitS} s`)
      : seenIn(
          byAws,
          `wait_timeout ${waitS} s${set === undefined ? ', which nobody set in the cluster\u2019s parameter group' : ''}`,
        );
    const { recycleMs, isConfigured } = pool;
    const found = [
      ...basis,
      ...seenIn(
        configuration,
        `recycle ${recycleMs / 1000} s${isConfigured ? '' : ' (as specified: database.pool is not set)'}`,
      ),
    ];
    const extras = { observed: { value: recycleMs / 1000, unit: 's' }, target: `<${waitS} s` };
    const nextStep = 'pool_recycle below wait_timeout; pool_pre_ping besides, for failovers';
    if (recycleMs === 0) {
      return warning(
        `connections are never replaced, and the database closes them after ${span(waitS * 1000)} of silence`,
        found,
        { ...extras, nextStep },
      );
    }
    if (recycleMs >= waitS * 1000) {
      return warning(
        `connections are kept for ${span(recycleMs)}, the database closes them after ${span(waitS * 1000)} of silence`,
        found,
        { ...extras, nextStep },
      );
    }
    return ok(
      `replaced after ${span(recycleMs)}, before the ${span(waitS * 1000)} after which the database closes them`,
      found,
      extras,
    );
  },
});

export const queryCache = check('tune-query-cache', {
  title: 'Query cache',
  area,
  severity: 'info',
  needs: { server: seen.databaseServer },
  judge: ({ server }: { readonly server: Known<DatabaseServer> }, told: CheckTold): Judged => {
    const origin = sql(told, 'query_cache_type');
    if (!server.known) return unseenThere(server, origin);
    const { version, queryCache: state } = server.value;
    const found = seenIn(origin, `${version}: ${state}`);
    if (state === 'absent') return ok(`${version} has none`, found);
    if (state === 'off') return ok('off', found);
    return warning('on: every write to a table throws away all that is cached of it, under one lock', found, {
      nextStep: 'query_cache_type = 0; what is worth keeping belongs into the cache of the application',
    });
  },
});

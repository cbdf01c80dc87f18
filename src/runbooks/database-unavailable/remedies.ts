/** The remedy of each cause of an unavailable database, as text and as the command that would do it. Nothing here acts. */
import type { DatabaseLoad, DatabaseState, ServiceState } from '../../cloud/facts.ts';
import type { DatabaseRef, ServiceRef } from '../../cloud/stack.ts';
import type { FailoverTarget } from '../../diagnosis/database/failover-target.ts';
import { servingOf, writerOf } from '../../diagnosis/database/statuses.ts';
import type { Known } from '../../diagnosis/known.ts';
import { awsCommand } from '../aws-command.ts';
import { restoredName } from '../database-restore.ts';
import type { Remediation } from '../kit.ts';
import { reviewConnectionPool } from '../latency/remedies.ts';

export interface Scene {
  readonly region: string;
  readonly runId: string;
  readonly awsOptions: readonly string[];
  readonly database: DatabaseRef | undefined;
  readonly compute: ServiceRef | undefined;
  readonly state: DatabaseState | undefined;
  readonly target: FailoverTarget | undefined;
  readonly service: ServiceState | undefined;
  readonly load: Known<DatabaseLoad>;
  readonly limit: Known<number | undefined>;
  readonly serviceState: Known<ServiceState>;
  /** What is not known and would have to be before a failover. */
  readonly undecided: readonly string[];
}

/** MySQL's own, unless the cluster says otherwise. */
const mysqlPort = 3306;

export function remedyFor(cause: string, scene: Scene): Remediation | undefined {
  switch (cause) {
    case 'writer-unreachable':
      return forWriter(scene);
    case 'failover-under-way':
      return {
        stepId: 'failover-awaited',
        summary:
          'wait: Aurora is failing over by itself, which usually takes less than a minute; a second failover would only begin it anew',
      };
    case 'read-only-writer':
      return {
        stepId: 'restart-tasks',
        summary:
          'replace the tasks, so that their connections are made anew and lead to the present writer; a failover would not help',
        ...restartCommand(scene),
      };
    case 'too-many-connections':
      return forConnections(scene);
    case 'database-credentials':
      return forCredentials(scene);
    case 'connection-pool-exhausted': {
      const pool = reviewConnectionPool(scene.limit, scene.load, scene.serviceState);
      const summary = `${pool.summary}; until then, replacing the tasks empties their pools for a while; a failover would not help`;
      return { ...pool, summary, ...restartCommand(scene) };
    }
    case 'security-group-changed':
      return forGroup(scene);
    case 'cluster-not-available':
      return forCluster(scene);
    case 'transient':
      return { stepId: 'advise', summary: 'nothing to do: connections are made again; look again if they fail' };
    default:
      return undefined;
  }
}

function forWriter(scene: Scene): Remediation {
  const { database, target, state, region, awsOptions, undecided } = scene;
  if (undecided.length > 0) {
    return { stepId: 'fail-over', summary: `find out first, since a failover may not help: ${undecided.join('; ')}` };
  }
  if (database === undefined || target === undefined || state === undefined) {
    return {
      stepId: 'fail-over',
      summary: 'fail over to a reader, if there is one: the cluster\u2019s state is not known',
    };
  }
  if (target.target === undefined) return forNoReader(scene, database, state, target.reason);
  const { id, instanceClass, zone = 'an unknown zone' } = target.target;
  const concerns = target.concerns.length === 0 ? '' : `; but ${target.concerns.join('; ')}`;
  return {
    stepId: 'fail-over',
    summary: `fail over to ${id} (${instanceClass}, ${zone}): typically under 60 s, in which writes fail${concerns}`,
    command: awsCommand(
      'rds failover-db-cluster',
      { region, 'db-cluster-identifier': database.cluster, 'target-db-instance-identifier': id },
      awsOptions,
    ),
  };
}

function forNoReader(
  { runId, awsOptions, region }: Scene,
  database: DatabaseRef,
  state: DatabaseState,
  reason: string,
): Remediation {
  const stepId = 'restore-cluster';
  if (servingOf(state.status) !== 'serving') return { stepId, summary: `no failover can be made now: ${reason}` };
  const cluster = restoredName(database, runId);
  return {
    stepId,
    summary: `${reason}: restore a new cluster from the backups (10 to 30 minutes or more), add an instance to it, and point the application at it by hand; Aurora may make the writer anew by itself meanwhile`,
    command: awsCommand(
      'rds restore-db-cluster-to-point-in-time',
      {
        region,
        'source-db-cluster-identifier': database.cluster,
        'db-cluster-identifier': cluster,
        'use-latest-restorable-time': '',
        'db-subnet-group-name': state.subnetGroup,
        'vpc-security-group-ids': state.securityGroups.length === 0 ? undefined : state.securityGroups,
        'db-cluster-parameter-group-name': state.parameterGroup,
        'deletion-protection': '',
      },
      awsOptions,
    ),
  };
}

function restartCommand({ compute, awsOptions }: Scene): { readonly command?: string } {
  if (compute === undefined) return {};
  const { region, cluster, service } = compute;
  return {
    command: awsCommand('ecs update-service', { region, cluster, service, 'force-new-deployment': '' }, awsOptions),
  };
}

/** Statement by which MySQL tells who holds its connections. */
const whoHolds =
  "SELECT user, SUBSTRING_INDEX(host, ':', 1) AS client, command, COUNT(*) FROM information_schema.processlist GROUP BY 1, 2, 3 ORDER BY 4 DESC";

function forConnections({ region, awsOptions, state }: Scene): Remediation {
  const group = state?.parameterGroup;
  return {
    stepId: 'advise',
    summary: `see who holds the connections (${whoHolds}), end those that nobody needs, and make the pools smaller: tasks \u00d7 pool must stay below max_connections; a failover would not help, since the next writer has the same limit`,
    ...(group === undefined
      ? {}
      : {
          command: awsCommand(
            'rds describe-db-cluster-parameters',
            {
              region,
              'db-cluster-parameter-group-name': group,
              query: 'Parameters[?ParameterName==`max_connections`]',
            },
            awsOptions,
          ),
        }),
  };
}

function forCredentials({ service, compute, awsOptions }: Scene): Remediation {
  const summary =
    'find out which secret the tasks were started with and whether it was rotated; once it is right, replace the tasks, which read it when they start; a failover would not help';
  if (service === undefined || compute === undefined) return { stepId: 'advise', summary };
  return {
    stepId: 'advise',
    summary,
    command: awsCommand(
      'ecs describe-task-definition',
      {
        region: compute.region,
        'task-definition': service.taskDefinition,
        query: 'taskDefinition.containerDefinitions[].secrets[]',
      },
      awsOptions,
    ),
  };
}

function forGroup({ state, service, region, awsOptions }: Scene): Remediation {
  const stepId = 'advise';
  const group = state?.securityGroups[0];
  const caller = service?.securityGroups[0];
  const port = state?.port ?? mysqlPort;
  if (group === undefined || caller === undefined) {
    return {
      stepId,
      summary: `let the service in again, on port ${port} of the database\u2019s security group; a failover would not help`,
    };
  }
  return {
    stepId,
    summary: `let ${caller} in to ${group} on port ${port} again, and ask who removed the rule; a failover would not help`,
    command: awsCommand(
      'ec2 authorize-security-group-ingress',
      { region, 'group-id': group, protocol: 'tcp', port: String(port), 'source-group': caller },
      awsOptions,
    ),
  };
}

function forCluster({ database, state, region, awsOptions }: Scene): Remediation {
  const stepId = 'advise';
  if (database === undefined || state === undefined)
    return { stepId, summary: 'find out what RDS does to the cluster' };
  const { cluster } = database;
  if (state.status === 'stopped') {
    return {
      stepId,
      summary: `${cluster} was stopped: start it again, which takes minutes; a failover is not possible`,
      command: awsCommand('rds start-db-cluster', { region, 'db-cluster-identifier': cluster }, awsOptions),
    };
  }
  const writer = writerOf(state);
  const told = state.status === 'available' && writer !== undefined ? `${writer.id} is ${writer.status}` : state.status;
  return {
    stepId,
    summary: `see what RDS does (${told}), and wait for it or call AWS Support: it has to end before anything else helps`,
    command: awsCommand(
      'rds describe-events',
      { region, 'source-type': 'db-cluster', 'source-identifier': cluster, duration: '180' },
      awsOptions,
    ),
  };
}

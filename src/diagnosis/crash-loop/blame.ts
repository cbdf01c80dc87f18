/** Which deployment, if any, a crash loop may be due to: the newest that began in the hour before the first crash. */
import type { Deployment, DeploymentRecord } from '../../cloud/facts.ts';
import { isWayBack } from '../happenings.ts';
import { valueOf } from '../known.ts';
import type { CrashLoopPicture } from './picture.ts';
import { countRestarts, historyMs, type Restarts } from './restarts.ts';

export interface Blame {
  /** The task definition that ECS is to run now, where it is known. */
  readonly version?: string;
  /** How many of the loop's tasks ran it; undefined where ECS did not tell of enough of them. */
  readonly ofVersion?: number;
  /** When its deployment began, where that was in the hour before the first crash. */
  readonly deployedAt?: number;
  /** The newest version's first crash; the loop's, where ECS does not tell versions. */
  readonly firstAt: number;
  readonly record?: DeploymentRecord;
  /** Still rolling out. */
  readonly isUnderWay: boolean;
  /** ECS is taking it back already, or has done so. */
  readonly isRollingBack: boolean;
  readonly isRolledBack: boolean;
  /** The task definition before it. */
  readonly previous?: string;
  /** True where somebody went back from that one to this one already. */
  readonly isWayBack: boolean;
  /** Crashes that were not the newest version's in the hour before; undefined where that is not known. */
  readonly crashesBefore?: number;
  /** What tells when deployments began. */
  readonly timingRead: string;
}

/** Clocks of ECS's records may differ a little. */
const slackMs = 30_000;

export function blameOf(picture: CrashLoopPicture, loop: NonNullable<Restarts['loop']>): Blame {
  const records = (valueOf(picture.deployments) ?? []).toSorted((a, b) => b.startedAt - a.startedAt);
  const service = valueOf(picture.service);
  const primary = service?.deployments.find(({ status }) => status === 'primary');
  const isSuspect = (startedAt: number, taskDefinition: string | undefined): boolean => {
    const first = firstCrash(loop, taskDefinition);
    return startedAt <= first + slackMs && startedAt >= first - historyMs;
  };
  const record = records.find(({ startedAt, taskDefinition }) => isSuspect(startedAt, taskDefinition));
  const isPrimarySuspect = primary !== undefined && isSuspect(primary.createdAt, primary.taskDefinition);
  const deployedAt = record?.startedAt ?? (isPrimarySuspect ? primary.createdAt : undefined);
  const version = record?.taskDefinition ?? primary?.taskDefinition ?? service?.taskDefinition;
  const status = record?.status ?? '';
  const previous = previousOf(version, record, records, service?.deployments ?? []);
  return {
    version,
    ofVersion: ofVersion(version, loop),
    deployedAt,
    firstAt: firstCrash(loop, version),
    record,
    isUnderWay:
      record === undefined ? primary?.rollout === 'in-progress' : status === 'PENDING' || status === 'IN_PROGRESS',
    isRollingBack: status === 'ROLLBACK_REQUESTED' || status === 'ROLLBACK_IN_PROGRESS',
    isRolledBack: status === 'ROLLBACK_SUCCESSFUL',
    previous,
    isWayBack:
      record !== undefined &&
      previous !== undefined &&
      isWayBack({ ...record, previousTaskDefinitions: [previous] }, records),
    crashesBefore: crashesBefore(picture, version, deployedAt),
    timingRead: picture.deployments.known ? 'ecs:ListServiceDeployments' : 'ecs:DescribeServices',
  };
}

/** A loop may begin with a crash of the version before, which has nothing to do with the deployment. */
function firstCrash({ from, crashes }: NonNullable<Restarts['loop']>, version: string | undefined): number {
  return crashes.find(({ task }) => version !== undefined && task.taskDefinition === version)?.at ?? from;
}

/** Undefined unless ECS told the version of most tasks: a share of a few says nothing of the rest. */
function ofVersion(version: string | undefined, { crashes }: NonNullable<Restarts['loop']>): number | undefined {
  if (version === undefined) return undefined;
  const told = crashes.filter(({ task }) => task.taskDefinition !== undefined);
  if (told.length < crashes.length / 2) return undefined;
  return told.filter(({ task }) => task.taskDefinition === version).length;
}

/** Never "the revision before": that one may never have run. */
function previousOf(
  version: string | undefined,
  record: DeploymentRecord | undefined,
  records: readonly DeploymentRecord[],
  running: readonly Deployment[],
): string | undefined {
  const others = [
    ...(record?.previousTaskDefinitions ?? []),
    ...running.filter(({ status }) => status === 'active').map(({ taskDefinition }) => taskDefinition),
    ...records
      .filter((each) => each.status === 'SUCCESSFUL' && each.startedAt < (record?.startedAt ?? Infinity))
      .flatMap(({ taskDefinition }) => taskDefinition ?? []),
  ];
  return others.find((each) => each !== version);
}

function crashesBefore(
  picture: CrashLoopPicture,
  version: string | undefined,
  deployedAt: number | undefined,
): number | undefined {
  const stopped = valueOf(picture.stoppedTasks);
  if (stopped === undefined || deployedAt === undefined) return undefined;
  return countRestarts(stopped, picture.at).crashes.filter(({ at, task }) =>
    task.taskDefinition === undefined ? at < deployedAt : task.taskDefinition !== version,
  ).length;
}

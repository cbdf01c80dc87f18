/** A service on a healthy day, as a picture to be diagnosed for a crash loop, until a test says what crashes. */
import type { Deployment, DeploymentRecord, LogSearch, ServiceState, StoppedTask } from '../../../src/cloud/facts.ts';
import type { CrashLoopPicture } from '../../../src/diagnosis/crash-loop/picture.ts';
import type { Known } from '../../../src/diagnosis/known.ts';
import { endMs, minutesAgo } from '../series.ts';

const region = 'us-west-2';
const arn = `arn:aws:ecs:${region}:123456789012`;

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const denied = (reason = 'not allowed'): Known<never> => ({ known: false, because: 'unknown', reason });

export const revision = (number: number): string => `${arn}:task-definition/nano-api:${number}`;

/** A task of revision 42 that ended with exit code 1, so many minutes ago. */
export function task(id: string, minutes: number | undefined, more: Partial<StoppedTask> = {}): StoppedTask {
  return {
    taskArn: `${arn}:task/nano/${id}`,
    taskDefinition: revision(42),
    stoppedAt: minutes === undefined ? undefined : minutesAgo(minutes),
    stopCode: 'EssentialContainerExited',
    reason: 'Essential container in task exited',
    containers: [{ name: 'api', exitCode: 1 }],
    ...more,
  };
}

/** Tasks that crashed at these minutes. */
export function tasks(minutes: readonly number[], more: Partial<StoppedTask> = {}): readonly StoppedTask[] {
  return minutes.map((each) => task(`task${String(each).replace('.', 'x')}`, each, more));
}

export function record(startedMinutesAgo: number, more: Partial<DeploymentRecord> = {}): DeploymentRecord {
  return {
    id: 'dep-42',
    status: 'SUCCESSFUL',
    startedAt: minutesAgo(startedMinutesAgo),
    taskDefinition: revision(42),
    previousTaskDefinitions: [revision(40)],
    ...more,
  };
}

export function deployment(more: Partial<Deployment> = {}): Deployment {
  return {
    id: 'ecs-svc/42',
    status: 'primary',
    rollout: 'completed',
    taskDefinition: revision(42),
    createdAt: minutesAgo(3_000),
    desired: 3,
    running: 3,
    pending: 0,
    failedTasks: 0,
    ...more,
  };
}

export function service(more: Partial<ServiceState> = {}): ServiceState {
  return {
    status: 'ACTIVE',
    desired: 3,
    running: 3,
    pending: 0,
    taskDefinition: revision(42),
    deployments: [deployment()],
    events: [],
    subnets: [],
    securityGroups: [],
    source: { operation: 'ecs:DescribeServices', region, detail: 'nano/nano-api' },
    ...more,
  };
}

/** The last line of each of these tasks, a few seconds before it ended. */
export function lastLines(stopped: readonly StoppedTask[], message: (index: number) => string): LogSearch {
  return {
    lines: stopped.map(({ taskArn, stoppedAt }, index) => ({
      at: (stoppedAt ?? endMs) - 3_000,
      stream: `ecs/api/${taskArn.split('/').at(-1) ?? ''}`,
      message: message(index),
    })),
    truncated: false,
    source: { operation: 'logs:FilterLogEvents', region, detail: '/aws/ecs/nano-api' },
  };
}

export function picture(more: Partial<CrashLoopPicture> = {}): CrashLoopPicture {
  return {
    at: endMs,
    region,
    names: { service: 'nano-api' },
    stoppedTasks: known([]),
    service: known(service()),
    deployments: known([record(3_000)]),
    errorLines: known(lastLines([], () => '')),
    ...more,
  };
}

/** Everything that a diagnosis of a crash loop may look at, found or not. Plain data. */
import type { DeploymentRecord, LogSearch, ServiceState, StoppedTask } from '../../cloud/facts.ts';
import type { Known } from '../known.ts';

export interface CrashLoopPicture {
  /** The present, in epoch milliseconds: unlike metrics, ECS tells of tasks at once. */
  readonly at: number;
  readonly region: string;
  readonly names: { readonly service: string };
  readonly stoppedTasks: Known<readonly StoppedTask[]>;
  readonly service: Known<ServiceState>;
  /** At least of the hour before the present; an older successful one tells what to go back to. */
  readonly deployments: Known<readonly DeploymentRecord[]>;
  readonly errorLines: Known<LogSearch>;
}

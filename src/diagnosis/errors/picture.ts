/** Everything that a diagnosis of failing requests may look at, found or not. Plain data: a picture can be saved and judged again. */
import type {
  ApiTraffic,
  BucketLoad,
  DatabaseEvent,
  DatabaseState,
  DeploymentRecord,
  LogSearch,
  ServiceState,
  ServiceUtilisation,
  StoppedTask,
  TargetHealth,
  TraceSample,
  ZoneTraffic,
} from '../../cloud/facts.ts';
import type { ChangeLog } from '../../cloud/security-facts.ts';
import type { Located } from '../call-graph.ts';
import type { Known } from '../known.ts';
import type { ComponentNames } from '../self-time.ts';
import type { ErrorSymptom } from './symptom.ts';

export interface ErrorsPicture {
  readonly symptom: ErrorSymptom;
  readonly region: string;
  readonly names: ComponentNames & { readonly service: string };
  readonly traffic: Known<ApiTraffic>;
  readonly zones: Known<readonly ZoneTraffic[]>;
  readonly targets: Known<readonly TargetHealth[]>;
  readonly utilisation: Known<ServiceUtilisation>;
  readonly service: Known<ServiceState>;
  readonly deployments: Known<readonly DeploymentRecord[]>;
  readonly stoppedTasks: Known<readonly StoppedTask[]>;
  readonly database: Known<DatabaseState>;
  readonly databaseEvents: Known<readonly DatabaseEvent[]>;
  /** `undefined` inside where the bucket publishes no request metrics. */
  readonly bucketLoad: Known<BucketLoad | undefined>;
  readonly errorLines: Known<LogSearch>;
  /** Traces of requests that failed in the incident. */
  readonly failedTraces: Known<TraceSample>;
  /** Where the faults begin, by counts of all traced calls. */
  readonly callGraph: Known<Located>;
  /** What people and programs changed around the onset. */
  readonly changes: Known<ChangeLog>;
}

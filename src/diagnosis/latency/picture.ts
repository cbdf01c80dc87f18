/** Everything that a latency diagnosis may look at, found or not. Plain data: a picture can be saved and judged again. */
import type {
  ApiTraffic,
  BucketLoad,
  CacheLoad,
  DatabaseLoad,
  DatabaseState,
  DeploymentRecord,
  LogSearch,
  ServiceState,
  ServiceUtilisation,
  StoppedTask,
  TraceSample,
  ZoneTraffic,
} from '../../cloud/facts.ts';
import type { Located } from '../call-graph.ts';
import type { Known } from '../known.ts';
import type { ComponentNames } from '../self-time.ts';
import type { Symptom } from '../symptom.ts';

export interface LatencyPicture {
  readonly symptom: Symptom;
  readonly region: string;
  readonly names: ComponentNames & { readonly service: string };
  readonly traffic: Known<ApiTraffic>;
  readonly zones: Known<readonly ZoneTraffic[]>;
  readonly utilisation: Known<ServiceUtilisation>;
  readonly service: Known<ServiceState>;
  readonly deployments: Known<readonly DeploymentRecord[]>;
  readonly stoppedTasks: Known<readonly StoppedTask[]>;
  readonly database: Known<DatabaseState>;
  readonly databaseLoad: Known<DatabaseLoad>;
  readonly cacheLoad: Known<CacheLoad>;
  /** `undefined` inside where the bucket publishes no request metrics. */
  readonly bucketLoad: Known<BucketLoad | undefined>;
  readonly errorLines: Known<LogSearch>;
  readonly slowQueries: Known<LogSearch>;
  readonly slowTraces: Known<TraceSample>;
  /** Traces of the normal period, to compare with. */
  readonly normalTraces: Known<TraceSample>;
  /** In which component it began to be slow, by counts of all traced calls. */
  readonly callGraph: Known<Located>;
}

/**
 * The stack that is operated, as references: what the configuration names, resolved for each region. Runbooks and
 * checks hand these to facts and changes; a part that the configuration does not name is `undefined`.
 */

export interface LoadBalancerRef {
  readonly region: string;
  /** The tail of the ARN, `app/<name>/<id>`: what CloudWatch wants as the `LoadBalancer` dimension. */
  readonly loadBalancer: string;
  /** `targetgroup/<name>/<id>`. */
  readonly targetGroup?: string;
}

export interface ServiceRef {
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
  /** The most tasks that nanoops may ever ask for. */
  readonly maxTasks?: number;
}

export interface DatabaseRef {
  readonly region: string;
  readonly cluster: string;
}

export interface CacheRef {
  readonly region: string;
  readonly replicationGroup: string;
}

export interface BucketRef {
  readonly region: string;
  readonly bucket: string;
}

export interface LogGroupRef {
  readonly region: string;
  readonly logGroup: string;
}

/** A CloudWatch namespace of the product's own metrics. */
export interface BusinessRef {
  readonly region: string;
  readonly namespace: string;
}

export interface TracedServiceRef {
  readonly region: string;
  /** The name that the service gives itself in X-Ray. */
  readonly service: string;
}

/** An Aurora global database, asked in one of its regions. */
export interface GlobalDatabaseRef {
  readonly region: string;
  readonly globalCluster: string;
}

export interface TableRef {
  readonly region: string;
  readonly table: string;
}

export interface ObjectRef extends BucketRef {
  readonly key: string;
}

/** A name in a Route 53 hosted zone. Route 53 is of no region; its API is in us-east-1. */
export interface RecordRef {
  readonly hostedZoneId: string;
  /** Without the final dot. */
  readonly record: string;
}

/** One of the five regional endpoints of an Application Recovery Controller cluster. */
export interface RoutingEndpoint {
  readonly region: string;
  readonly url: string;
}

/** How traffic is moved from one region to the other. */
export type TrafficSwitch = RecordRef &
  (
    | { readonly mechanism: 'records' }
    | {
        readonly mechanism: 'routing-control';
        /** ARNs, by the region that serves while the control is on. */
        readonly controls: Readonly<Record<string, string>>;
        readonly endpoints: readonly RoutingEndpoint[];
      }
    | {
        readonly mechanism: 'health-check';
        readonly healthCheckId: string;
        /** While it exists the primary region serves; without it the recovery region does. */
        readonly switchObject: ObjectRef;
      }
  );

/** One region's half of the stack. */
export interface RegionalStack {
  readonly region: string;
  readonly api?: LoadBalancerRef;
  readonly compute?: ServiceRef;
  readonly database?: DatabaseRef;
  readonly cache?: CacheRef;
  readonly storage?: BucketRef;
  readonly logs?: {
    readonly application?: LogGroupRef;
    /** The prefix before `/error`, `/slowquery`, `/general`. */
    readonly database?: LogGroupRef;
    readonly cache?: LogGroupRef;
    /** Where a CloudTrail trail is delivered to. */
    readonly trail?: LogGroupRef;
  };
  readonly tracing?: TracedServiceRef;
  readonly business?: BusinessRef;
}

export interface Stack {
  readonly service: string;
  readonly environment: string;
  readonly account?: string;
  readonly primary: RegionalStack;
  readonly recovery?: RegionalStack;
  /** The Aurora global database that both clusters belong to; absent where the recovery cluster is a replica. */
  readonly globalCluster?: string;
  readonly traffic?: TrafficSwitch;
  /** The DynamoDB table of sessions, by its name in every region. */
  readonly sessionsTable?: string;
}

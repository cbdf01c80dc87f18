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

export interface TracedServiceRef {
  readonly region: string;
  /** The name that the service gives itself in X-Ray. */
  readonly service: string;
}

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
  };
  readonly tracing?: TracedServiceRef;
}

export interface Stack {
  readonly service: string;
  readonly environment: string;
  readonly account?: string;
  readonly primary: RegionalStack;
  readonly recovery?: RegionalStack;
}

/**
 * Changes: what can be done to a stack, in the domain's words. Each method is exactly one call that alters something,
 * sent once and never repeated by the adapter: whether it was done when no answer came is for the caller to look up. Every method rejects with a
 * `CloudError`; the kinds `timeout`, `unreachable`, `service-fault` and `malformed-answer` leave open whether it was done.
 */
import type { ScalingKind } from './facts.ts';
import type { MonitoringAction, MonitoringResource, Tags } from './monitoring.ts';
import type { DnsRecord } from './recovery-facts.ts';
import type { DatabaseRef, GlobalDatabaseRef, ObjectRef, RecordRef, RoutingEndpoint, ServiceRef } from './stack.ts';

export interface Changes {
  /** `ecs:UpdateService` with a desired count alone. */
  setDesiredCount(service: ServiceRef, count: number): Promise<void>;
  /** `ecs:UpdateService` with a task definition alone: starts a deployment of it. */
  setTaskDefinition(service: ServiceRef, taskDefinition: string): Promise<void>;
  /** `ecs:StopServiceDeployment` with `ROLLBACK`: ends a rollout that is under way. `deployment` is its ARN. */
  rollBackDeployment(service: ServiceRef, deployment: string): Promise<void>;
  /** `ecs:UpdateService` with `forceNewDeployment`: replaces every task by one of the same version. */
  restartTasks(service: ServiceRef): Promise<void>;
  /** `application-autoscaling:RegisterScalableTarget` with a minimum alone. */
  setMinimumCapacity(service: ServiceRef, minimum: number): Promise<void>;
  /** `application-autoscaling:RegisterScalableTarget` with what is suspended, and nothing else; the rest goes on. */
  setSuspendedScaling(service: ServiceRef, suspended: readonly ScalingKind[]): Promise<void>;
  /** `rds:FailoverDBCluster`: makes a reader the writer; `target` is that reader's instance identifier. */
  failOverCluster(database: DatabaseRef, target?: string): Promise<void>;
  /** `rds:RestoreDBClusterToPointInTime`: a new cluster with the data of the newest restorable moment. */
  restoreCluster(database: DatabaseRef, restored: RestoredCluster): Promise<void>;
  /** `rds:CreateDBInstance`: an instance in an Aurora cluster. */
  createInstance(database: DatabaseRef, instance: NewInstance): Promise<void>;
  /**
   * `rds:SwitchoverGlobalCluster`: waits for the secondary to catch up, loses nothing. Sent to the region of the present
   * primary, `global.region`; `target` is the secondary's ARN.
   */
  switchOverGlobal(global: GlobalDatabaseRef, target: string): Promise<void>;
  /**
   * `rds:FailoverGlobalCluster` with `AllowDataLoss`: what was not copied yet is lost. Sent to the secondary's own
   * region, `global.region`; `target` is its ARN.
   */
  failOverGlobal(global: GlobalDatabaseRef, target: string): Promise<void>;
  /** `rds:RemoveFromGlobalCluster`: the cluster of that ARN, in `global.region`, becomes a cluster of its own that takes writes. */
  removeFromGlobal(global: GlobalDatabaseRef, cluster: string): Promise<void>;
  /** `rds:PromoteReadReplicaDBCluster`: a cross-region replica becomes a cluster of its own. */
  promoteReplica(database: DatabaseRef): Promise<void>;
  /** `route53:ChangeResourceRecordSets`, one batch: each of `before` is replaced by the set of `after` in its place. */
  replaceRecords(
    record: RecordRef,
    before: readonly DnsRecord[],
    after: readonly DnsRecord[],
  ): Promise<{ readonly changeId: string }>;
  /** `route53-recovery-cluster:UpdateRoutingControlStates`: all at once, at whichever endpoint answers. By the controls' ARNs. */
  setRoutingControls(
    endpoints: readonly RoutingEndpoint[],
    states: Readonly<Record<string, 'on' | 'off'>>,
  ): Promise<void>;
  /** `s3:PutObject`, empty: the object that a health check watches. */
  putObject(object: ObjectRef): Promise<void>;
  /** `s3:DeleteObject`. */
  deleteObject(object: ObjectRef): Promise<void>;
  /**
   * Makes, alters or deletes an alarm and the like: the call is that of `monitoringOperations`. Of a topic that is altered
   * `attribute` says in what, since a call sets one alone. Tags are given when it is made.
   */
  changeMonitoring(
    action: MonitoringAction,
    resource: MonitoringResource,
    how: { readonly account: string; readonly tags: Tags; readonly attribute?: 'displayName' | 'policy' },
  ): Promise<void>;
}

/** A cluster to be made from another one's backups: named, and in the same network as its source. */
export interface RestoredCluster {
  readonly cluster: string;
  readonly subnetGroup?: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup?: string;
}

export interface NewInstance {
  readonly instance: string;
  readonly instanceClass: string;
  readonly engine: string;
}

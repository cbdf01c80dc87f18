/** Whether what reached the world is what was agreed to: the same thing in the same place, set to what the change had told. */
import type { Change } from '../../src/engine/change.ts';
import type { AppliedCall, World } from '../../src/sandbox/world/world.ts';

export type Arrived = Omit<AppliedCall, 'at'>;

/** How a change would arrive: one of these regions, the resource as the service calls it, and what is set, in the service's words. */
interface Arrival {
  readonly regions: readonly string[];
  readonly resource: string;
  readonly sets: (detail: string) => boolean;
}

/** @throws TypeError for an operation that no runbook changes anything with. */
export function isArrivalOf(change: Change, call: Arrived, world: World): boolean {
  if (change.operation !== call.operation) return false;
  const { regions, resource, sets } = arrivalOf(change, world);
  return regions.includes(call.region) && resource === call.resource && sets(call.detail);
}

function arrivalOf(change: Change, world: World): Arrival {
  const { operation, region, resource, after } = change;
  const there = (as: string, sets: Arrival['sets']): Arrival => ({ regions: [region], resource: as, sets });
  switch (operation) {
    case 'ecs:UpdateService':
      return there(resource, (detail) => detail === serviceText(after));
    case 'ecs:StopServiceDeployment':
      return there(resource, (detail) => idIn(change, 'deployment') === detail.replace(/^ROLLBACK /, ''));
    case 'application-autoscaling:RegisterScalableTarget':
      return there(`service/${resource}`, (detail) => detail === scalingText(after));
    case 'rds:FailoverDBCluster':
      return there(resource, (detail) => detail.endsWith(` to ${text(after.writer)}`));
    case 'rds:RestoreDBClusterToPointInTime':
      return there(text(after.cluster), (detail) => detail.startsWith(`from ${sourceOf(change)} at `));
    case 'rds:CreateDBInstance': {
      const [cluster = ''] = resource.split('/');
      return there(text(after.instance), (detail) => detail === `${text(after.instanceClass)} in ${cluster}`);
    }
    case 'rds:SwitchoverGlobalCluster':
    case 'rds:FailoverGlobalCluster':
    case 'rds:PromoteReadReplicaDBCluster':
    case 'rds:RemoveFromGlobalCluster': {
      const [cluster = ''] = text(after.writer).split(' in ');
      return there(cluster, (detail) => detail === moveWords[operation]);
    }
    case 'route53:ChangeResourceRecordSets':
      return there(world.inventory.names.hostedZoneId, (detail) => {
        // Each as `UPSERT <name> <type> [set identifier] [weight n] <values>`; agreed to as `<type> <values> [TTL n s] [weight n] [id]`.
        const agreed = text(after.records).split('; ').map(wordsOf);
        const set = detail.split('; ').map((each) => wordsOf(each.replace(`UPSERT ${resource} `, '')));
        return set.every((words) => agreed.includes(words));
      });
    case 'route53-recovery-cluster:UpdateRoutingControlStates': {
      const controls = world.inventory.traffic.controls.filter(({ arn }) => nameOf(arn) in after);
      const states = new Set(controls.map(({ arn, region: own }) => `${own} ${text(after[nameOf(arn)])}`));
      return {
        regions: endpointRegionsOf(change),
        resource: controls[0]?.arn.split('/routingcontrol/')[0] ?? '',
        sets: (detail) => detail.split(', ').every((each) => states.has(each)),
      };
    }
    case 's3:PutObject':
    case 's3:DeleteObject':
      return there(resource, (detail) => detail === (after.exists === true ? 'put, empty' : 'deleted'));
    default:
      throw new TypeError(`how ${operation} arrives is not known here`);
  }
}

const moveWords = {
  'rds:SwitchoverGlobalCluster': 'switchover',
  'rds:FailoverGlobalCluster': 'AllowDataLoss',
  'rds:PromoteReadReplicaDBCluster': 'promoted',
  'rds:RemoveFromGlobalCluster': 'detached',
} as const;

function serviceText({ desiredCount, taskDefinition, deployment }: Change['after']): string {
  if (deployment !== undefined) return 'forceNewDeployment';
  return taskDefinition === undefined ? `desiredCount ${text(desiredCount)}` : `taskDefinition ${text(taskDefinition)}`;
}

function scalingText({ minCapacity, suspended }: Change['after']): string {
  if (suspended === undefined) return `MinCapacity ${text(minCapacity)}`;
  return `${suspended === 'all of it' ? 'scale-in, scale-out, scheduled' : text(suspended)} suspended`;
}

/** The words of a record without its TTL, which the world does not tell of a call, in one order. */
function wordsOf(record: string): string {
  return record
    .replace(/ TTL \d+ s/, '')
    .split(' ')
    .toSorted((one, other) => (one < other ? -1 : 1))
    .join(' ');
}

function nameOf(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** What people are not shown, and the journal holds. */
function idIn({ input }: Change, name: string): string {
  return nameOf(text(inputOf(input)[name]));
}

function sourceOf({ input }: Change): string {
  return text(inputOf(inputOf(input).source).cluster);
}

function endpointRegionsOf({ input }: Change): string[] {
  const { endpoints } = inputOf(input);
  return Array.isArray(endpoints) ? endpoints.map((each) => text(inputOf(each).region)) : [];
}

function inputOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('a change has an input');
  return { ...value };
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? 'nothing';
}

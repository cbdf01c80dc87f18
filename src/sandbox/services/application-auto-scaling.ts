/** Simulated Application Auto Scaling: the service's limits, its policy, and what it did. API Reference. */
import {
  DescribeScalableTargets$,
  DescribeScalingActivities$,
  DescribeScalingPolicies$,
  RegisterScalableTarget$,
  type DescribeScalableTargetsRequest,
  type DescribeScalableTargetsResponse,
  type DescribeScalingActivitiesRequest,
  type DescribeScalingActivitiesResponse,
  type DescribeScalingPoliciesRequest,
  type DescribeScalingPoliciesResponse,
  type RegisterScalableTargetRequest,
  type RegisterScalableTargetResponse,
  type ScalingActivity,
  type SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
import { scalingKinds, suspensionNames, type ScalingKind } from '../../cloud/facts.ts';
import { hexNoise } from '../random.ts';
import { scaleInCooldownMs, scaleOutCooldownMs } from '../world/autoscaler.ts';
import { runningTasks, type RegionInventory, type Scaling } from '../world/inventory.ts';
import { withLimits, withSuspended } from '../world/service-changes.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { operation, pageOf } from './operation.ts';

const SERVICE_NAMESPACE = 'ecs';
const DIMENSION = 'ecs:service:DesiredCount';
/** Activities are kept for six weeks. */
const KEPT_MS = 42 * 86_400_000;

interface Registered {
  readonly region: RegionInventory;
  readonly scaling: Scaling;
}

interface Asked {
  readonly ServiceNamespace?: string | undefined;
  readonly ScalableDimension?: string | undefined;
}

export function applicationAutoScalingService(world: World): SimulatedService {
  const targetIn = (
    call: CallContext,
    asked: Asked,
    resources: readonly string[] | undefined,
  ): Registered | undefined => {
    const region = world.region(call.region);
    if (region?.scaling === undefined || asked.ServiceNamespace !== SERVICE_NAMESPACE) return undefined;
    if (asked.ScalableDimension !== undefined && asked.ScalableDimension !== DIMENSION) return undefined;
    if (resources !== undefined && !resources.includes(resourceOf(region))) return undefined;
    return { region, scaling: region.scaling };
  };
  const one = (resource: string | undefined) => (resource === undefined ? undefined : [resource]);
  return {
    service: 'application-autoscaling',
    signingName: 'application-autoscaling',
    protocol: 'json-1.1',
    target: 'AnyScaleFrontendService',
    operations: [
      operation<DescribeScalableTargetsRequest, DescribeScalableTargetsResponse>(
        DescribeScalableTargets$,
        (input, call) => {
          const found = targetIn(call, input, input.ResourceIds);
          if (found === undefined) return { ScalableTargets: [] };
          const { region, scaling } = found;
          return {
            ScalableTargets: [
              {
                ServiceNamespace: SERVICE_NAMESPACE,
                ResourceId: resourceOf(region),
                ScalableDimension: DIMENSION,
                MinCapacity: scaling.min,
                MaxCapacity: scaling.max,
                RoleARN: `arn:aws:iam::${world.inventory.names.account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
                CreationTime: new Date(world.inventory.createdAt),
                SuspendedState: Object.fromEntries(
                  scalingKinds.map((kind) => [suspensionNames[kind], scaling.suspended.includes(kind)]),
                ),
                ScalableTargetARN: arnsOf(world, region).scalableTarget(),
              },
            ],
          };
        },
      ),
      operation<DescribeScalingPoliciesRequest, DescribeScalingPoliciesResponse>(
        DescribeScalingPolicies$,
        (input, call) => {
          const found = targetIn(call, input, one(input.ResourceId));
          if (found === undefined) return { ScalingPolicies: [] };
          const { region, scaling } = found;
          const { account } = world.inventory.names;
          return {
            ScalingPolicies: scaling.policies
              .filter((name) => input.PolicyNames === undefined || input.PolicyNames.includes(name))
              .map((name) => ({
                PolicyARN: `arn:aws:autoscaling:${region.region}:${account}:scalingPolicy:${world.inventory.healthCheckId}:resource/ecs/${resourceOf(region)}:policyName/${name}`,
                PolicyName: name,
                ServiceNamespace: SERVICE_NAMESPACE,
                ResourceId: resourceOf(region),
                ScalableDimension: DIMENSION,
                PolicyType: 'TargetTrackingScaling',
                TargetTrackingScalingPolicyConfiguration: {
                  TargetValue: scaling.targetRequests,
                  PredefinedMetricSpecification: {
                    PredefinedMetricType: 'ALBRequestCountPerTarget',
                    ResourceLabel: `${region.names.loadBalancer}/${region.names.targetGroup}`,
                  },
                  ScaleOutCooldown: scaleOutCooldownMs / 1000,
                  ScaleInCooldown: scaleInCooldownMs / 1000,
                  DisableScaleIn: false,
                },
                Alarms: [],
                CreationTime: new Date(world.inventory.createdAt),
              })),
          };
        },
      ),
      operation<DescribeScalingActivitiesRequest, DescribeScalingActivitiesResponse>(
        DescribeScalingActivities$,
        (input, call) => {
          const found = targetIn(call, input, one(input.ResourceId));
          const activities = found === undefined ? [] : activitiesOf(world, found);
          const page = pageOf(activities, input.MaxResults ?? 50, input.NextToken);
          if (page === undefined) throw new ServiceFault('InvalidNextTokenException', 'The next token is not valid.');
          return {
            ScalingActivities: [...page.items],
            ...(page.next !== undefined && { NextToken: page.next }),
          };
        },
      ),
      operation<RegisterScalableTargetRequest, RegisterScalableTargetResponse>(RegisterScalableTarget$, (input, call) =>
        registerScalableTarget(world, call, input),
      ),
    ],
  };
}

/** Newest first, as AWS gives them. */
function activitiesOf(world: World, { region, scaling }: Registered): ScalingActivity[] {
  const now = world.now();
  return scaling.activities
    .filter((each) => each.at <= now && each.at > now - KEPT_MS)
    .toReversed()
    .map(({ at, count, cause }) => {
      const there = runningTasks(region, now).length === count;
      const later = scaling.activities.some((each) => each.at > at);
      const done = there || later;
      const id = ['a', 'b', 'c', 'd'].map((part) => hexNoise(world.inventory.seed, 'activity', at, part)).join('');
      return {
        ActivityId: `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`,
        ServiceNamespace: SERVICE_NAMESPACE,
        ResourceId: resourceOf(region),
        ScalableDimension: DIMENSION,
        Description: `Setting desired count to ${count}.`,
        Cause: cause,
        StartTime: new Date(at),
        ...(done && { EndTime: new Date(Math.min(now, at + 60_000)) }),
        StatusCode: done ? ('Successful' as const) : ('InProgress' as const),
        StatusMessage: done
          ? `Successfully set desired count to ${count}. Change successfully fulfilled by ecs.`
          : `Successfully set desired count to ${count}. Waiting for change to be fulfilled by ecs.`,
      };
    });
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('ValidationException', message);
}

/** Registers the service, or sets one or both of its limits; what is not given stays as it is. */
function registerScalableTarget(
  world: World,
  call: CallContext,
  input: RegisterScalableTargetRequest,
): RegisterScalableTargetResponse {
  const { MinCapacity, MaxCapacity } = input;
  const region = world.region(call.region);
  if (input.ServiceNamespace !== SERVICE_NAMESPACE || input.ScalableDimension !== DIMENSION) {
    throw invalid(
      `Unsupported service namespace, resource type or scalable dimension: ${input.ServiceNamespace}, ${input.ScalableDimension}`,
    );
  }
  if (region === undefined || input.ResourceId !== resourceOf(region)) {
    throw invalid(`ECS service doesn't exist: ${input.ResourceId}`);
  }
  if (input.Tags !== undefined || input.RoleARN !== undefined) {
    throw invalid('Only MinCapacity, MaxCapacity and SuspendedState are simulated');
  }
  for (const [name, value] of Object.entries({ MinCapacity, MaxCapacity })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 0)) {
      throw invalid(`${name} must be an integer that is not negative, not ${value}`);
    }
  }
  const min = MinCapacity ?? region.scaling?.min;
  const max = MaxCapacity ?? region.scaling?.max;
  if (min === undefined || max === undefined) {
    throw invalid('MinCapacity and MaxCapacity must be specified when you register a new scalable target');
  }
  if (min > max) throw invalid(`Maximum capacity cannot be less than minimum capacity: ${max} < ${min}`);
  const now = world.now();
  const suspended = input.SuspendedState && suspendedIn(input.SuspendedState, region.scaling?.suspended ?? []);
  world.change(
    {
      operation: 'application-autoscaling:RegisterScalableTarget',
      region: region.region,
      resource: resourceOf(region),
      detail: [
        ...(MinCapacity === undefined ? [] : [`MinCapacity ${MinCapacity}`]),
        ...(MaxCapacity === undefined ? [] : [`MaxCapacity ${MaxCapacity}`]),
        ...(suspended === undefined
          ? []
          : [suspended.length === 0 ? 'nothing suspended' : `${suspended.join(', ')} suspended`]),
      ].join(', '),
    },
    (inventory) => {
      const isLimited = MinCapacity !== undefined || MaxCapacity !== undefined || region.scaling === undefined;
      const limited = isLimited ? withLimits(inventory, region.region, { min, max }, now) : inventory;
      return suspended === undefined ? limited : withSuspended(limited, region.region, suspended, now);
    },
  );
  return { ScalableTargetARN: arnsOf(world, region).scalableTarget() };
}

/** A flag that a request leaves out stays as it is. */
function suspendedIn(state: SuspendedState, before: readonly ScalingKind[]): readonly ScalingKind[] {
  return scalingKinds.filter((kind) => state[suspensionNames[kind]] ?? before.includes(kind));
}

function resourceOf(region: RegionInventory): string {
  return `service/${region.names.cluster}/${region.names.service}`;
}

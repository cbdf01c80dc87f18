/** Simulated Application Auto Scaling: the service's limits, its policy, and what it did. API Reference. */
import {
  DescribeScalableTargets$,
  DescribeScalingActivities$,
  DescribeScalingPolicies$,
  type DescribeScalableTargetsRequest,
  type DescribeScalableTargetsResponse,
  type DescribeScalingActivitiesRequest,
  type DescribeScalingActivitiesResponse,
  type DescribeScalingPoliciesRequest,
  type DescribeScalingPoliciesResponse,
} from '@aws-sdk/client-application-auto-scaling';
import type { RegionInventory } from '../world/inventory.ts';
import type { World } from '../world/world.ts';
import type { CallContext, SimulatedService } from '../wire/service.ts';
import { arnsOf } from './arns.ts';
import { operation } from './operation.ts';

const SERVICE_NAMESPACE = 'ecs';
const DIMENSION = 'ecs:service:DesiredCount';
/** Requests a minute and task: above what even a surge brings, which is why nothing scales by itself. */
const TARGET_REQUESTS = 1_600;

interface Asked {
  readonly ServiceNamespace?: string | undefined;
  readonly ScalableDimension?: string | undefined;
}

export function applicationAutoScalingService(world: World): SimulatedService {
  const targetIn = (
    call: CallContext,
    asked: Asked,
    resources: readonly string[] | undefined,
  ): RegionInventory | undefined => {
    const region = world.region(call.region);
    if (region === undefined || asked.ServiceNamespace !== SERVICE_NAMESPACE) return undefined;
    if (asked.ScalableDimension !== undefined && asked.ScalableDimension !== DIMENSION) return undefined;
    return resources === undefined || resources.includes(resourceOf(region)) ? region : undefined;
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
          const region = targetIn(call, input, input.ResourceIds);
          if (region === undefined) return { ScalableTargets: [] };
          return {
            ScalableTargets: [
              {
                ServiceNamespace: SERVICE_NAMESPACE,
                ResourceId: resourceOf(region),
                ScalableDimension: DIMENSION,
                MinCapacity: region.minTasks,
                MaxCapacity: world.inventory.names.maxTasks,
                RoleARN: `arn:aws:iam::${world.inventory.names.account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
                CreationTime: new Date(world.inventory.createdAt),
                SuspendedState: {
                  DynamicScalingInSuspended: false,
                  DynamicScalingOutSuspended: false,
                  ScheduledScalingSuspended: false,
                },
                ScalableTargetARN: arnsOf(world, region).scalableTarget(),
              },
            ],
          };
        },
      ),
      operation<DescribeScalingPoliciesRequest, DescribeScalingPoliciesResponse>(
        DescribeScalingPolicies$,
        (input, call) => {
          const region = targetIn(call, input, one(input.ResourceId));
          const name = region && `${region.names.service}-requests`;
          if (region === undefined || name === undefined || input.PolicyNames?.includes(name) === false)
            return { ScalingPolicies: [] };
          const { account } = world.inventory.names;
          return {
            ScalingPolicies: [
              {
                PolicyARN: `arn:aws:autoscaling:${region.region}:${account}:scalingPolicy:${world.inventory.healthCheckId}:resource/ecs/${resourceOf(region)}:policyName/${name}`,
                PolicyName: name,
                ServiceNamespace: SERVICE_NAMESPACE,
                ResourceId: resourceOf(region),
                ScalableDimension: DIMENSION,
                PolicyType: 'TargetTrackingScaling',
                TargetTrackingScalingPolicyConfiguration: {
                  TargetValue: TARGET_REQUESTS,
                  PredefinedMetricSpecification: {
                    PredefinedMetricType: 'ALBRequestCountPerTarget',
                    ResourceLabel: `${region.names.loadBalancer}/${region.names.targetGroup}`,
                  },
                  ScaleOutCooldown: 60,
                  ScaleInCooldown: 300,
                  DisableScaleIn: false,
                },
                Alarms: [],
                CreationTime: new Date(world.inventory.createdAt),
              },
            ],
          };
        },
      ),
      operation<DescribeScalingActivitiesRequest, DescribeScalingActivitiesResponse>(
        DescribeScalingActivities$,
        () => ({
          // Nothing was scaled in the six weeks that activities are kept.
          ScalingActivities: [],
        }),
      ),
    ],
  };
}

function resourceOf(region: RegionInventory): string {
  return `service/${region.names.cluster}/${region.names.service}`;
}

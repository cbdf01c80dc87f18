/** Application Auto Scaling, as far as facts and changes need it. */
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  RegisterScalableTargetCommand,
  type DescribeScalableTargetsCommandInput,
  type DescribeScalingPoliciesCommandInput,
  type RegisterScalableTargetCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import type { ClientSettings } from '../settings.ts';
import type { Wiring } from '../wiring.ts';

export function connectApplicationAutoScaling(wiring: Wiring, settings: ClientSettings) {
  const { send } = wiring.connect(
    'application-autoscaling',
    settings.region,
    new ApplicationAutoScalingClient(settings),
  );
  return {
    describeScalableTargets: (input: DescribeScalableTargetsCommandInput) =>
      send(new DescribeScalableTargetsCommand(input), { lists: ['ScalableTargets'] }),
    describeScalingPolicies: (input: DescribeScalingPoliciesCommandInput) =>
      send(new DescribeScalingPoliciesCommand(input), { lists: ['ScalingPolicies'] }),
    registerScalableTarget: (input: RegisterScalableTargetCommandInput) =>
      send(new RegisterScalableTargetCommand(input)),
  };
}

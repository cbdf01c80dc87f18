/**
 * The operations that only look. The guard lets these through in any mode, and of the rest no more than a run is
 * allowed; only these are ever sent a second time. Exact names: an operation that is not listed counts as a change.
 */
export const reads: ReadonlySet<string> = new Set([
  'application-autoscaling:DescribeScalableTargets',
  'application-autoscaling:DescribeScalingPolicies',
  'cloudwatch:GetMetricData',
  'ec2:DescribeFlowLogs',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ecs:DescribeServiceDeployments',
  'ecs:DescribeServiceRevisions',
  'ecs:DescribeServices',
  'ecs:DescribeTasks',
  'ecs:ListServiceDeployments',
  'ecs:ListTasks',
  'elasticache:DescribeReplicationGroups',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'logs:FilterLogEvents',
  'rds:DescribeDBClusterParameters',
  'rds:DescribeDBClusters',
  'rds:DescribeDBInstances',
  'rds:DescribeDBParameters',
  'rds:DescribeEvents',
  's3:ListBucketMetricsConfigurations',
  'secretsmanager:GetSecretValue',
  'ssm:GetParameter',
  // Hands out credentials and changes no resource.
  'sts:AssumeRole',
  'sts:GetCallerIdentity',
  'xray:BatchGetTraces',
  'xray:GetTraceSegmentDestination',
  'xray:GetTraceSummaries',
]);

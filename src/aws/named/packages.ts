/**
 * The clients of AWS's services as they are published, with every operation that they have: for calls that a team names itself.
 * nanoops' own calls go by `services/`, where a client has no more than they need. Built apart, so that those stay small.
 */

/** Loads a service's package. By the service's prefix in IAM. */
export const packages: Readonly<Record<string, () => Promise<object>>> = {
  acm: () => import('@aws-sdk/client-acm'),
  'application-autoscaling': () => import('@aws-sdk/client-application-auto-scaling'),
  ce: () => import('@aws-sdk/client-cost-explorer'),
  cloudfront: () => import('@aws-sdk/client-cloudfront'),
  cloudtrail: () => import('@aws-sdk/client-cloudtrail'),
  cloudwatch: () => import('@aws-sdk/client-cloudwatch'),
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  ec2: () => import('@aws-sdk/client-ec2'),
  ecr: () => import('@aws-sdk/client-ecr'),
  ecs: () => import('@aws-sdk/client-ecs'),
  elasticache: () => import('@aws-sdk/client-elasticache'),
  elasticloadbalancing: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  events: () => import('@aws-sdk/client-eventbridge'),
  guardduty: () => import('@aws-sdk/client-guardduty'),
  health: () => import('@aws-sdk/client-health'),
  iam: () => import('@aws-sdk/client-iam'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  rds: () => import('@aws-sdk/client-rds'),
  route53: () => import('@aws-sdk/client-route-53'),
  s3: () => import('@aws-sdk/client-s3'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  sns: () => import('@aws-sdk/client-sns'),
  ssm: () => import('@aws-sdk/client-ssm'),
  sts: () => import('@aws-sdk/client-sts'),
  xray: () => import('@aws-sdk/client-xray'),
};

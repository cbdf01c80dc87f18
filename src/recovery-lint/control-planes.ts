/**
 * AWS's control planes that live in a single region, whatever region is used: what hangs on each goes with that region.
 * Source: AWS Fault Isolation Boundaries (whitepaper), "Global services" and "Appendix A, B"; the services' endpoints in the
 * AWS General Reference.
 */

export interface ControlPlane {
  /** The service's prefix in IAM. */
  readonly service: string;
  /** Which of its operations, by their names; all of them when absent. */
  readonly operations?: RegExp;
  readonly region: string;
  /** What it is called. */
  readonly name: string;
  /**
   * - `home`: the API itself is there, and nowhere else.
   * - `leans`: it is asked in any region, and asks that one before it answers.
   */
  readonly kind: 'home' | 'leans';
  readonly source: string;
}

const global = 'AWS Fault Isolation Boundaries, "Global services"';
const leaning = 'AWS Fault Isolation Boundaries, "Global single-Region operations"';
const endpoints = 'AWS General Reference, "Service endpoints and quotas"';

const home = (service: string, region: string, name: string, source: string): ControlPlane => ({
  service,
  region,
  name,
  kind: 'home',
  source,
});

const leans = (service: string, operations: RegExp, name: string): ControlPlane => ({
  service,
  operations,
  region: 'us-east-1',
  name,
  kind: 'leans',
  source: leaning,
});

export const controlPlanes: readonly ControlPlane[] = [
  home('iam', 'us-east-1', 'IAM', global),
  home('organizations', 'us-east-1', 'Organizations', global),
  home('account', 'us-east-1', 'Account Management', global),
  home('route53', 'us-east-1', 'Route 53', global),
  home('route53domains', 'us-east-1', 'Route 53 Domains', endpoints),
  home('cloudfront', 'us-east-1', 'CloudFront', global),
  home('waf', 'us-east-1', 'WAF Classic for CloudFront', global),
  home('shield', 'us-east-1', 'Shield Advanced', global),
  home('ce', 'us-east-1', 'Cost Explorer', endpoints),
  home('route53-recovery-control-config', 'us-west-2', 'the configuration of routing controls (ARC)', global),
  home('route53-recovery-readiness', 'us-west-2', 'readiness checks (ARC)', endpoints),
  home('globalaccelerator', 'us-west-2', 'Global Accelerator', global),
  home('networkmanager', 'us-west-2', 'Network Manager', global),
  {
    service: 's3',
    operations: /MultiRegionAccessPoint/,
    region: 'us-west-2',
    name: 'S3 Multi-Region Access Points',
    kind: 'home',
    source: global,
  },
  leans('s3', /^(?:CreateBucket$|DeleteBucket|PutBucket)/, 'creating, deleting and configuring buckets'),
  leans('elasticloadbalancing', /^(?:Create|Delete)LoadBalancer$/, 'creating and deleting load balancers'),
  leans(
    'elasticache',
    /^(?:Create|Delete)(?:CacheCluster|ReplicationGroup|ServerlessCache|GlobalReplicationGroup)$/,
    'creating and deleting caches',
  ),
  leans('ec2', /^(?:CreateVpcEndpoint|DeleteVpcEndpoints?)$/, 'creating and deleting VPC endpoints'),
  leans('servicediscovery', /^(?:Create|Delete)/, 'creating and deleting Cloud Map services'),
];

/** The single-region control planes that a `service:Operation` needs. */
export function controlPlanesOf(operation: string): readonly ControlPlane[] {
  const [service = '', name = ''] = operation.split(':');
  return controlPlanes.filter((each) => each.service === service && (each.operations?.test(name) ?? true));
}

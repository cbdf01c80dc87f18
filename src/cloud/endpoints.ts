/** Where requests go that are meant for AWS, when somebody named an endpoint: to AWS, to this machine, or elsewhere. */

/** The domains of AWS's own endpoints, by partition, plain and dual-stack (botocore, partitions.json). */
const domains = [
  'amazonaws.com',
  'api.aws',
  'amazonaws.com.cn',
  'api.amazonwebservices.com.cn',
  'amazonaws.eu',
  'api.amazonwebservices.eu',
  'c2s.ic.gov',
  'api.aws.ic.gov',
  'sc2s.sgov.gov',
  'api.aws.scloud',
  'cloud.adc-e.uk',
  'api.cloud-aws.adc-e.uk',
  'csp.hci.ic.gov',
  'api.aws.hci.ic.gov',
];

/**
 * The services that are called, and those that credentials come from: what their endpoints are called by what variables and
 * the sections of configuration files call them (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
 */
const hostOf = {
  ACM: 'acm',
  APPLICATION_AUTO_SCALING: 'application-autoscaling',
  CLOUDFRONT: 'cloudfront',
  CLOUDTRAIL: 'cloudtrail',
  CLOUDWATCH: 'monitoring',
  CLOUDWATCH_LOGS: 'logs',
  COST_EXPLORER: 'ce',
  DYNAMODB: String.raw`(?:dynamodb|\d{12}\.ddb)`,
  EC2: 'ec2',
  ECR: String.raw`(?:api\.)?ecr`,
  ECS: 'ecs',
  ELASTICACHE: 'elasticache',
  ELASTIC_LOAD_BALANCING_V2: 'elasticloadbalancing',
  EVENTBRIDGE: 'events',
  GUARDDUTY: 'guardduty',
  HEALTH: String.raw`(?:global\.)?health`,
  IAM: 'iam',
  RDS: 'rds',
  // Each cluster has endpoints of its own.
  ROUTE53_RECOVERY_CLUSTER: String.raw`(?:[a-z0-9-]+\.)?route53-recovery-cluster`,
  ROUTE_53: 'route53',
  // Of old, a hyphen and no dot stood before the region.
  S3: String.raw`s3(?:-external-1|-[a-z]{2}(?:-[a-z]+){1,2}-\d)?`,
  SECRETS_MANAGER: 'secretsmanager',
  SIGNIN: 'signin',
  SNS: 'sns',
  SSM: 'ssm',
  SSO: String.raw`portal\.sso`,
  SSO_OIDC: 'oidc',
  STS: 'sts',
  XRAY: 'xray',
} as const;

/** As variables have them behind `AWS_ENDPOINT_URL_`. */
export const servicesWithEndpoints: readonly string[] = Object.keys(hostOf);

/** `us-west-2`, `us-gov-east-1`; and in the place of one where a service is of none. Buckets and the like have no such names. */
const region = String.raw`(?:[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}|global|us-gov)`;

/**
 * What stands before the domain: the service, by public endpoints or those of a VPC. Below the same domains stand what belongs to
 * anybody: API gateways, load balancers, machines, buckets, services that are offered over PrivateLink.
 */
function namesOf(service: string): RegExp {
  const host = String.raw`${service}(?:-fips)?(?:\.dualstack)?`;
  const ofVpc = String.raw`(?:(?:bucket|accesspoint)\.)?vpce-[a-z0-9-]+\.${host}\.${region}\.vpce`;
  return new RegExp(String.raw`^(?:${host}(?:\.${region})?|${ofVpc})$`);
}

/** Where `aws login` gets credentials from: the region stands first, and the domains are those of the console. */
const ofSignin = new RegExp(
  String.raw`^(?:${region}\.(?:signin\.(?:${[
    String.raw`aws\.amazon\.com`,
    String.raw`amazonaws\.cn`,
    String.raw`amazonaws-us-gov\.com`,
    String.raw`amazonaws-eusc\.eu`,
    String.raw`c2shome\.ic\.gov`,
    String.raw`sc2shome\.sgov\.gov`,
    String.raw`csphome\.hci\.ic\.gov`,
    String.raw`csphome\.adc-e\.uk`,
  ].join('|')})|oauth\.signin\.aws)|(?:${region}\.)?signin-fips\.amazonaws-us-gov\.com)$`,
);

const ofAnyService = namesOf(`(?:${Object.values(hostOf).join('|')})`);

/** What the SDK makes of an endpoint for one request: of a bucket, of a bus that is in two regions. */
const ofRequests: Readonly<Record<string, RegExp>> = {
  s3: /^[a-z0-9.-]+\.(?:s3(?:-accesspoint|-object-lambda|-outposts|-accelerate)?|accesspoint\.s3-global|s3express-[a-z0-9-]+)(?:-fips)?(?:\.dualstack)?(?:\.[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}(?:\.vpce)?)?$/,
  events: /^[a-z0-9.-]+\.endpoint\.events$/,
};

const thisMachine = ['127.0.0.1', 'localhost', '[::1]'];

export function isOnThisMachine(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  return thisMachine.includes(new URL(url).hostname);
}

/** True of an endpoint that is neither AWS's own, by TLS, nor on this machine. */
export function isElsewhere(url: string): boolean {
  if (isOnThisMachine(url)) return false;
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol !== 'https:' || !(ofSignin.test(hostname) || isOfAws(hostname, ofAnyService));
}

/** The same of what is about to be sent to a service, which goes by its prefix in IAM. */
export function isRequestElsewhere(
  service: string,
  { protocol, hostname }: { readonly protocol: string; readonly hostname: string },
): boolean {
  if (!isElsewhere(`${protocol}//${hostname}`)) return false;
  // The SDK puts the bucket's name before the host's, on an emulator too.
  if (service === 's3' && hostname.endsWith('.localhost')) return false;
  const patterns = Object.hasOwn(ofRequests, service) ? ofRequests[service] : undefined;
  return protocol !== 'https:' || patterns === undefined || !isOfAws(hostname, patterns);
}

function isOfAws(hostname: string, names: RegExp): boolean {
  return domains.some((domain) => {
    const end = `.${domain}`;
    return hostname.endsWith(end) && names.test(hostname.slice(0, -end.length));
  });
}

/**
 * The clients: each made when first needed, once for every service and region, and its module loaded only then. Also
 * decides whose credentials a region's clients carry.
 */
import type { AwsCredentialIdentity } from '@smithy/types';
import { remembered } from './credentials.ts';
import { globalRegion } from './global-region.ts';
import type { AwsOptions } from './options.ts';
import { createRoutingEndpoints } from './routing-endpoints.ts';
import type { connectSts } from './services/sts.ts';
import type { ClientSettings, Credentials } from './settings.ts';
import type { Abortable, Wiring } from './wiring.ts';

/** Loads a service's module and connects it in one region. */
type Connect<Api> = (settings: ClientSettings) => Promise<Api>;

type Sts = ReturnType<typeof connectSts>;

export type Clients = ReturnType<typeof createClients>;

const roleSessionName = 'nanoops';

export function createClients(wiring: Wiring, roles: AwsOptions['roles'] = {}) {
  /**
   * Modules are loaded one in a turn of the event loop, and while no request waits to be sent: answers travel while the
   * next module is loaded. CloudWatch does not queue, since everything waits for its answer longest.
   */
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Api>(load: () => Promise<Api>): Promise<Api> => {
    const loaded = queue.then(() => wiring.quiet()).then(load);
    queue = loaded.catch(() => undefined); // Whoever asked for it is told.
    return loaded;
  };
  const atOnce = <Api>(load: () => Promise<Api>): Promise<Api> => load();

  /** One API a region; loading a module takes real time, during which a run's clock may not move on. */
  const lazily = <Api>(
    connect: Connect<Api>,
    {
      credentials = credentialsOf,
      when = inTurn,
      abortable = true,
      signedFor = (region) => region,
    }: {
      credentials?: (region: string) => Credentials;
      when?: typeof inTurn;
      signedFor?: (region: string) => string;
    } & Abortable = {},
  ) => {
    const byRegion = new Map<string, Promise<Api>>();
    return (region: string): Promise<Api> => {
      const known = byRegion.get(region);
      if (known !== undefined) return known;
      const opened = wiring.clock.busy(() =>
        when(() => connect(wiring.settings(signedFor(region), credentials(region), { abortable }))),
      );
      byRegion.set(region, opened);
      return opened;
    };
  };

  const loadSts =
    (options: Abortable) =>
    async (settings: ClientSettings): Promise<Sts> =>
      (await import('./services/sts.ts')).connectSts(wiring, settings, options);

  // Not ended by the run's signal: a change that is still to be sent after it may need the role.
  const patient = { abortable: false };
  const baseSts = lazily(loadSts(patient), { ...patient, credentials: () => wiring.credentials });
  const assumed = new Map<string, Credentials>();

  /** The credentials for a region: of its role, where it has one, assumed at that region's own STS. */
  const credentialsOf = (region: string): Credentials => {
    const roleArn = roles[region];
    if (roleArn === undefined) return wiring.credentials;
    const known = assumed.get(region);
    if (known !== undefined) return known;
    const obtain = async (): Promise<AwsCredentialIdentity> => {
      const sts = await baseSts(region);
      const { Credentials: given } = await sts.assumeRole({ RoleArn: roleArn, RoleSessionName: roleSessionName });
      if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined) {
        const call = { service: 'sts', operation: 'AssumeRole', region, resource: roleArn };
        throw wiring.failure('malformed-answer', call, 'the credentials are incomplete');
      }
      return {
        accessKeyId: given.AccessKeyId,
        secretAccessKey: given.SecretAccessKey,
        sessionToken: given.SessionToken,
        expiration: given.Expiration,
      };
    };
    // An expiry is a time of the world outside, whatever clock the run is on.
    const provider = remembered(obtain, Date.now);
    assumed.set(region, provider);
    return provider;
  };

  const cloudFront = lazily(async (settings) =>
    (await import('./services/cloudfront.ts')).connectCloudFront(wiring, settings),
  );
  const route53 = lazily(async (settings) => (await import('./services/route-53.ts')).connectRoute53(wiring, settings));

  return {
    /** The settings of a client in a region, for calls that a team names itself. */
    settingsFor: (region: string) => wiring.settings(region, credentialsOf(region)),
    acm: lazily(async (settings) => (await import('./services/acm.ts')).connectAcm(wiring, settings)),
    applicationAutoScaling: lazily(async (settings) =>
      (await import('./services/application-auto-scaling.ts')).connectApplicationAutoScaling(wiring, settings),
    ),
    cloudTrail: lazily(async (settings) =>
      (await import('./services/cloudtrail.ts')).connectCloudTrail(wiring, settings),
    ),
    /** Of the region in which global services are recorded; a region is asked for whose caller asks. */
    cloudTrailOfGlobal: lazily(
      async (settings) => (await import('./services/cloudtrail.ts')).connectCloudTrail(wiring, settings),
      { signedFor: () => globalRegion },
    ),
    /** Of no region, whichever is said. */
    cloudFront: (_region?: string) => cloudFront(globalRegion),
    cloudWatch: lazily(
      async (settings) => (await import('./services/cloudwatch.ts')).connectCloudWatch(wiring, settings),
      { when: atOnce },
    ),
    /** Of no region, as IAM: a region is asked for whose caller's account it is about. */
    costExplorer: lazily(
      async (settings) => (await import('./services/cost-explorer.ts')).connectCostExplorer(wiring, settings),
      { signedFor: () => globalRegion },
    ),
    dynamoDb: lazily(async (settings) => (await import('./services/dynamodb.ts')).connectDynamoDb(wiring, settings)),
    ec2: lazily(async (settings) => (await import('./services/ec2.ts')).connectEc2(wiring, settings)),
    ecr: lazily(async (settings) => (await import('./services/ecr.ts')).connectEcr(wiring, settings)),
    ecs: lazily(async (settings) => (await import('./services/ecs.ts')).connectEcs(wiring, settings)),
    elasticLoadBalancing: lazily(async (settings) =>
      (await import('./services/elastic-load-balancing.ts')).connectElasticLoadBalancing(wiring, settings),
    ),
    elastiCache: lazily(async (settings) =>
      (await import('./services/elasticache.ts')).connectElastiCache(wiring, settings),
    ),
    eventBridge: lazily(async (settings) =>
      (await import('./services/eventbridge.ts')).connectEventBridge(wiring, settings),
    ),
    guardDuty: lazily(async (settings) => (await import('./services/guardduty.ts')).connectGuardDuty(wiring, settings)),
    /** Of no region, as IAM. */
    health: lazily(async (settings) => (await import('./services/health.ts')).connectHealth(wiring, settings), {
      signedFor: () => globalRegion,
    }),
    /** IAM is of no region; a region is asked for whose caller it is about. */
    iam: lazily(async (settings) => (await import('./services/iam.ts')).connectIam(wiring, settings), {
      signedFor: () => globalRegion,
    }),
    logs: lazily(async (settings) => (await import('./services/logs.ts')).connectLogs(wiring, settings)),
    rds: lazily(async (settings) => (await import('./services/rds.ts')).connectRds(wiring, settings)),
    /** Of no region, whichever is said. */
    route53: (_region?: string) => route53(globalRegion),
    /** Of any cluster, at whichever of its endpoints answers. */
    routingCluster: createRoutingEndpoints(wiring, credentialsOf),
    s3: lazily(async (settings) => (await import('./services/s3.ts')).connectS3(wiring, settings)),
    secretsManager: lazily(async (settings) =>
      (await import('./services/secrets-manager.ts')).connectSecretsManager(wiring, settings),
    ),
    sns: lazily(async (settings) => (await import('./services/sns.ts')).connectSns(wiring, settings)),
    ssm: lazily(async (settings) => (await import('./services/ssm.ts')).connectSsm(wiring, settings)),
    sts: lazily(loadSts({})),
    xray: lazily(async (settings) => (await import('./services/xray.ts')).connectXRay(wiring, settings)),
  };
}

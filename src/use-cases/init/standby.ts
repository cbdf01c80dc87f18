/** The other region: which it is, what stands by in it, and what is copied there. */
import type {
  FoundBucket,
  FoundCache,
  FoundDatabase,
  FoundGlobalDatabase,
  FoundServices,
} from '../../cloud/inventory.ts';
import * as propose from '../../discovery/propose.ts';
import type { Decided, Gathering } from './gathering.ts';
import type { Look } from './look.ts';
import { questionOf } from './questions.ts';

/** Offered where nothing tells; any other is said with --recovery-region. */
const likelyRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'ca-central-1',
  'eu-west-1',
  'eu-central-1',
  'eu-north-1',
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-south-1',
  'sa-east-1',
];

export async function takingOver(
  { gathered, wanted }: Look,
  database: FoundDatabase | undefined,
  global: FoundGlobalDatabase | undefined,
  bucket: propose.CopiedBucket | undefined,
  buckets: readonly FoundBucket[],
): Promise<Decided<string> | undefined> {
  const { region, recoveryRegion, ask } = wanted;
  if (recoveryRegion !== undefined) return { value: recoveryRegion, why: 'as you said' };
  const copies = buckets.filter((each) => bucket?.copies.includes(each.bucket) === true);
  const parts = {
    copies,
    ...(database === undefined ? {} : { database }),
    ...(global === undefined ? {} : { global }),
  };
  const decided = await gathered.decide('regions.recovery', propose.recoveryCandidates(region, parts), '');
  if (decided !== undefined) return decided;
  const isOpen = gathered.isTold('regions.recovery');
  if (ask === undefined || isOpen) {
    gathered.absent('regions.recovery', 'neither the database nor the bucket has a copy in another region');
    return undefined;
  }
  const answer = await ask({
    key: 'regions.recovery',
    ...questionOf('regions.recovery'),
    choices: likelyRegions.filter((each) => each !== region).map((name) => ({ name, why: '' })),
  });
  if (answer === undefined) gathered.absent('regions.recovery', 'there is none');
  return answer === undefined ? undefined : { value: answer, why: 'as you chose' };
}

/** What stands by in the other region. */
export async function standingBy(
  { gathered, wanted }: Look,
  other: string,
  known: propose.Known,
  cache: FoundCache | undefined,
) {
  const { inventory } = wanted;
  const nowhere: FoundServices = { services: [], left: 0 };
  const [services, balancers, groups, caches] = await Promise.all([
    gathered.look('compute', () => inventory.services(other), nowhere),
    gathered.look('api', () => inventory.loadBalancers(other), []),
    gathered.look('api', () => inventory.targetGroups(other), []),
    cache === undefined ? [] : gathered.look('cache', () => inventory.caches(other), []),
  ]);
  const own = known.service;
  const service =
    own &&
    (await gathered.decide(
      'compute.recovery.service',
      propose.standbyServiceCandidates(own, services.services),
      `the only ECS service in ${other}`,
    ));
  if (service !== undefined)
    gathered.found(
      'compute.recovery.cluster',
      service.value.cluster,
      `the cluster of ${service.value.service} in ${other}`,
    );
  if (own !== undefined) gathered.settle('compute.recovery.service', service, (each) => each.service);
  const api = await gathered.decide(
    'api.recovery.loadBalancer',
    propose.apiCandidates(service === undefined ? known : { service: service.value }, balancers, groups, []),
    `the only Application Load Balancer in ${other}`,
  );
  gathered.settle('api.recovery.loadBalancer', api, ({ loadBalancer }) => loadBalancer.loadBalancer);
  if (api?.value.targetGroup !== undefined) {
    gathered.found('api.recovery.targetGroup', api.value.targetGroup.targetGroup, 'what the load balancer sends to');
  }
  if (cache !== undefined) {
    const standby = await gathered.decide(
      'cache.recovery.replicationGroup',
      propose.standbyCacheCandidates(known, cache, caches),
      `the only replication group in ${other}`,
    );
    gathered.settle('cache.recovery.replicationGroup', standby, ({ replicationGroup }) => replicationGroup);
  }
  return api === undefined ? {} : { api: api.value };
}

export function copyOfDatabase(
  gathered: Gathering,
  other: string,
  database: FoundDatabase | undefined,
  global: FoundGlobalDatabase | undefined,
): void {
  if (database === undefined) return;
  const member = global?.members.find(({ region }) => region === other);
  if (global !== undefined && member !== undefined) {
    gathered.found('database.recoveryCluster', member.cluster, `the member of ${global.globalCluster} in ${other}`);
    gathered.found('database.globalCluster', global.globalCluster, 'both clusters are members of it');
    return;
  }
  const replica = database.replicas.map((arn) => arn.split(':')).find(([, , , region]) => region === other)?.[6];
  if (replica === undefined) gathered.absent('database.recoveryCluster', `${database.cluster} has no copy in ${other}`);
  else gathered.found('database.recoveryCluster', replica, `the replica of ${database.cluster} in ${other}`);
}

export function copyOfBucket(
  gathered: Gathering,
  other: string,
  bucket: propose.CopiedBucket | undefined,
  buckets: readonly FoundBucket[],
): void {
  if (bucket === undefined) return;
  const copy = bucket.copies.find((name) => buckets.some((each) => each.bucket === name && each.region === other));
  if (copy === undefined) gathered.absent('storage.replicaBucket', `${bucket.bucket} is not copied to ${other}`);
  else gathered.found('storage.replicaBucket', copy, `${bucket.bucket} is copied to it`);
}

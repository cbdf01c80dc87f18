/**
 * Looks through an account for the stack: everything at once that does not depend on anything else, then what hangs on
 * the service, then the other region. What cannot be looked at is told, and the rest goes on.
 */
import { CloudError, type CloudErrorKind } from '../../cloud/errors.ts';
import type {
  FoundBucket,
  FoundCache,
  FoundDatabase,
  FoundGlobalDatabase,
  FoundRecord,
  FoundService,
  FoundServices,
  Inventory,
} from '../../cloud/inventory.ts';
import { choose, type Candidate } from '../../discovery/choose.ts';
import type { Finding } from '../../discovery/findings.ts';
import { environmentIn, nameHints } from '../../discovery/names.ts';
import * as propose from '../../discovery/propose.ts';
import { NanoopsError } from '../../errors.ts';
import type { Ask } from './desk.ts';
import { questionOf } from './questions.ts';

export interface DiscoverWanted {
  readonly inventory: Inventory;
  readonly region: string;
  readonly nowMs: number;
  readonly ask?: Ask | undefined;
  readonly recoveryRegion?: string | undefined;
  readonly cluster?: string | undefined;
  /** What somebody said on the command line, by key: `database.cluster`. */
  readonly said: ReadonlyMap<string, string>;
}

/** A part of the account that could not be looked at, or not to its end. */
export interface Unseen {
  /** The top-level key of the file that it is about. */
  readonly part: string;
  readonly region: string;
  /** What it takes; absent where it was no question of permission. */
  readonly iamAction?: string;
  readonly message: string;
}

export interface Discovered {
  readonly findings: readonly Finding[];
  readonly unseen: readonly Unseen[];
  /** What somebody should know beside the findings. */
  readonly notes: readonly string[];
  readonly regions: { readonly primary: string; readonly recovery?: string };
}

/** X-Ray's graph is asked for this much of the past. */
const tracedMs = 3_600_000;
/** Replication is asked for bucket by bucket: of the likeliest only. */
const mostBuckets = 40;
/** The metric by which the namespace of the business metrics is told. */
const businessMetric = 'DailyActiveUsers';

const isPublicName = /^(?!\*)[a-z0-9.-]+$/;

export async function discover(wanted: DiscoverWanted): Promise<Discovered> {
  return new Survey(wanted).run();
}

/** One look through an account; what is found gathers in it. */
class Survey {
  readonly #wanted: DiscoverWanted;
  readonly #findings: Finding[] = [];
  readonly #unseen: Unseen[] = [];
  readonly #notes: string[] = [];

  constructor(wanted: DiscoverWanted) {
    this.#wanted = wanted;
  }

  async run(): Promise<Discovered> {
    const { inventory, region, nowMs, cluster } = this.#wanted;
    const nowhere: FoundServices = { services: [], left: 0 };
    const window = { from: nowMs - tracedMs, to: nowMs };
    const [
      account,
      services,
      balancers,
      groups,
      records,
      databases,
      globals,
      caches,
      buckets,
      distributions,
      tables,
      traced,
      namespaces,
    ] = await Promise.all([
      this.#look('account', () => inventory.account(region), undefined),
      this.#look('compute', () => inventory.services(region, cluster), nowhere),
      this.#look('api', () => inventory.loadBalancers(region), []),
      this.#look('api', () => inventory.targetGroups(region), []),
      this.#look('dns', () => inventory.records(), { records: [], cutOff: [] }),
      this.#look('database', () => inventory.databases(region), []),
      this.#look('database', () => inventory.globalDatabases(region), []),
      this.#look('cache', () => inventory.caches(region), []),
      this.#look('storage', () => inventory.buckets(region), []),
      this.#look('cdn', () => inventory.distributions(), []),
      this.#look('sessions', () => inventory.tables(region), []),
      this.#look('tracing', () => inventory.tracedServices(region, window), []),
      this.#look('business', () => inventory.namespacesOf(region, businessMetric), []),
    ]);
    this.#tellOfBounds(services, records.cutOff);

    const service = await this.#decide(
      'compute.service',
      propose.serviceCandidates(services.services, balancers, groups, records.records),
      `the only ECS service in ${region}`,
    );
    const known = await this.#known(service?.value);
    const api = await this.#decide(
      'api.loadBalancer',
      propose.apiCandidates(known, balancers, groups, records.records),
      `the only Application Load Balancer in ${region}`,
    );
    const homes = databases.filter(({ cluster: id }) => !isCopy(id, region, globals));
    const admitted = await this.#admitted(known, homes, caches);
    const database = await this.#decide(
      'database.cluster',
      propose.databaseCandidates(known, homes.length > 0 ? homes : databases, admitted),
      `the only Aurora cluster in ${region}`,
    );
    const cache = await this.#decide(
      'cache.replicationGroup',
      propose.cacheCandidates(known, caches, admitted),
      `the only replication group in ${region}`,
    );
    const copied = await this.#copies(known, buckets);
    const bucket = await this.#decide(
      'storage.bucket',
      propose.bucketCandidates(known, copied),
      `the only bucket in ${region}`,
    );
    if (service === undefined && api === undefined && database === undefined && cache === undefined) {
      throw this.#nothingFound();
    }

    const global = globals.find(({ members }) =>
      members.some((each) => each.region === region && each.cluster === database?.value.cluster),
    );
    this.#tellOfWriter(database?.value, global);
    const recovery = await this.#recovery(database?.value, global, bucket?.value, buckets);
    const other = recovery?.value;
    const there = other === undefined ? undefined : await this.#standby(other, known, cache?.value);

    const name = service?.value.service ?? nameOf(api?.value, database?.value, cache?.value);
    this.#found('service', name, service === undefined ? 'named after what was found' : 'the ECS service\u2019s name');
    const environment = environmentIn([name, service?.value.cluster ?? '']);
    this.#found(
      'environment',
      environment ?? 'prod',
      environment === undefined ? 'the default; change it where this is another' : 'so its names say',
    );
    if (account !== undefined) this.#found('account', account, 'the account of the credentials');
    this.#found('regions.primary', region, 'the region that was looked at');
    if (recovery !== undefined) this.#found('regions.recovery', recovery.value, recovery.why);

    this.#settle('api.loadBalancer', api, ({ loadBalancer }) => loadBalancer.loadBalancer);
    if (api !== undefined) {
      const { targetGroup } = api.value;
      if (targetGroup === undefined) this.#absent('api.targetGroup');
      else this.#found('api.targetGroup', targetGroup.targetGroup, 'what the load balancer sends to');
    }
    if (service !== undefined) {
      this.#found('compute.cluster', service.value.cluster, `the cluster of ${service.value.service}`);
      await this.#mostTasks(service.value);
    }
    this.#settle('compute.service', service, ({ service: own }) => own);
    this.#settle('database.cluster', database, ({ cluster: id }) => id);
    this.#settle('cache.replicationGroup', cache, ({ replicationGroup }) => replicationGroup);
    this.#settle('storage.bucket', bucket, (each) => each.bucket);

    if (other !== undefined) {
      this.#copyOfDatabase(other, database?.value, global);
      this.#copyOfBucket(other, bucket?.value, buckets);
    }
    const record = await this.#dns(known, api?.value, there?.api, records.records);
    await Promise.all([
      this.#probe(api?.value, record),
      this.#logs(known, database?.value, cache?.value),
      this.#cdn(record, api?.value, bucket?.value.bucket, distributions),
    ]);
    const table = await this.#decide('sessions.table', propose.sessionTableCandidates(known, tables), '');
    this.#settle('sessions.table', table, (each) => each.table);
    const tracedService = await this.#decide(
      'tracing.service',
      propose.tracedServiceCandidates(known, traced),
      `the only service that X-Ray saw in ${region} in the last hour`,
    );
    this.#settle('tracing.service', tracedService, (each) => each);
    const namespace = await this.#decide(
      'business.namespace',
      propose.namespaceCandidates(known, namespaces, businessMetric),
      '',
    );
    this.#settle('business.namespace', namespace, (each) => each);
    this.#refuseUnused();
    return {
      findings: this.#findings,
      unseen: this.#unseen,
      notes: this.#notes,
      regions: { primary: region, ...(other === undefined ? {} : { recovery: other }) },
    };
  }

  /** Credentials that do not hold end it; whatever else is refused is told, and the rest goes on. */
  async #look<T>(part: string, ask: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CloudError) || fatal.has(error.kind)) throw error;
      const { iamAction } = error.details;
      const seen = { part, region: error.details.region, message: error.message };
      const again = this.#unseen.some((each) => each.part === part && each.message === error.message);
      if (!again) this.#unseen.push(error.kind === 'permission' ? { ...seen, iamAction } : seen);
      return otherwise;
    }
  }

  /** What is chosen, by somebody or because it is clearly best; undefined where there is nothing, or none is. */
  async #decide<T>(
    key: string,
    candidates: readonly Candidate<T>[],
    only: string,
  ): Promise<{ readonly value: T; readonly why: string } | undefined> {
    const said = this.#said(key, candidates);
    if (said !== undefined) return { value: said.value, why: 'as you said' };
    const choice = choose(candidates);
    if (choice.kind === 'none') return undefined;
    if (choice.kind === 'chosen') {
      const { value, why } = choice.candidate;
      if (choice.among === 1) return { value, why: why.length > 0 ? why.join('; ') : only };
      return { value, why: `${why.join('; ') || 'its name'}; the best of ${choice.among}` };
    }
    const choices = choice.candidates.map(({ name, why }) => ({ name, why: why.join('; ') }));
    const { ask } = this.#wanted;
    if (ask !== undefined) {
      const answer = await ask({ key, choices, ...questionOf(key) });
      const chosen = choice.candidates.find(({ name }) => name === answer);
      return chosen && { value: chosen.value, why: 'as you chose' };
    }
    if (key === 'compute.service') throw ambiguous(choices, this.#wanted.region);
    this.#findings.push({ key, kind: 'open', candidates: choices });
    return undefined;
  }

  /** A service may be said without its cluster, where one alone bears the name. */
  #said<T>(key: string, candidates: readonly Candidate<T>[]): Candidate<T> | undefined {
    const name = this.#wanted.said.get(key);
    if (name === undefined) return undefined;
    this.#used.add(key);
    const exact = candidates.find((each) => each.name === name);
    if (exact !== undefined) return exact;
    const tails = candidates.filter((each) => each.name.endsWith(`/${name}`));
    const [tail] = tails;
    if (tails.length === 1 && tail !== undefined) return tail;
    throw new NanoopsError(
      tails.length > 1
        ? `${key}: there are several that are called ${name}`
        : `${key}: there is no ${name} among what was found`,
      {
        code: 'NoSuchChoice',
        exitCode: 2,
        details: listed(tails.length > 1 ? tails : candidates),
        nextStep: 'choose one of these, or leave it out: what is clearly best is taken',
      },
    );
  }

  readonly #used = new Set<string>();

  /** What was said of a key that nothing asked for would be a typing error that nobody is told of. */
  #refuseUnused(): void {
    const unused = [...this.#wanted.said.keys()].filter((key) => !this.#used.has(key));
    const [key] = unused;
    if (key === undefined) return;
    throw new NanoopsError(`--choose ${key}: nothing of the kind was found, so there is nothing to choose`, {
      code: 'NoSuchChoice',
      exitCode: 2,
      nextStep: 'leave it out, and write it into the file by hand where it is right',
    });
  }

  #found(key: string, value: string | number, why: string): void {
    this.#findings.push({ key, kind: 'found', value, why });
  }

  #absent(key: string, why?: string): void {
    if (this.#findings.some((each) => each.key === key)) return;
    const [part] = key.split('.');
    const blocked = this.#unseen.find((each) => each.part === part);
    const reason =
      why ??
      (blocked && `could not be looked at${blocked.iamAction === undefined ? '' : `: needs ${blocked.iamAction}`}`);
    this.#findings.push({ key, kind: 'absent', ...(reason === undefined ? {} : { why: reason }) });
  }

  #settle<T>(
    key: string,
    chosen: { readonly value: T; readonly why: string } | undefined,
    value: (of: T) => string,
  ): void {
    if (chosen === undefined) this.#absent(key);
    else this.#found(key, value(chosen.value), chosen.why);
  }

  #tellOfBounds({ left }: FoundServices, cutOff: readonly string[]): void {
    const { region } = this.#wanted;
    if (left > 0) {
      const message = `${left} more ECS services in ${region} were not looked at: name the cluster with --cluster`;
      this.#unseen.push({ part: 'compute', region, message });
    }
    if (cutOff.length > 0) {
      const message = `not all records were looked at, of ${cutOff.slice(0, 5).join(', ')}${cutOff.length > 5 ? ', \u2026' : ''}`;
      this.#unseen.push({ part: 'dns', region, message });
    }
  }

  async #known(service: FoundService | undefined): Promise<propose.Known> {
    if (service === undefined) return {};
    const { inventory, region } = this.#wanted;
    const { taskDefinition } = service;
    if (taskDefinition === undefined) return { service };
    const version = await this.#look('logs', () => inventory.version(region, taskDefinition), undefined);
    return { service, ...(version === undefined ? {} : { version }) };
  }

  async #admitted(known: propose.Known, databases: readonly FoundDatabase[], caches: readonly FoundCache[]) {
    const { inventory, region } = this.#wanted;
    const groups = [...databases, ...caches].flatMap(({ securityGroups }) => securityGroups);
    if (groups.length === 0 || known.service?.securityGroups.length === 0) return new Map<string, readonly string[]>();
    return this.#look('database', () => inventory.admittedBy(region, groups), new Map());
  }

  async #copies(known: propose.Known, buckets: readonly FoundBucket[]): Promise<readonly propose.CopiedBucket[]> {
    const { inventory, region } = this.#wanted;
    const anchors = known.service === undefined ? [] : [known.service.service, known.service.cluster];
    const here = buckets.filter((each) => each.region === region);
    const sum = ({ bucket }: FoundBucket) => nameHints(bucket, anchors).reduce((total, hint) => total + hint, 0);
    const likeliest = here.toSorted((a, b) => sum(b) - sum(a)).slice(0, mostBuckets);
    if (here.length > likeliest.length) {
      this.#notes.push(
        `${here.length} buckets are in ${region}: the ${mostBuckets} whose names are nearest to the service\u2019s were looked at`,
      );
    }
    return Promise.all(
      likeliest.map(async (bucket) => ({
        ...bucket,
        copies: await this.#look('storage', () => inventory.copiesOf(bucket), []),
      })),
    );
  }

  #tellOfWriter(database: FoundDatabase | undefined, global: FoundGlobalDatabase | undefined): void {
    const { region } = this.#wanted;
    const writer = global?.members.find(({ isWriter }) => isWriter);
    if (global !== undefined && writer !== undefined && writer.region !== region) {
      this.#notes.push(
        `${global.globalCluster} is written in ${writer.region}, not in ${region}: if the stack serves from there, type --region ${writer.region}`,
      );
    }
    if (database?.replicates !== undefined) {
      this.#notes.push(`${database.cluster} is a copy of ${database.replicates}: is ${region} the primary region?`);
    }
  }

  async #recovery(
    database: FoundDatabase | undefined,
    global: FoundGlobalDatabase | undefined,
    bucket: propose.CopiedBucket | undefined,
    buckets: readonly FoundBucket[],
  ): Promise<{ readonly value: string; readonly why: string } | undefined> {
    const { region, recoveryRegion, ask } = this.#wanted;
    if (recoveryRegion !== undefined) return { value: recoveryRegion, why: 'as you said' };
    const copies = buckets.filter((each) => bucket?.copies.includes(each.bucket) === true);
    const parts = {
      copies,
      ...(database === undefined ? {} : { database }),
      ...(global === undefined ? {} : { global }),
    };
    const decided = await this.#decide('regions.recovery', propose.recoveryCandidates(region, parts), '');
    if (decided !== undefined) return decided;
    const isOpen = this.#findings.some(({ key }) => key === 'regions.recovery');
    if (ask === undefined || isOpen) {
      this.#absent('regions.recovery', 'neither the database nor the bucket has a copy in another region');
      return undefined;
    }
    const answer = await ask({
      key: 'regions.recovery',
      ...questionOf('regions.recovery'),
      choices: likelyRegions.filter((each) => each !== region).map((name) => ({ name, why: '' })),
    });
    if (answer === undefined) this.#absent('regions.recovery', 'there is none');
    return answer === undefined ? undefined : { value: answer, why: 'as you chose' };
  }

  /** What stands by in the other region. */
  async #standby(other: string, known: propose.Known, cache: FoundCache | undefined) {
    const { inventory } = this.#wanted;
    const nowhere: FoundServices = { services: [], left: 0 };
    const [services, balancers, groups, caches] = await Promise.all([
      this.#look('compute', () => inventory.services(other), nowhere),
      this.#look('api', () => inventory.loadBalancers(other), []),
      this.#look('api', () => inventory.targetGroups(other), []),
      cache === undefined ? [] : this.#look('cache', () => inventory.caches(other), []),
    ]);
    const own = known.service;
    const service =
      own &&
      (await this.#decide(
        'compute.recovery.service',
        propose.standbyServiceCandidates(own, services.services),
        `the only ECS service in ${other}`,
      ));
    if (service !== undefined)
      this.#found(
        'compute.recovery.cluster',
        service.value.cluster,
        `the cluster of ${service.value.service} in ${other}`,
      );
    if (own !== undefined) this.#settle('compute.recovery.service', service, (each) => each.service);
    const api = await this.#decide(
      'api.recovery.loadBalancer',
      propose.apiCandidates(service === undefined ? known : { service: service.value }, balancers, groups, []),
      `the only Application Load Balancer in ${other}`,
    );
    this.#settle('api.recovery.loadBalancer', api, ({ loadBalancer }) => loadBalancer.loadBalancer);
    if (api?.value.targetGroup !== undefined) {
      this.#found('api.recovery.targetGroup', api.value.targetGroup.targetGroup, 'what the load balancer sends to');
    }
    if (cache !== undefined) {
      const standby = await this.#decide(
        'cache.recovery.replicationGroup',
        propose.standbyCacheCandidates(known, cache, caches),
        `the only replication group in ${other}`,
      );
      this.#settle('cache.recovery.replicationGroup', standby, ({ replicationGroup }) => replicationGroup);
    }
    return api === undefined ? {} : { api: api.value };
  }

  async #mostTasks({ cluster, service }: FoundService): Promise<void> {
    const { inventory, region } = this.#wanted;
    const ask = () => inventory.mostTasks({ region, cluster, service });
    const most = await this.#look('compute', ask, undefined);
    if (most === undefined) this.#absent('compute.maxTasks', 'Auto Scaling does not say');
    else this.#found('compute.maxTasks', most, 'the most that Auto Scaling may ask for');
  }

  #copyOfDatabase(other: string, database: FoundDatabase | undefined, global: FoundGlobalDatabase | undefined): void {
    if (database === undefined) return;
    const member = global?.members.find(({ region }) => region === other);
    if (global !== undefined && member !== undefined) {
      this.#found('database.recoveryCluster', member.cluster, `the member of ${global.globalCluster} in ${other}`);
      this.#found('database.globalCluster', global.globalCluster, 'both clusters are members of it');
      return;
    }
    const replica = database.replicas.map((arn) => arn.split(':')).find(([, , , region]) => region === other)?.[6];
    if (replica === undefined) this.#absent('database.recoveryCluster', `${database.cluster} has no copy in ${other}`);
    else this.#found('database.recoveryCluster', replica, `the replica of ${database.cluster} in ${other}`);
  }

  #copyOfBucket(other: string, bucket: propose.CopiedBucket | undefined, buckets: readonly FoundBucket[]): void {
    if (bucket === undefined) return;
    const copy = bucket.copies.find((name) => buckets.some((each) => each.bucket === name && each.region === other));
    if (copy === undefined) this.#absent('storage.replicaBucket', `${bucket.bucket} is not copied to ${other}`);
    else this.#found('storage.replicaBucket', copy, `${bucket.bucket} is copied to it`);
  }

  async #dns(
    known: propose.Known,
    api: propose.ApiRef | undefined,
    recovery: propose.ApiRef | undefined,
    records: readonly FoundRecord[],
  ): Promise<string | undefined> {
    const candidates = api === undefined ? [] : propose.recordCandidates(known, api, recovery, records);
    const record = await this.#decide('dns.record', candidates, '');
    if (record === undefined) {
      const isOpen = this.#findings.some(({ key }) => key === 'dns.record');
      if (!isOpen) this.#absent('dns.hostedZoneId', api && `no record leads to ${api.loadBalancer.loadBalancer}`);
      this.#absent('dns.record', api && `no record leads to ${api.loadBalancer.loadBalancer}`);
      return undefined;
    }
    const { hostedZoneId, record: name, healthCheckId } = record.value;
    this.#found('dns.hostedZoneId', hostedZoneId, `the zone of ${name}`);
    this.#found('dns.record', name, record.why);
    this.#found(
      'dns.mechanism',
      'records',
      healthCheckId === undefined
        ? 'the record itself is changed'
        : `the record follows the health check ${healthCheckId}: if that is what moves traffic, this is health-check or routing-control`,
    );
    return name;
  }

  async #probe(api: propose.ApiRef | undefined, record: string | undefined): Promise<void> {
    const { inventory, region } = this.#wanted;
    if (api === undefined || record === undefined) return;
    const path = api.targetGroup?.healthPath ?? '/';
    const tail = api.loadBalancer.loadBalancer;
    const encrypted = await this.#look('api', () => inventory.isEncrypted(region, tail), true);
    this.#found(
      'api.probeUrl',
      `${encrypted ? 'https' : 'http'}://${record}${path.startsWith('/') ? path : `/${path}`}`,
      'the record, and the path that the target group asks for health',
    );
  }

  async #logs(known: propose.Known, database: FoundDatabase | undefined, cache: FoundCache | undefined): Promise<void> {
    const { inventory, region } = this.#wanted;
    const groupsOf = (prefix: string) => this.#look('logs', () => inventory.logGroups(region, prefix), []);
    const [databaseGroups, cacheGroups] = await Promise.all([
      database === undefined ? [] : groupsOf(`/aws/rds/cluster/${database.cluster}/`),
      cache === undefined || cache.logGroups.length > 0 ? [] : groupsOf(`/aws/elasticache/${cache.replicationGroup}`),
    ]);
    const application = await this.#decide(
      'logs.application',
      (known.version?.logGroups ?? []).map((name) => ({
        value: name,
        name,
        wired: 0,
        hints: nameHints(name, [known.service?.service ?? '']),
        why: ['the task definition\u2019s log configuration names it'],
      })),
      '',
    );
    this.#settle('logs.application', application, (name) => name);
    if (databaseGroups.length > 0 && database !== undefined) {
      const kinds = databaseGroups.map((name) => name.split('/').at(-1)).join(', ');
      this.#found(
        'logs.database',
        `/aws/rds/cluster/${database.cluster}`,
        `the cluster\u2019s logs are exported: ${kinds}`,
      );
    } else if (database !== undefined) this.#absent('logs.database', 'the cluster exports no logs');
    const delivered = cache?.logGroups[0];
    const named = cacheGroups.find((name) => name === `/aws/elasticache/${cache?.replicationGroup ?? ''}`);
    if (delivered !== undefined) this.#found('logs.cache', delivered, 'the cache delivers its logs there');
    else if (named !== undefined) this.#found('logs.cache', named, 'it bears the name of the cache');
    else if (cache !== undefined) this.#absent('logs.cache', 'the cache delivers no logs');
  }

  async #cdn(
    record: string | undefined,
    api: propose.ApiRef | undefined,
    bucket: string | undefined,
    distributions: Awaited<ReturnType<Inventory['distributions']>>,
  ): Promise<void> {
    const parts = {
      ...(record === undefined ? {} : { record }),
      ...(api === undefined ? {} : { api }),
      ...(bucket === undefined ? {} : { bucket }),
    };
    const chosen = await this.#decide('cdn.distribution', propose.distributionCandidates(parts, distributions), '');
    this.#settle('cdn.distribution', chosen, ({ distribution }) => distribution);
    if (chosen === undefined) return;
    const host = [...chosen.value.aliases, chosen.value.domain].find((each) => isPublicName.test(each));
    if (host !== undefined) this.#found('cdn.url', `https://${host}/`, 'a name of the distribution');
  }

  #nothingFound(): NanoopsError {
    const { region } = this.#wanted;
    const details = this.#unseen.map(({ message }) => message);
    if (details.length > 0) {
      return new NanoopsError(`no part of a stack could be seen in ${region}`, {
        code: 'NothingSeen',
        exitCode: 3,
        details,
        nextStep: 'mend what is listed, or choose another account with --profile or another region with --region',
      });
    }
    return new NanoopsError(
      `nothing of a stack is in ${region}: no ECS service, Application Load Balancer, Aurora cluster or cache`,
      {
        code: 'NothingFound',
        exitCode: 3,
        nextStep: 'choose the region with --region, and the account with --profile',
      },
    );
  }
}

const fatal: ReadonlySet<CloudErrorKind> = new Set([
  'credentials-missing',
  'credentials-expired',
  'credentials-invalid',
  'refused-by-guard',
]);

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

/** True of a cluster that another region writes for. */
function isCopy(cluster: string, region: string, globals: readonly FoundGlobalDatabase[]): boolean {
  return globals.some(({ members }) =>
    members.some((each) => each.region === region && each.cluster === cluster && !each.isWriter),
  );
}

function nameOf(
  api: propose.ApiRef | undefined,
  database: FoundDatabase | undefined,
  cache: FoundCache | undefined,
): string {
  return api?.loadBalancer.loadBalancer.split('/')[1] ?? database?.cluster ?? cache?.replicationGroup ?? 'service';
}

const mostListed = 12;

function listed(candidates: readonly { readonly name: string }[]): readonly string[] {
  const names = candidates.slice(0, mostListed).map(({ name }) => name);
  const left = candidates.length - names.length;
  return left > 0 ? [...names, `and ${left} more`] : names;
}

function ambiguous(choices: readonly { readonly name: string; readonly why: string }[], region: string): NanoopsError {
  const named = choices.map(({ name, why }) => ({ name: why === '' ? name : `${name}: ${why}` }));
  return new NanoopsError(`${choices.length} ECS services in ${region} could be the one, and nothing says which`, {
    code: 'AmbiguousService',
    exitCode: 3,
    details: listed(named),
    nextStep: `say which: nanoops init --yes --service ${choices[0]?.name ?? '<name>'}`,
  });
}

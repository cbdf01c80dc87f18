/**
 * Looks through an account for the stack: everything at once that does not depend on anything else, then what hangs on
 * the service, then the other region. What cannot be looked at is told, and the rest goes on.
 */
import type {
  FoundBucket,
  FoundCache,
  FoundDatabase,
  FoundGlobalDatabase,
  FoundService,
  FoundServices,
} from '../../cloud/inventory.ts';
import type { Finding } from '../../discovery/findings.ts';
import { environmentIn, nameHints } from '../../discovery/names.ts';
import * as propose from '../../discovery/propose.ts';
import { cdn, dns, probe } from './front-door.ts';
import { Gathering, type Unseen } from './gathering.ts';
import type { DiscoverWanted, Look } from './look.ts';
import { copyOfBucket, copyOfDatabase, standingBy, takingOver } from './standby.ts';

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

export async function discover(wanted: DiscoverWanted): Promise<Discovered> {
  return new Survey(wanted).run();
}

/** One look through an account; what is found gathers in it. */
class Survey {
  readonly #wanted: DiscoverWanted;
  readonly #gathered: Gathering;

  constructor(wanted: DiscoverWanted) {
    this.#wanted = wanted;
    this.#gathered = new Gathering(wanted);
  }

  async run(): Promise<Discovered> {
    const { inventory, region, nowMs, cluster } = this.#wanted;
    const look: Look = { wanted: this.#wanted, gathered: this.#gathered };
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
      this.#gathered.look('account', () => inventory.account(region), undefined),
      this.#gathered.look('compute', () => inventory.services(region, cluster), nowhere),
      this.#gathered.look('api', () => inventory.loadBalancers(region), []),
      this.#gathered.look('api', () => inventory.targetGroups(region), []),
      this.#gathered.look('dns', () => inventory.records(), { records: [], cutOff: [] }),
      this.#gathered.look('database', () => inventory.databases(region), []),
      this.#gathered.look('database', () => inventory.globalDatabases(region), []),
      this.#gathered.look('cache', () => inventory.caches(region), []),
      this.#gathered.look('storage', () => inventory.buckets(region), []),
      this.#gathered.look('cdn', () => inventory.distributions(), []),
      this.#gathered.look('sessions', () => inventory.tables(region), []),
      this.#gathered.look('tracing', () => inventory.tracedServices(region, window), []),
      this.#gathered.look('business', () => inventory.namespacesOf(region, businessMetric), []),
    ]);
    this.#tellOfBounds(services, records.cutOff);

    const service = await this.#gathered.decide(
      'compute.service',
      propose.serviceCandidates(services.services, balancers, groups, records.records),
      `the only ECS service in ${region}`,
    );
    const known = await this.#known(service?.value);
    const api = await this.#gathered.decide(
      'api.loadBalancer',
      propose.apiCandidates(known, balancers, groups, records.records),
      `the only Application Load Balancer in ${region}`,
    );
    const homes = databases.filter(({ cluster: id }) => !isCopy(id, region, globals));
    const admitted = await this.#admitted(known, homes, caches);
    const database = await this.#gathered.decide(
      'database.cluster',
      propose.databaseCandidates(known, homes.length > 0 ? homes : databases, admitted),
      `the only Aurora cluster in ${region}`,
    );
    const cache = await this.#gathered.decide(
      'cache.replicationGroup',
      propose.cacheCandidates(known, caches, admitted),
      `the only replication group in ${region}`,
    );
    const copied = await this.#copies(known, buckets);
    const bucket = await this.#gathered.decide(
      'storage.bucket',
      propose.bucketCandidates(known, copied),
      `the only bucket in ${region}`,
    );
    if (service === undefined && api === undefined && database === undefined && cache === undefined) {
      throw this.#gathered.nothingFound();
    }

    const global = globals.find(({ members }) =>
      members.some((each) => each.region === region && each.cluster === database?.value.cluster),
    );
    this.#tellOfWriter(database?.value, global);
    const recovery = await takingOver(look, database?.value, global, bucket?.value, buckets);
    const other = recovery?.value;
    const there = other === undefined ? undefined : await standingBy(look, other, known, cache?.value);

    const name = service?.value.service ?? nameOf(api?.value, database?.value, cache?.value);
    this.#gathered.found(
      'service',
      name,
      service === undefined ? 'named after what was found' : 'the ECS service\u2019s name',
    );
    const environment = environmentIn([name, service?.value.cluster ?? '']);
    this.#gathered.found(
      'environment',
      environment ?? 'prod',
      environment === undefined ? 'the default; change it where this is another' : 'so its names say',
    );
    if (account !== undefined) this.#gathered.found('account', account, 'the account of the credentials');
    this.#gathered.found('regions.primary', region, 'the region that was looked at');
    if (recovery !== undefined) this.#gathered.found('regions.recovery', recovery.value, recovery.why);

    this.#gathered.settle('api.loadBalancer', api, ({ loadBalancer }) => loadBalancer.loadBalancer);
    if (api !== undefined) {
      const { targetGroup } = api.value;
      if (targetGroup === undefined) this.#gathered.absent('api.targetGroup');
      else this.#gathered.found('api.targetGroup', targetGroup.targetGroup, 'what the load balancer sends to');
    }
    if (service !== undefined) {
      this.#gathered.found('compute.cluster', service.value.cluster, `the cluster of ${service.value.service}`);
      await this.#mostTasks(service.value);
    }
    this.#gathered.settle('compute.service', service, ({ service: own }) => own);
    this.#gathered.settle('database.cluster', database, ({ cluster: id }) => id);
    this.#gathered.settle('cache.replicationGroup', cache, ({ replicationGroup }) => replicationGroup);
    this.#gathered.settle('storage.bucket', bucket, (each) => each.bucket);

    if (other !== undefined) {
      copyOfDatabase(this.#gathered, other, database?.value, global);
      copyOfBucket(this.#gathered, other, bucket?.value, buckets);
    }
    const record = await dns(look, known, api?.value, there?.api, records.records);
    await Promise.all([
      probe(look, api?.value, record),
      this.#logs(known, database?.value, cache?.value),
      cdn(look, record, api?.value, bucket?.value.bucket, distributions),
    ]);
    const table = await this.#gathered.decide('sessions.table', propose.sessionTableCandidates(known, tables), '');
    this.#gathered.settle('sessions.table', table, (each) => each.table);
    const tracedService = await this.#gathered.decide(
      'tracing.service',
      propose.tracedServiceCandidates(known, traced),
      `the only service that X-Ray saw in ${region} in the last hour`,
    );
    this.#gathered.settle('tracing.service', tracedService, (each) => each);
    const namespace = await this.#gathered.decide(
      'business.namespace',
      propose.namespaceCandidates(known, namespaces, businessMetric),
      '',
    );
    this.#gathered.settle('business.namespace', namespace, (each) => each);
    this.#gathered.refuseUnused();
    return {
      ...this.#gathered.all(),
      regions: { primary: region, ...(other === undefined ? {} : { recovery: other }) },
    };
  }

  #tellOfBounds({ left }: FoundServices, cutOff: readonly string[]): void {
    const { region } = this.#wanted;
    if (left > 0) {
      const message = `${left} more ECS services in ${region} were not looked at: name the cluster with --cluster`;
      this.#gathered.miss({ part: 'compute', region, message });
    }
    if (cutOff.length > 0) {
      const message = `not all records were looked at, of ${cutOff.slice(0, 5).join(', ')}${cutOff.length > 5 ? ', \u2026' : ''}`;
      this.#gathered.miss({ part: 'dns', region, message });
    }
  }

  async #known(service: FoundService | undefined): Promise<propose.Known> {
    if (service === undefined) return {};
    const { inventory, region } = this.#wanted;
    const { taskDefinition } = service;
    if (taskDefinition === undefined) return { service };
    const version = await this.#gathered.look('logs', () => inventory.version(region, taskDefinition), undefined);
    return { service, ...(version === undefined ? {} : { version }) };
  }

  async #admitted(known: propose.Known, databases: readonly FoundDatabase[], caches: readonly FoundCache[]) {
    const { inventory, region } = this.#wanted;
    const groups = [...databases, ...caches].flatMap(({ securityGroups }) => securityGroups);
    if (groups.length === 0 || known.service?.securityGroups.length === 0) return new Map<string, readonly string[]>();
    return this.#gathered.look('database', () => inventory.admittedBy(region, groups), new Map());
  }

  async #copies(known: propose.Known, buckets: readonly FoundBucket[]): Promise<readonly propose.CopiedBucket[]> {
    const { inventory, region } = this.#wanted;
    const anchors = known.service === undefined ? [] : [known.service.service, known.service.cluster];
    const here = buckets.filter((each) => each.region === region);
    const sum = ({ bucket }: FoundBucket) => nameHints(bucket, anchors).reduce((total, hint) => total + hint, 0);
    const likeliest = here.toSorted((a, b) => sum(b) - sum(a)).slice(0, mostBuckets);
    if (here.length > likeliest.length) {
      this.#gathered.note(
        `${here.length} buckets are in ${region}: the ${mostBuckets} whose names are nearest to the service\u2019s were looked at`,
      );
    }
    return Promise.all(
      likeliest.map(async (bucket) => ({
        ...bucket,
        copies: await this.#gathered.look('storage', () => inventory.copiesOf(bucket), []),
      })),
    );
  }

  #tellOfWriter(database: FoundDatabase | undefined, global: FoundGlobalDatabase | undefined): void {
    const { region } = this.#wanted;
    const writer = global?.members.find(({ isWriter }) => isWriter);
    if (global !== undefined && writer !== undefined && writer.region !== region) {
      this.#gathered.note(
        `${global.globalCluster} is written in ${writer.region}, not in ${region}: if the stack serves from there, type --region ${writer.region}`,
      );
    }
    if (database?.replicates !== undefined) {
      this.#gathered.note(`${database.cluster} is a copy of ${database.replicates}: is ${region} the primary region?`);
    }
  }

  async #mostTasks({ cluster, service }: FoundService): Promise<void> {
    const { inventory, region } = this.#wanted;
    const ask = () => inventory.mostTasks({ region, cluster, service });
    const most = await this.#gathered.look('compute', ask, undefined);
    if (most === undefined) this.#gathered.absent('compute.maxTasks', 'Auto Scaling does not say');
    else this.#gathered.found('compute.maxTasks', most, 'the most that Auto Scaling may ask for');
  }

  async #logs(known: propose.Known, database: FoundDatabase | undefined, cache: FoundCache | undefined): Promise<void> {
    const { inventory, region } = this.#wanted;
    const groupsOf = (prefix: string) => this.#gathered.look('logs', () => inventory.logGroups(region, prefix), []);
    const [databaseGroups, cacheGroups] = await Promise.all([
      database === undefined ? [] : groupsOf(`/aws/rds/cluster/${database.cluster}/`),
      cache === undefined || cache.logGroups.length > 0 ? [] : groupsOf(`/aws/elasticache/${cache.replicationGroup}`),
    ]);
    const application = await this.#gathered.decide(
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
    this.#gathered.settle('logs.application', application, (name) => name);
    if (databaseGroups.length > 0 && database !== undefined) {
      const kinds = databaseGroups.map((name) => name.split('/').at(-1)).join(', ');
      this.#gathered.found(
        'logs.database',
        `/aws/rds/cluster/${database.cluster}`,
        `the cluster\u2019s logs are exported: ${kinds}`,
      );
    } else if (database !== undefined) this.#gathered.absent('logs.database', 'the cluster exports no logs');
    const delivered = cache?.logGroups[0];
    const named = cacheGroups.find((name) => name === `/aws/elasticache/${cache?.replicationGroup ?? ''}`);
    if (delivered !== undefined) this.#gathered.found('logs.cache', delivered, 'the cache delivers its logs there');
    else if (named !== undefined) this.#gathered.found('logs.cache', named, 'it bears the name of the cache');
    else if (cache !== undefined) this.#gathered.absent('logs.cache', 'the cache delivers no logs');
  }
}

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

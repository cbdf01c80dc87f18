/** The parts of the stack: what each is called in AWS, region by region. */
import * as z from 'zod';
import {
  accountId,
  awsName,
  command,
  dnsName,
  duration,
  httpUrl,
  loadBalancerTail,
  plainText,
  port,
  region,
  roleArn,
  secret,
  targetGroupTail,
  textLike,
} from './fields.ts';

const ecsName = (what: string) => awsName(what, /^[A-Za-z0-9_-]{1,255}$/, '1 to 255 letters, digits, "-" and "_"');
const databaseId = (what: string) =>
  awsName(what, /^[A-Za-z](?:-?[A-Za-z0-9]){0,62}$/, '1 to 63 letters, digits and single hyphens, a letter first');
const bucketName = () =>
  awsName('bucket name', /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/, '3 to 63 lower-case letters, digits, "." and "-"');
const tableName = () => awsName('table name', /^[A-Za-z0-9_.-]{3,255}$/, '3 to 255 letters, digits, "_", "." and "-"');

/** A count of things, of which there are never more than that. */
const wholeNumber = (what: string, least: number) =>
  z
    .int({ error: `must be a whole number of ${what}` })
    .min(least, { error: `must be ${least} or more` })
    .max(10_000, { error: 'must be 10000 or less' });

const logGroupName = () =>
  textLike(/^[.\-_/#A-Za-z0-9]{1,512}$/, (input) => {
    const name = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(input)?.[1];
    return name === undefined
      ? 'must be a log group: 1 to 512 letters, digits, "_", "-", "/", "." and "#"'
      : `must be the log group's name, not its ARN: keep only "${name.slice(0, 80)}"`;
  });

export const account = accountId().describe(
  'The AWS account that the stack lives in, in quotes. A run that finds itself in another stops before it does anything.',
);

export const regions = z
  .strictObject({
    primary: region().describe('The region that serves in normal times, such as us-west-2.'),
    recovery: region().optional().describe('The region that takes over; absent: there is none.'),
  })
  .describe('Where the stack runs: { primary: us-west-2, recovery: us-east-1 }.');

export const roles = z
  .strictObject({
    primary: roleArn().optional().describe('Assumed for calls to the primary region.'),
    recovery: roleArn().optional().describe('Assumed for calls to the recovery region.'),
  })
  .describe('Roles to assume, where the regions are in different accounts.');

export const api = z
  .strictObject({
    loadBalancer: loadBalancerTail().describe("The tail of the load balancer's ARN: app/name/id."),
    targetGroup: targetGroupTail().optional().describe("The tail of the target group's ARN: targetgroup/name/id."),
    recovery: z
      .strictObject({
        loadBalancer: loadBalancerTail().describe("The tail of the recovery region's load balancer: app/name/id."),
        targetGroup: targetGroupTail().optional().describe("The tail of the recovery region's target group."),
      })
      .optional()
      .describe('The same in the recovery region.'),
    probeUrl: httpUrl().optional().describe('Asked for health from where nanoops runs, never from inside a region.'),
    writeProbe: command()
      .optional()
      .describe('A program that writes through the public name, reads it back, and exits with 0 where that went well.'),
  })
  .describe('The public API, behind an Application Load Balancer.');

export const compute = z
  .strictObject({
    cluster: ecsName('cluster name').describe('The ECS cluster.'),
    service: ecsName('service name').describe('The ECS service.'),
    maxTasks: z
      .int({ error: 'must be a whole number of tasks' })
      .min(1, { error: 'must be 1 or more' })
      .optional()
      .describe('The most tasks that nanoops may ever ask for.'),
    restartAfterFailover: z
      .boolean()
      .default(true)
      .describe('Whether tasks are replaced once the database has changed over, so that none keeps an old connection.'),
    recovery: z
      .strictObject({
        cluster: ecsName('cluster name').describe("The recovery region's ECS cluster."),
        service: ecsName('service name').describe("The recovery region's ECS service."),
        tasks: z
          .int({ error: 'must be a whole number of tasks' })
          .min(1, { error: 'must be 1 or more' })
          .optional()
          .describe(
            'How many tasks carry all of the load: for when the primary region cannot be asked how many it runs.',
          ),
      })
      .optional()
      .describe('The recovery region’s names; absent: the same names.'),
  })
  .describe('The ECS service that answers the API.');

export const database = z
  .strictObject({
    cluster: databaseId('cluster identifier').describe('The Aurora cluster in the primary region.'),
    recoveryCluster: databaseId('cluster identifier').optional().describe('The Aurora cluster in the recovery region.'),
    globalCluster: databaseId('global cluster identifier')
      .optional()
      .describe(
        'The Aurora global database; absent: the recovery cluster is a cross-region replica, promoted instead.',
      ),
    rpoProbe: command()
      .optional()
      .describe('Prints the newest heartbeat that the cluster holds, in epoch milliseconds.'),
    connection: z
      .strictObject({
        host: plainText(253).describe('The endpoint, as a host name.'),
        port: port().default(3306).describe('The port.'),
        user: plainText(128).describe('A user that may read performance data.'),
        password: secret().describe('A reference to the password: "${env:DB_PASSWORD}".'),
        tls: z
          .boolean()
          .default(true)
          .describe('Whether to speak TLS only, to the host that its certificate names; false sends all in the clear.'),
      })
      .optional()
      .describe('How `tune` reads the database itself; nothing else connects to it.'),
    pool: z
      .strictObject({
        size: wholeNumber('connections', 1).default(20).describe('Connections that a pool keeps (pool_size).'),
        overflow: wholeNumber('connections', 0)
          .default(10)
          .describe('Connections that it opens beyond them when it has to (max_overflow).'),
        recycle: duration()
          .default(3_600_000)
          .describe('The age at which it replaces a connection (pool_recycle); 0s for never.'),
        workersPerTask: wholeNumber('processes', 1)
          .default(1)
          .describe('Processes of a task, each of which has a pool of its own.'),
      })
      .optional()
      .describe(
        'The application\u2019s connection pool, by which `tune` judges whether the database has room for all tasks.',
      ),
  })
  .describe('The Aurora MySQL database.');

export const cache = z
  .strictObject({
    replicationGroup: awsName(
      'replication group id',
      /^[A-Za-z](?:-?[A-Za-z0-9]){0,39}$/,
      '1 to 40 letters, digits and single hyphens, a letter first',
    ).describe('The ElastiCache replication group in the primary region.'),
    recovery: z
      .strictObject({
        replicationGroup: awsName(
          'replication group id',
          /^[A-Za-z](?:-?[A-Za-z0-9]){0,39}$/,
          '1 to 40 letters, digits and single hyphens, a letter first',
        ).describe('The recovery region’s replication group.'),
      })
      .optional()
      .describe('The same in the recovery region.'),
    warm: command()
      .optional()
      .describe('A program that fills the cache of the region that takes over, before traffic comes.'),
    connection: z
      .strictObject({
        host: plainText(253).describe('The endpoint, as a host name.'),
        port: port().default(6379).describe('The port.'),
        user: plainText(128).optional().describe('The user, where access control is on.'),
        password: secret().optional().describe('A reference to the password or token: "${env:CACHE_TOKEN}".'),
        tls: z.boolean().default(true).describe('Whether the cache speaks TLS.'),
      })
      .optional()
      .describe('How `tune` reads the cache itself; nothing else connects to it.'),
    ttls: z
      .record(
        textLike(/^[^\s\p{C}*]{1,100}\*?$/u, () => 'must be a key or the beginning of keys and a star: "session:*"'),
        duration(),
      )
      .refine((ttls) => Object.keys(ttls).length <= 50, { error: 'must not name more than 50 kinds of keys' })
      .default({ 'session:*': 3_600_000, 'search:*': 1_800_000, 'profile:*': 3_600_000 })
      .describe('How long keys may live, by how they begin: { "session:*": 1h, "search:*": 30m, "profile:*": 1h }.'),
  })
  .describe('The Redis cache.');

export const storage = z
  .strictObject({
    bucket: bucketName().describe('The bucket in the primary region.'),
    replicaBucket: bucketName().optional().describe('The bucket in the recovery region that it is replicated to.'),
  })
  .describe('The S3 bucket of uploads.');

export const cdn = z
  .strictObject({
    distribution: awsName('distribution id', /^E[A-Z0-9]{1,31}$/, '"E", then capital letters and digits').describe(
      'The CloudFront distribution’s id.',
    ),
    url: httpUrl().optional().describe('What users open.'),
    probes: z
      .array(
        textLike(
          /^\/(?!\/)[^\s\p{C}#\\]{0,500}$/u,
          () => 'must be a path on cdn.url that begins with one "/": /api/v1/nanos',
        ),
      )
      .max(20, { error: 'must not be more than 20' })
      .default([])
      .describe('Paths on `url` that `tune` gets beside what the page itself loads: answers of the API, a ZIP.'),
  })
  .describe('The CloudFront distribution in front.');

const hostedZoneId = () =>
  textLike(/^Z[A-Z0-9]{1,31}$/, (input) => {
    const tail = /^\/?hostedzone\/(Z[A-Z0-9]+)$/.exec(input)?.[1];
    return tail === undefined
      ? 'must be the id of a hosted zone: "Z", then capital letters and digits'
      : `must be the id alone: keep only "${tail.slice(0, 40)}"`;
  });

const record = {
  hostedZoneId: hostedZoneId().describe('The Route 53 hosted zone that holds the record.'),
  record: dnsName().describe('The name that clients use, such as api.nano.example.'),
};

const routingControlArn = () =>
  textLike(
    /^arn:aws[a-z-]*:route53-recovery-control::\d{12}:controlpanel\/[0-9a-z]+\/routingcontrol\/[0-9a-z]+$/,
    () => 'must be the ARN of a routing control: arn:aws:route53-recovery-control::…:controlpanel/…/routingcontrol/…',
  );

export const dns = z
  .discriminatedUnion('mechanism', [
    z.strictObject({
      ...record,
      mechanism: z
        .literal('records')
        .default('records')
        .describe('The record itself is changed, which needs the Route 53 control plane in us-east-1.'),
    }),
    z.strictObject({
      ...record,
      mechanism: z.literal('routing-control').describe('Application Recovery Controller’s switches are thrown.'),
      routingControls: z
        .strictObject({
          primary: routingControlArn().describe('On while the primary region serves.'),
          recovery: routingControlArn().describe('On while the recovery region serves.'),
        })
        .describe('The two routing controls that the record’s failover follows.'),
      endpoints: z
        .array(
          z.strictObject({
            region: region().describe('The endpoint’s region.'),
            url: httpUrl().describe('The endpoint.'),
          }),
        )
        .min(1, { error: 'must name the cluster’s regional endpoints: in an outage they cannot be looked up' })
        .describe(
          'The cluster’s regional endpoints (five), written down because an outage is no time to look them up.',
        ),
    }),
    z.strictObject({
      ...record,
      mechanism: z.literal('health-check').describe('The standby takes over when an object of its region disappears.'),
      healthCheckId: textLike(
        /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        () => 'must be the id of a health check: 8-4-4-4-12 hexadecimal digits',
      ).describe('The inverted health check that watches the object.'),
      switchObject: z
        .strictObject({
          bucket: bucketName().describe('A bucket in the recovery region.'),
          key: plainText(1024).describe('The object whose absence moves the traffic.'),
        })
        .describe('The object that the health check watches; it must live in the recovery region.'),
    }),
  ])
  .describe('The DNS record that moves traffic between the regions.');

export const sessions = z
  .strictObject({ table: tableName().describe('The DynamoDB table.') })
  .describe('Where sessions are kept.');

export const logs = z
  .strictObject({
    application: logGroupName().optional().describe('The log group of the application.'),
    database: logGroupName()
      .refine((name) => !/\/(?:error|slowquery|general|audit)$/.test(name), {
        error: 'must be the part before /error, /slowquery and /general: leave that out',
      })
      .optional()
      .describe('The database’s log groups: the part before /error, /slowquery and /general.'),
    cache: logGroupName().optional().describe('The log group of the cache.'),
    fields: z
      .array(
        textLike(/^[A-Za-z_][\w.-]{0,63}$/, () => 'must be the name of a field: letters, digits, "_", "." and "-"'),
      )
      .min(1, { error: 'must name a field, or be left out' })
      .optional()
      .describe(
        'The fields that every line of the application has to have; the default: `config schema --of log-line`.',
      ),
    retention: z
      .int({ error: 'must be a whole number of days' })
      .min(1, { error: 'must be 1 or more' })
      .optional()
      .describe('Days that logs are to be kept; unless set 7 in prod, 3 in staging, 1 in dev.'),
    trail: logGroupName()
      .optional()
      .describe(
        'The log group that a CloudTrail trail is delivered to, best one of all regions; absent: a bounded look-up instead.',
      ),
  })
  .describe('CloudWatch log groups in the primary region.');

export const tracing = z
  .strictObject({ service: plainText(200).describe('The name that the API gives itself in X-Ray.') })
  .describe('X-Ray.');

export const business = z
  .strictObject({
    namespace: textLike(/^(?!AWS\/)[\w.\-/#: ]{1,255}$/, (input) =>
      input.startsWith('AWS/')
        ? 'must be a namespace of your own: those that begin with AWS/ are AWS’s'
        : 'must be a CloudWatch namespace: 1 to 255 letters, digits and . - _ / # :',
    ).describe(
      'Holds DailyActiveUsers, NewNanos, ChatResponseHours, ModerationQueueAgeHours and ModerationQueueLength.',
    ),
  })
  .describe('The CloudWatch namespace of the business metrics.');

export const cost = z
  .strictObject({
    review: z
      .boolean()
      .default(true)
      .describe('Whether `weekly-cost` asks Cost Explorer, which charges a cent a page; what it answers is kept.'),
    leastRise: z
      .number({ error: 'must be an amount of money a week, as a plain number: 10' })
      .min(0, { error: 'must be 0 or more' })
      .default(10)
      .describe('A rise by less than this a week, in the currency of the bill, is noise.'),
    refreshAfter: duration()
      .default(28_800_000)
      .describe('How old a kept answer may be; AWS itself has new data up to three times a day.'),
  })
  .describe('How costs are reviewed.');

export const state = z
  .union(
    [
      z.literal('file'),
      z.strictObject({
        dynamodb: z
          .strictObject({
            table: tableName().describe('The table.'),
            region: region().describe('The table’s region; best the one that survives.'),
          })
          .describe('A table that a team shares.'),
      }),
    ],
    { error: 'must be "file", or { dynamodb: { table: …, region: … } }' },
  )
  .default('file')
  .describe('Where journals and leases are kept: "file" on this machine, or a DynamoDB table for a team.');

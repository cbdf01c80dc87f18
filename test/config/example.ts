/** A configuration that uses every key, and what reading one gives: for tests that change a line of it. */
import { loadConfigText } from '../../src/config/load.ts';
import { NanoopsError } from '../../src/errors.ts';

export const fullExample = `service: nano-api
environment: prod
environments:
  staging:
    account: "210987654321"
    compute: { maxTasks: 3 }
    cache: null
    objectives: { rto: 2h }
account: "123456789012" # a run in another account stops before it does anything
regions: { primary: us-west-2, recovery: us-east-1 }
roles: { primary: "arn:aws:iam::123456789012:role/nanoops", recovery: "arn:aws:iam::210987654321:role/ops/nanoops" }
api:
  loadBalancer: app/nano-alb/50dc6c495c0c9188 # the tail of the ARN
  targetGroup: targetgroup/nano-api/73e2d6bc24d8a067
  recovery: { loadBalancer: app/nano-alb-dr/8f4c1b7d2e6a9035, targetGroup: targetgroup/nano-api-dr/1d9e5a3c7b2f4860 }
  probeUrl: https://api.nano.example/healthz # asked from where nanoops runs
compute: { cluster: nano, service: nano-api, maxTasks: 20, recovery: { cluster: nano, service: nano-api } }
database:
  cluster: nano-db
  recoveryCluster: nano-db-dr
  globalCluster: nano-global
  rpoProbe: { exec: [mysql, --batch, -e, "SELECT MAX(at) FROM heartbeat"] }
  connection: { host: nano-db.example, user: nanoops, password: "\${env:DB_PASSWORD}" }
cache: { replicationGroup: nano-cache, connection: { host: nano-cache.example } }
storage: { bucket: nano-zips, replicaBucket: nano-zips-dr }
cdn: { distribution: E123, url: https://nano.example }
dns: { hostedZoneId: Z123, record: api.nano.example, mechanism: records } # or routing-control, health-check
sessions: { table: nano-sessions }
logs: { application: /aws/ecs/nano-api, database: /aws/rds/cluster/nano-db, cache: /aws/elasticache/nano-cache, trail: aws-cloudtrail-logs }
tracing: { service: nano-api }
business: { namespace: Nano/Business }
objectives: { rto: 1h, rpo: 15m, checks: { api-latency-p99: { target: 2s, alert: 3s } } }
drill:
  {
    schedule: "2nd tuesday 15:00",
    timeZone: Europe/Berlin,
    blackouts: [{ from: 2026-12-20, to: 2027-01-03, reason: holidays }],
    holdAfterFailover: 24h,
    stopAlarms: [nano-sev1],
    consistency: [{ exec: [./compare.sh, nanos] }],
    injectOutage: { exec: [./break.sh] },
  }
alerts:
  prefix: nano-prod
  critical: { email: [oncall@nano.example], sms: ["+4915112345678"] }
  warning: { email: [team@nano.example] }
notify:
  pagerduty: { routingKey: "\${ssm:/nano/pagerduty}" }
  opsgenie: { apiKey: "\${env:OPSGENIE_KEY}", region: eu }
  slack: { webhookUrl: "\${secretsmanager:nano/slack#url}" }
  sns: { topicArn: "arn:aws:sns:us-east-1:123456789012:nano-ops" }
  statuspage: { pageId: abc123, apiKey: "\${env:STATUSPAGE_KEY}" }
  eventbridge: { bus: default, region: us-east-1 }
  webhook: { url: "\${env:WEBHOOK_URL}" }
cost: { review: true, leastRise: 25, refreshAfter: 12h }
state: { dynamodb: { table: nanoops, region: us-east-1 } }
`;

/** The least that a file must say, and more lines below it. */
export function minimal(...more: string[]): string {
  return ['service: nano-api', 'regions: { primary: us-west-2, recovery: us-east-1 }', ...more, ''].join('\n');
}

/** The error that `work` ends with, which must be one for people to read. */
export async function failureOf(work: () => unknown): Promise<NanoopsError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof NanoopsError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

/** The faults of a text, one line each; none when it is a configuration. */
export function faultsOf(text: string, environment?: string): readonly string[] {
  try {
    loadConfigText(text, 'nanoops.yaml', environment);
    return [];
  } catch (error) {
    if (error instanceof NanoopsError && error.code === 'ConfigInvalid') return error.details;
    throw error;
  }
}

/**
 * A cloud that says what a test tells it to. Strict: a fact that no test provided is a defect of the test, a question
 * that no real adapter could answer (another region, a window that runs backwards or into the future) is refused, and a
 * closed cloud answers nothing. Stateful: it counts what it was asked, as the real one does.
 */
import type { ApiUsage, Cloud } from '../../src/cloud/cloud.ts';
import { CloudError, type CloudErrorKind } from '../../src/cloud/errors.ts';
import type { Facts } from '../../src/cloud/facts.ts';
import type { Window } from '../../src/cloud/series.ts';
import type { Clock } from '../../src/engine/clock.ts';

type Answer<Name extends keyof Facts> = Awaited<ReturnType<Facts[Name]>>;
type Question<Name extends keyof Facts> = Parameters<Facts[Name]>;
type Work<Name extends keyof Facts> = (...question: Question<Name>) => Answer<Name> | Promise<Answer<Name>>;

/** Each fact's answer, its error, or what works one out from the question. */
export type Told = {
  readonly [Name in keyof Facts]?: Answer<Name> | Error | Work<Name>;
};

/** The operation that each fact is counted as, and refused with. */
const operations: Readonly<Record<keyof Facts, string>> = {
  caller: 'sts:GetCallerIdentity',
  apiTraffic: 'cloudwatch:GetMetricData',
  zoneTraffic: 'cloudwatch:GetMetricData',
  targetHealth: 'elasticloadbalancing:DescribeTargetHealth',
  serviceUtilisation: 'cloudwatch:GetMetricData',
  serviceState: 'ecs:DescribeServices',
  deployments: 'ecs:ListServiceDeployments',
  stoppedTasks: 'ecs:ListTasks',
  scalingLimits: 'application-autoscaling:DescribeScalableTargets',
  databaseState: 'rds:DescribeDBClusters',
  connectionLimit: 'rds:DescribeDBInstances',
  databaseLoad: 'cloudwatch:GetMetricData',
  cacheLoad: 'cloudwatch:GetMetricData',
  bucketLoad: 'cloudwatch:GetMetricData',
  errorLines: 'logs:FilterLogEvents',
  slowQueries: 'logs:FilterLogEvents',
  traces: 'xray:GetTraceSummaries',
  flowLogs: 'ec2:DescribeFlowLogs',
};

/** What AWS answers a caller who may not ask. */
export function refusal(fact: keyof Facts, kind: CloudErrorKind = 'permission'): CloudError {
  const [service = '', operation = ''] = operations[fact].split(':');
  return new CloudError(kind, `${operations[fact]} in us-west-2: ${kind}`, {
    service,
    operation,
    region: 'us-west-2',
    iamAction: operations[fact],
    nextStep: `allow ${operations[fact]}`,
  });
}

export interface Asked {
  readonly fact: keyof Facts;
  readonly question: readonly unknown[];
}

export class FakeCloud implements Cloud {
  readonly asked: Asked[] = [];
  readonly facts: Facts;
  /** The operations that were announced. */
  readonly prepared = new Set<string>();
  private readonly told: Told;
  private readonly region: string;
  private readonly clock: Clock;
  private closed = false;

  /** @param region the only region that this cloud has */
  constructor(told: Told, { region, clock }: { readonly region: string; readonly clock: Clock }) {
    this.told = told;
    this.region = region;
    this.clock = clock;
    this.facts = {
      caller: (...question) => this.answer('caller', question),
      apiTraffic: (...question) => this.answer('apiTraffic', question),
      zoneTraffic: (...question) => this.answer('zoneTraffic', question),
      targetHealth: (...question) => this.answer('targetHealth', question),
      serviceUtilisation: (...question) => this.answer('serviceUtilisation', question),
      serviceState: (...question) => this.answer('serviceState', question),
      deployments: (...question) => this.answer('deployments', question),
      stoppedTasks: (...question) => this.answer('stoppedTasks', question),
      scalingLimits: (...question) => this.answer('scalingLimits', question),
      databaseState: (...question) => this.answer('databaseState', question),
      connectionLimit: (...question) => this.answer('connectionLimit', question),
      databaseLoad: (...question) => this.answer('databaseLoad', question),
      cacheLoad: (...question) => this.answer('cacheLoad', question),
      bucketLoad: (...question) => this.answer('bucketLoad', question),
      errorLines: (...question) => this.answer('errorLines', question),
      slowQueries: (...question) => this.answer('slowQueries', question),
      traces: (...question) => this.answer('traces', question),
      flowLogs: (...question) => this.answer('flowLogs', question),
    };
  }

  prepare(region: string, announced: readonly string[]): void {
    if (region !== this.region) throw new TypeError(`${region} was to be prepared`);
    for (const operation of announced) this.prepared.add(operation);
  }

  usage(): ApiUsage {
    const byOperation: Record<string, number> = {};
    for (const { fact } of this.asked) byOperation[operations[fact]] = (byOperation[operations[fact]] ?? 0) + 1;
    return { calls: this.asked.length, mutations: 0, byOperation };
  }

  close(): void {
    this.closed = true;
  }

  /** What was asked of one fact, in order. */
  questions<Name extends keyof Facts>(fact: Name): readonly Question<Name>[] {
    // Every question was recorded with its own fact.
    return this.asked.filter((each) => each.fact === fact).map((each) => each.question as Question<Name>);
  }

  /** Facts that were provided and that nobody asked for. */
  unused(): readonly string[] {
    return Object.keys(this.told).filter((name) => !this.asked.some(({ fact }) => fact === name));
  }

  private async answer<Name extends keyof Facts>(fact: Name, question: Question<Name>): Promise<Answer<Name>> {
    if (this.closed) throw new TypeError(`${fact} was asked of a closed cloud`);
    for (const part of question) this.check(fact, part);
    this.asked.push({ fact, question });
    if (!(fact in this.told)) throw new TypeError(`this test does not say what ${fact} answers`);
    const told: unknown = this.told[fact];
    if (told instanceof Error) throw told;
    // `Told` holds this fact's own answer, or what works one out, under its name; answers are never functions.
    return typeof told === 'function' ? (told as Work<Name>)(...question) : (told as Answer<Name>);
  }

  private check(fact: keyof Facts, part: unknown): void {
    if (isWindow(part)) {
      const end = this.clock.now();
      const isWhole = part.from % 60_000 === 0 && part.to % 60_000 === 0;
      if (!(part.from < part.to && part.to <= end && isWhole)) {
        throw new TypeError(`${fact} was asked for a window that cannot be: ${JSON.stringify(part)}`);
      }
    }
    const region = regionOf(part);
    if (region !== undefined && region !== this.region) throw new TypeError(`${fact} was asked in ${region}`);
  }
}

function isWindow(part: unknown): part is Window {
  return typeof part === 'object' && part !== null && 'from' in part && 'to' in part;
}

function regionOf(part: unknown): string | undefined {
  return typeof part === 'object' && part !== null && 'region' in part ? String(part.region) : undefined;
}

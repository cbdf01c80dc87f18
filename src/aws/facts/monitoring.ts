/**
 * What watches the stack in the account, in the form in which it is wanted: alarms, topics with their subscriptions, rules
 * with their targets, dashboards. Whose each is, is read with it.
 */
import type { CompositeAlarm, MetricAlarm, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Rule, Target } from '@aws-sdk/client-eventbridge';
import type { Subscription } from '@aws-sdk/client-sns';
import { CloudError } from '../../cloud/errors.ts';
import {
  markedTags,
  topicArn,
  type AlarmMetric,
  type AlarmSpec,
  type FoundMonitoring,
  type Json,
  type MonitoringResource,
  type MonitoringScope,
  type Tags,
} from '../../cloud/monitoring.ts';
import { allPages, type FactTools } from './tools.ts';

/** DescribeAlarms gives no more alarms on a page (CloudWatch API Reference). */
const alarmsPerPage = 100;

/** The resources of that region that bear the prefix; of topics those that are named, since a list of topics has no tags. */
export async function watching(
  tools: FactTools,
  scope: MonitoringScope,
  topics: readonly string[],
): Promise<readonly FoundMonitoring[]> {
  const [alarms, rules, ...ofTopics] = await Promise.all([
    alarmsOf(tools, scope.region, { AlarmNamePrefix: scope.prefix }),
    rulesOf(tools, scope),
    ...topics.map((name) => topicAndMore(tools, scope, name)),
  ]);
  return [...ofTopics.flat(), ...rules, ...alarms];
}

/** One resource as it is now. */
export async function watcher(
  tools: FactTools,
  wanted: MonitoringResource,
  account: string,
): Promise<FoundMonitoring | undefined> {
  const { region, kind, name } = wanted;
  switch (kind) {
    case 'alarm':
    case 'composite-alarm': {
      const found = await alarmsOf(tools, region, { AlarmNames: [name] });
      // An alarm of the other kind bears the name, too, and is in the way.
      return found[0];
    }
    case 'topic':
      return topicOf(tools, { region, account }, name);
    case 'subscription': {
      const { topic } = wanted.spec;
      const found = await unlessMissing(() => subscriptionsOf(tools, region, topic));
      return found?.find((each) => each.name === name);
    }
    case 'event-rule': {
      const api = await tools.clients.eventBridge(region);
      const rule = await unlessMissing(() => api.describeRule({ Name: name }));
      return rule === undefined ? undefined : ruleFrom(tools, region, rule);
    }
    case 'event-target': {
      const { rule } = wanted.spec;
      const targets = await unlessMissing(() => targetsOf(tools, region, rule));
      return targets?.find((each) => each.name === name);
    }
    case 'dashboard':
      return dashboard(tools, region, name);
  }
}

export async function dashboard(
  { clients, wiring }: FactTools,
  region: string,
  name: string,
): Promise<FoundMonitoring | undefined> {
  const api = await clients.cloudWatch(region);
  const found = await unlessMissing(() => api.getDashboard({ DashboardName: name }));
  if (found === undefined) return undefined;
  const call = { service: 'cloudwatch', operation: 'GetDashboard', region, resource: name };
  const body = parsed(found.DashboardBody);
  if (body === undefined) throw wiring.failure('malformed-answer', call, 'its body is no JSON');
  return { kind: 'dashboard', region, name, spec: { body }, tags: markedTags(textsOf(body).join('\n')) };
}

/** Texts of a dashboard's text widgets. */
function textsOf(body: Json): readonly string[] {
  const widgets = memberOf(body, 'widgets');
  if (!isList(widgets)) return [];
  return widgets.flatMap((widget) => {
    const markdown = memberOf(memberOf(widget, 'properties'), 'markdown');
    return typeof markdown === 'string' ? [markdown] : [];
  });
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  return value[name];
}

/** Undefined for what is no JSON. */
function parsed(text: string | undefined): Json | undefined {
  try {
    // What JSON.parse gives is just that.
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** Undefined where it is not there. */
async function unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof CloudError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

async function alarmsOf(
  tools: FactTools,
  region: string,
  which: { readonly AlarmNamePrefix: string } | { readonly AlarmNames: string[] },
): Promise<readonly FoundMonitoring[]> {
  const { wiring, clients } = tools;
  const api = await clients.cloudWatch(region);
  const call = { service: 'cloudwatch', operation: 'DescribeAlarms', region };
  const found = await allPages(wiring, call, async (NextToken) => {
    const answer = await api.describeAlarms({
      ...which,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: alarmsPerPage,
      NextToken,
    });
    // One of the two lists is in every answer; without either it is none.
    if (answer.MetricAlarms === undefined && answer.CompositeAlarms === undefined) {
      throw wiring.failure('malformed-answer', call, 'it holds no list of alarms');
    }
    const items = [
      ...(answer.MetricAlarms ?? []).map((alarm) => [alarm, metricAlarmFrom(region, alarm)] as const),
      ...(answer.CompositeAlarms ?? []).map((alarm) => [alarm, compositeFrom(region, alarm)] as const),
    ];
    return { items, next: answer.NextToken };
  });
  return Promise.all(
    found.map(async ([{ AlarmArn }, alarm]) => {
      const { Tags = [] } = await api.listTagsForResource({ ResourceARN: AlarmArn });
      return { ...alarm, tags: tagsFrom(Tags) };
    }),
  );
}

function tagsFrom(tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]): Tags {
  return Object.fromEntries(tags.flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}

const comparisons: Readonly<Record<string, string>> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};

function actionsFrom(alarm: MetricAlarm | CompositeAlarm) {
  return {
    enabled: alarm.ActionsEnabled ?? true,
    alarmActions: alarm.AlarmActions ?? [],
    okActions: alarm.OKActions ?? [],
    insufficientDataActions: alarm.InsufficientDataActions ?? [],
  };
}

function metricAlarmFrom(region: string, alarm: MetricAlarm): MonitoringResource {
  const periods = alarm.EvaluationPeriods ?? 0;
  const spec: AlarmSpec = {
    description: alarm.AlarmDescription ?? '',
    ...watchedBy(alarm),
    comparison: comparisons[alarm.ComparisonOperator ?? ''] ?? alarm.ComparisonOperator ?? 'unknown',
    threshold: alarm.Threshold ?? null,
    periods,
    datapoints: alarm.DatapointsToAlarm ?? periods,
    missing: alarm.TreatMissingData ?? 'missing',
    ...actionsFrom(alarm),
  };
  return { kind: 'alarm', region, name: alarm.AlarmName ?? 'unknown', spec };
}

/** An alarm names either one metric by itself, or a list of metrics and expressions of which one is compared. */
function watchedBy(alarm: MetricAlarm): Pick<AlarmSpec, 'metrics' | 'expression'> {
  const { Metrics = [], MetricName } = alarm;
  if (MetricName !== undefined) {
    const metric: AlarmMetric = {
      namespace: alarm.Namespace ?? '',
      metric: MetricName,
      dimensions: dimensionsFrom(alarm.Dimensions),
      statistic: alarm.ExtendedStatistic ?? alarm.Statistic ?? 'unknown',
      periodSeconds: alarm.Period ?? 0,
    };
    return { metrics: { value: metric }, expression: null };
  }
  const expressions = Metrics.filter(({ Expression }) => Expression !== undefined);
  const [only] = expressions;
  return {
    metrics: Object.fromEntries(Metrics.flatMap((query) => metricFrom(query))),
    expression:
      only === undefined
        ? null
        : expressions.length === 1
          ? (only.Expression ?? null)
          : expressions.map(({ Id, Expression }) => `${Id} = ${Expression}`).join('; '),
  };
}

function metricFrom({ Id, MetricStat }: MetricDataQuery): readonly (readonly [string, AlarmMetric])[] {
  if (Id === undefined || MetricStat?.Metric === undefined) return [];
  const { Metric, Period, Stat } = MetricStat;
  return [
    [
      Id,
      {
        namespace: Metric.Namespace ?? '',
        metric: Metric.MetricName ?? '',
        dimensions: dimensionsFrom(Metric.Dimensions),
        statistic: Stat ?? 'unknown',
        periodSeconds: Period ?? 0,
      },
    ],
  ];
}

function dimensionsFrom(given: MetricAlarm['Dimensions'] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.flatMap(({ Name, Value }) => (Name === undefined || Value === undefined ? [] : [[Name, Value]])),
  );
}

function compositeFrom(region: string, alarm: CompositeAlarm): MonitoringResource {
  return {
    kind: 'composite-alarm',
    region,
    name: alarm.AlarmName ?? 'unknown',
    spec: { description: alarm.AlarmDescription ?? '', rule: alarm.AlarmRule ?? '', ...actionsFrom(alarm) },
  };
}

type TopicPlace = Pick<MonitoringScope, 'region' | 'account'>;

async function topicOf(
  { clients }: FactTools,
  { region, account }: TopicPlace,
  name: string,
): Promise<FoundMonitoring | undefined> {
  const api = await clients.sns(region);
  const arn = topicArn(region, account, name);
  const found = await unlessMissing(async () => {
    const [{ Attributes = {} }, { Tags = [] }] = await Promise.all([
      api.getTopicAttributes({ TopicArn: arn }),
      api.listTagsForResource({ ResourceArn: arn }),
    ]);
    return { Attributes, tags: tagsFrom(Tags) };
  });
  if (found === undefined) return undefined;
  const { Attributes, tags } = found;
  const policy = parsed(Attributes['Policy']) ?? null;
  return { kind: 'topic', region, name, spec: { displayName: Attributes['DisplayName'] ?? '', policy }, tags };
}

async function topicAndMore(tools: FactTools, place: TopicPlace, name: string): Promise<readonly FoundMonitoring[]> {
  const topic = await topicOf(tools, place, name);
  if (topic === undefined) return [];
  const subscriptions = await subscriptionsOf(tools, place.region, topicArn(place.region, place.account, name));
  return [topic, ...subscriptions.map((each) => ({ ...each, tags: topic.tags }))];
}

async function subscriptionsOf(
  { wiring, clients }: FactTools,
  region: string,
  topic: string,
): Promise<readonly FoundMonitoring[]> {
  const api = await clients.sns(region);
  const call = { service: 'sns', operation: 'ListSubscriptionsByTopic', region, resource: topic };
  const listed = await allPages(wiring, call, async (NextToken) => {
    const answer = await api.listSubscriptionsByTopic({ TopicArn: topic, NextToken });
    return { items: answer.Subscriptions ?? [], next: answer.NextToken };
  });
  return listed.flatMap((each) => subscriptionFrom(region, topic, each));
}

function subscriptionFrom(
  region: string,
  topic: string,
  { Protocol, Endpoint, SubscriptionArn }: Subscription,
): readonly FoundMonitoring[] {
  // Of one that was ended, or never agreed to in time, the list goes on telling for some days.
  if (Protocol === undefined || Endpoint === undefined || SubscriptionArn === 'Deleted') return [];
  const spec = { topic, protocol: Protocol, endpoint: Endpoint };
  return [
    {
      kind: 'subscription',
      region,
      name: `${topic.slice(topic.lastIndexOf(':') + 1)} ${Protocol}:${Endpoint}`,
      spec,
      tags: {},
      ...(SubscriptionArn?.startsWith('arn:') === true ? {} : { isPending: true }),
    },
  ];
}

async function rulesOf(tools: FactTools, { region, prefix }: MonitoringScope): Promise<readonly FoundMonitoring[]> {
  const { wiring, clients } = tools;
  const api = await clients.eventBridge(region);
  const call = { service: 'events', operation: 'ListRules', region };
  const rules = await allPages(wiring, call, async (NextToken) => {
    const answer = await api.listRules({ NamePrefix: prefix, NextToken });
    return { items: answer.Rules ?? [], next: answer.NextToken };
  });
  const found = await Promise.all(
    rules.map(async (rule) => {
      const [own, targets] = await Promise.all([
        ruleFrom(tools, region, rule),
        targetsOf(tools, region, rule.Name ?? ''),
      ]);
      return [own, ...targets.map((each) => ({ ...each, tags: own.tags }))];
    }),
  );
  return found.flat();
}

async function ruleFrom({ clients }: FactTools, region: string, rule: Rule): Promise<FoundMonitoring> {
  const api = await clients.eventBridge(region);
  const { Tags = [] } = await api.listTagsForResource({ ResourceARN: rule.Arn });
  const spec = {
    description: rule.Description ?? '',
    pattern: parsed(rule.EventPattern) ?? null,
    enabled: rule.State !== 'DISABLED',
  };
  return { kind: 'event-rule', region, name: rule.Name ?? 'unknown', spec, tags: tagsFrom(Tags) };
}

async function targetsOf(
  { wiring, clients }: FactTools,
  region: string,
  rule: string,
): Promise<readonly FoundMonitoring[]> {
  const api = await clients.eventBridge(region);
  const call = { service: 'events', operation: 'ListTargetsByRule', region, resource: rule };
  const targets = await allPages(wiring, call, async (NextToken) => {
    const answer = await api.listTargetsByRule({ Rule: rule, NextToken });
    return { items: answer.Targets ?? [], next: answer.NextToken };
  });
  return targets.map((target) => targetFrom(region, rule, target));
}

function targetFrom(region: string, rule: string, { Id, Arn, InputTransformer }: Target): FoundMonitoring {
  const spec = {
    rule,
    target: Arn ?? 'unknown',
    paths: InputTransformer?.InputPathsMap ?? {},
    template: InputTransformer?.InputTemplate ?? '',
  };
  return { kind: 'event-target', region, name: `${rule} ${Id}`, spec, tags: {} };
}

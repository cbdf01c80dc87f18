/** What is done to alarms, topics, rules and dashboards, each one call. Whether it is right to do so is decided above. */
import type { ComparisonOperator, MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import {
  topicArn,
  type AlarmMetric,
  type AlarmSpec,
  type MonitoringAction,
  type MonitoringResource,
  type Tags,
} from '../../cloud/monitoring.ts';
import { allPages } from '../facts/tools.ts';
import type { Clients } from '../clients.ts';
import type { Wiring } from '../wiring.ts';

interface How {
  readonly account: string;
  readonly tags: Tags;
  readonly attribute?: 'displayName' | 'policy';
}

type Tools = { readonly clients: Clients; readonly wiring: Wiring };

export async function changeMonitoring(
  tools: Tools,
  action: MonitoringAction,
  resource: MonitoringResource,
  how: How,
): Promise<void> {
  switch (resource.kind) {
    case 'topic':
    case 'subscription':
      return changeTopic(tools, action, resource, how);
    case 'event-rule':
    case 'event-target':
      return changeRule(tools, action, resource, how);
    case 'alarm':
    case 'composite-alarm':
    case 'dashboard':
      return changeCloudWatch(tools.clients, action, resource, how);
  }
}

function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

const attributeNames = { displayName: 'DisplayName', policy: 'Policy' } as const;

async function changeTopic(
  { clients, wiring }: Tools,
  action: MonitoringAction,
  resource: Extract<MonitoringResource, { kind: 'topic' | 'subscription' }>,
  { account, tags, attribute = 'policy' }: How,
): Promise<void> {
  const { region, name } = resource;
  const api = await clients.sns(region);
  if (resource.kind === 'subscription') {
    const { topic, protocol, endpoint } = resource.spec;
    if (action !== 'delete') {
      await api.subscribe({ TopicArn: topic, Protocol: protocol, Endpoint: endpoint, ReturnSubscriptionArn: true });
      return;
    }
    // It is ended by an ARN of its own, which the list of the topic's subscriptions tells.
    const listed = { service: 'sns', operation: 'ListSubscriptionsByTopic', region };
    const subscriptions = await allPages(wiring, listed, async (NextToken) => {
      const page = await api.listSubscriptionsByTopic({ TopicArn: topic, NextToken });
      return { items: page.Subscriptions ?? [], next: page.NextToken };
    });
    const found = subscriptions.find(
      (each) =>
        each.Protocol === protocol && each.Endpoint === endpoint && each.SubscriptionArn?.startsWith('arn:') === true,
    );
    if (found?.SubscriptionArn !== undefined) {
      await api.unsubscribe({ SubscriptionArn: found.SubscriptionArn });
      return;
    }
    const call = { service: 'sns', operation: 'Unsubscribe', region, resource: name };
    throw wiring.failure('not-found', call, 'the topic has no such subscription');
  }
  const TopicArn = topicArn(region, account, name);
  const { displayName, policy } = resource.spec;
  switch (action) {
    case 'create':
      await api.createTopic({
        Name: name,
        Attributes: { DisplayName: displayName, Policy: JSON.stringify(policy) },
        Tags: tagList(tags),
      });
      return;
    case 'update': {
      const value = attribute === 'policy' ? JSON.stringify(policy) : displayName;
      await api.setTopicAttributes({ TopicArn, AttributeName: attributeNames[attribute], AttributeValue: value });
      return;
    }
    case 'delete':
      await api.deleteTopic({ TopicArn });
  }
}

/** Of a target: the last word of its name. */
function targetId(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1);
}

async function changeRule(
  { clients, wiring }: Tools,
  action: MonitoringAction,
  resource: Extract<MonitoringResource, { kind: 'event-rule' | 'event-target' }>,
  { tags }: How,
): Promise<void> {
  const { region, name } = resource;
  const api = await clients.eventBridge(region);
  if (resource.kind === 'event-rule') {
    if (action === 'delete') {
      await api.deleteRule({ Name: name });
      return;
    }
    const { description, pattern, enabled } = resource.spec;
    await api.putRule({
      Name: name,
      Description: description,
      EventPattern: JSON.stringify(pattern),
      State: enabled ? 'ENABLED' : 'DISABLED',
      ...(action === 'create' ? { Tags: tagList(tags) } : {}),
    });
    return;
  }
  const { rule, target, paths, template } = resource.spec;
  const Id = targetId(name);
  const isRemoval = action === 'delete';
  const { FailedEntries = [] } = isRemoval
    ? await api.removeTargets({ Rule: rule, Ids: [Id] })
    : await api.putTargets({
        Rule: rule,
        Targets: [{ Id, Arn: target, InputTransformer: { InputPathsMap: { ...paths }, InputTemplate: template } }],
      });
  const [failed] = FailedEntries;
  if (failed === undefined) return;
  // The answer is well, and says of the one entry that it failed.
  const call = { service: 'events', operation: isRemoval ? 'RemoveTargets' : 'PutTargets', region, resource: name };
  throw wiring.failure('invalid-request', call, `${failed.ErrorCode}: ${failed.ErrorMessage}`);
}

const operators: Readonly<Record<string, ComparisonOperator>> = {
  '>': 'GreaterThanThreshold',
  '>=': 'GreaterThanOrEqualToThreshold',
  '<': 'LessThanThreshold',
  '<=': 'LessThanOrEqualToThreshold',
};

async function changeCloudWatch(
  clients: Clients,
  action: MonitoringAction,
  resource: Extract<MonitoringResource, { kind: 'alarm' | 'composite-alarm' | 'dashboard' }>,
  { tags }: How,
): Promise<void> {
  const { region, name } = resource;
  const api = await clients.cloudWatch(region);
  if (resource.kind === 'dashboard') {
    if (action === 'delete') await api.deleteDashboards({ DashboardNames: [name] });
    else await api.putDashboard({ DashboardName: name, DashboardBody: JSON.stringify(resource.spec.body) });
    return;
  }
  if (action === 'delete') {
    await api.deleteAlarms({ AlarmNames: [name] });
    return;
  }
  const { description, enabled, alarmActions, okActions, insufficientDataActions } = resource.spec;
  const common = {
    AlarmName: name,
    AlarmDescription: description,
    ActionsEnabled: enabled,
    AlarmActions: [...alarmActions],
    OKActions: [...okActions],
    InsufficientDataActions: [...insufficientDataActions],
    // Of an alarm that is there already they would be passed over (CloudWatch API Reference, PutMetricAlarm).
    ...(action === 'create' ? { Tags: tagList(tags) } : {}),
  };
  if (resource.kind === 'composite-alarm') {
    await api.putCompositeAlarm({ ...common, AlarmRule: resource.spec.rule });
  } else {
    await api.putMetricAlarm({ ...common, ...comparisonOf(resource.spec) });
  }
}

function comparisonOf(spec: AlarmSpec): Omit<PutMetricAlarmInput, 'AlarmName'> & Pick<PutMetricAlarmInput, 'Metrics'> {
  const { metrics, expression, comparison, threshold, periods, datapoints, missing } = spec;
  const queries = Object.entries(metrics).map(([id, metric]) => queryOf(id, metric, expression === null));
  return {
    Metrics: expression === null ? queries : [{ Id: 'result', Expression: expression, ReturnData: true }, ...queries],
    // What is found may be compared otherwise, and is put back as it was.
    ComparisonOperator: operators[comparison] ?? (comparison as ComparisonOperator),
    Threshold: threshold ?? undefined,
    EvaluationPeriods: periods,
    DatapointsToAlarm: datapoints,
    TreatMissingData: missing,
  };
}

function queryOf(
  Id: string,
  { namespace, metric, dimensions, statistic, periodSeconds }: AlarmMetric,
  isCompared: boolean,
) {
  const query: MetricDataQuery = {
    Id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: statistic,
    },
    ReturnData: isCompared,
  };
  return query;
}

/**
 * What is to watch a region, as a template of CloudFormation, for those who have their infrastructure made by it. The same
 * resources, with references in the place of ARNs. Pure.
 * Source: CloudFormation Template Reference.
 */
import type { AlarmActions, AlarmMetric, Json, MonitoringResource, Tags } from '../cloud/monitoring.ts';

/** In the place of the account, so that the template fits any. */
export const accountToken = '${AWS::AccountId}';

type JsonRecord = Readonly<Record<string, Json>>;

/** One template; `resources` are all of one region, made with `accountToken` as their account. */
export function templateOf(resources: readonly MonitoringResource[], description: string, tags: Tags): JsonRecord {
  const ids = new Map(resources.map((each) => [keyOf(each), logicalId(each)]));
  const targets = new Map(
    resources.flatMap((each) => (each.kind === 'event-target' ? [[each.spec.rule, each] as const] : [])),
  );
  const entries = resources.flatMap((each): readonly (readonly [string, Json])[] => {
    const id = ids.get(keyOf(each)) ?? '';
    switch (each.kind) {
      case 'topic':
        return topicEntries(id, each, tags);
      case 'subscription':
        return [[id, { Type: 'AWS::SNS::Subscription', Properties: subscriptionOf(each.spec, ids) }]];
      case 'event-rule':
        return [[id, ruleOf(each, targets.get(each.name), ids)]];
      case 'event-target':
        return []; // A part of its rule.
      case 'alarm':
        return [[id, alarmOf(each, ids, tags)]];
      case 'composite-alarm':
        return [[id, compositeOf(each, resources, ids, tags)]];
      case 'dashboard':
        return [
          [
            id,
            {
              Type: 'AWS::CloudWatch::Dashboard',
              Properties: { DashboardName: each.name, DashboardBody: JSON.stringify(each.spec.body) },
            },
          ],
        ];
    }
  });
  return { AWSTemplateFormatVersion: '2010-09-09', Description: description, Resources: Object.fromEntries(entries) };
}

function keyOf({ kind, name }: Pick<MonitoringResource, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** Letters and digits only; what tells kinds of one name apart is at the end. */
function logicalId({ kind, name }: MonitoringResource): string {
  const word = (text: string): string =>
    text
      .split(/[^A-Za-z0-9]+/)
      .filter((part) => part !== '')
      .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
      .join('');
  return `${word(name)}${word(kind)}`;
}

function tagList(tags: Tags): Json {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** A text that holds the account is filled in by CloudFormation. */
function substituted(value: Json): Json {
  if (typeof value === 'string') return value.includes(accountToken) ? { 'Fn::Sub': value } : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(substituted);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, substituted(member)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

type Ids = ReadonlyMap<string, string>;

/** One of the template's own topics is referred to. */
function topicRef(arn: string, ids: Ids): Json {
  const id = ids.get(`topic ${arn.slice(arn.lastIndexOf(':') + 1)}`);
  return id === undefined ? substituted(arn) : { Ref: id };
}

type Of<Kind extends MonitoringResource['kind']> = Extract<MonitoringResource, { kind: Kind }>;

function topicEntries(id: string, { name, spec }: Of<'topic'>, tags: Tags): readonly (readonly [string, Json])[] {
  return [
    [
      id,
      {
        Type: 'AWS::SNS::Topic',
        Properties: { TopicName: name, DisplayName: spec.displayName, Tags: tagList(tags) },
      },
    ],
    [
      `${id}Policy`,
      {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: id }], PolicyDocument: substituted(spec.policy) },
      },
    ],
  ];
}

function subscriptionOf({ topic, protocol, endpoint }: Of<'subscription'>['spec'], ids: Ids): Json {
  return { TopicArn: topicRef(topic, ids), Protocol: protocol, Endpoint: endpoint };
}

function ruleOf({ name, spec }: Of<'event-rule'>, target: Of<'event-target'> | undefined, ids: Ids): Json {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: name,
      Description: spec.description,
      EventPattern: substituted(spec.pattern),
      State: spec.enabled ? 'ENABLED' : 'DISABLED',
      ...(target === undefined
        ? {}
        : {
            Targets: [
              {
                Id: target.name.slice(target.name.lastIndexOf(' ') + 1),
                Arn: topicRef(target.spec.target, ids),
                InputTransformer: { InputPathsMap: target.spec.paths, InputTemplate: target.spec.template },
              },
            ],
          }),
    },
  };
}

function actionsOf(spec: AlarmActions, ids: Ids): JsonRecord {
  const listed = (name: string, arns: readonly string[]): JsonRecord =>
    arns.length === 0 ? {} : { [name]: arns.map((arn) => topicRef(arn, ids)) };
  return {
    ...listed('AlarmActions', spec.alarmActions),
    ...listed('OKActions', spec.okActions),
    ...listed('InsufficientDataActions', spec.insufficientDataActions),
  };
}

const operators: Readonly<Record<string, string>> = { '>': 'GreaterThanThreshold', '<': 'LessThanThreshold' };

function alarmOf({ name, spec }: Of<'alarm'>, ids: Ids, tags: Tags): Json {
  const isCompared = spec.expression === null;
  const queries = Object.entries(spec.metrics).map(([id, metric]) => queryOf(id, metric, isCompared));
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      AlarmDescription: spec.description,
      Metrics: isCompared ? queries : [{ Id: 'result', Expression: spec.expression, ReturnData: true }, ...queries],
      ComparisonOperator: operators[spec.comparison] ?? spec.comparison,
      Threshold: spec.threshold,
      EvaluationPeriods: spec.periods,
      DatapointsToAlarm: spec.datapoints,
      TreatMissingData: spec.missing,
      ...actionsOf(spec, ids),
      Tags: tagList(tags),
    },
  };
}

function queryOf(
  id: string,
  { namespace, metric, dimensions, statistic, periodSeconds }: AlarmMetric,
  isCompared: boolean,
): Json {
  return {
    Id: id,
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
}

/** It names its alarms by their names: CloudFormation has to be told to make them first. */
function compositeOf(
  { name, spec }: Of<'composite-alarm'>,
  resources: readonly MonitoringResource[],
  ids: Ids,
  tags: Tags,
): Json {
  const parts = resources
    .filter(
      (each) => spec.rule.includes(`("${each.name}")`) && (each.kind === 'alarm' || each.kind === 'composite-alarm'),
    )
    .map((each) => ids.get(keyOf(each)) ?? '');
  return {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    DependsOn: parts,
    Properties: {
      AlarmName: name,
      AlarmDescription: spec.description,
      AlarmRule: spec.rule,
      ...actionsOf(spec, ids),
      Tags: tagList(tags),
    },
  };
}

/**
 * What watches a stack in the account itself: alarms, the topics that they tell, the rules that catch events, dashboards.
 * Each is plain data in one form, whether it is wanted or was found, so that the two can be compared. Whose it is, its tags
 * say. Pure.
 */
import type { Metric } from './metrics.ts';
import type { BucketRef, CacheRef, DatabaseRef } from './stack.ts';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A metric as an alarm reads it. */
export type AlarmMetric = Omit<Metric, 'unit'> & { readonly periodSeconds: number };

export type AlarmSpec = {
  readonly description: string;
  /** By the ids that the expression knows them by. */
  readonly metrics: Readonly<Record<string, AlarmMetric>>;
  /** CloudWatch metric math; null where the one metric is compared as it is. */
  readonly expression: string | null;
  readonly comparison: string;
  readonly threshold: number | null;
  /** So many periods are looked at, of which so many have to be across. */
  readonly periods: number;
  readonly datapoints: number;
  /** `missing`, `ignore`, `breaching` or `notBreaching`. */
  readonly missing: string;
} & AlarmActions;

/** ARNs of what is told. */
export type AlarmActions = {
  readonly enabled: boolean;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
};

export interface MonitoringSpecs {
  readonly topic: {
    /** What an SMS begins with, and a mail comes from. */
    readonly displayName: string;
    readonly policy: Json;
  };
  readonly subscription: {
    readonly topic: string;
    readonly protocol: string;
    readonly endpoint: string;
  };
  readonly 'event-rule': {
    readonly description: string;
    readonly pattern: Json;
    readonly enabled: boolean;
  };
  readonly 'event-target': {
    readonly rule: string;
    /** The ARN of what is told. */
    readonly target: string;
    /** Where in the event the words of the text are found, by the names that the text has for them. */
    readonly paths: Readonly<Record<string, string>>;
    readonly template: string;
  };
  readonly alarm: AlarmSpec;
  readonly 'composite-alarm': {
    readonly description: string;
    /** `ALARM("one") OR ALARM("other")`. */
    readonly rule: string;
  } & AlarmActions;
  readonly dashboard: { readonly body: Json };
}

export type MonitoringKind = keyof MonitoringSpecs;

/** What it is called within its kind and region. A target is called by its rule, a subscription by its topic and endpoint. */
export type MonitoringRef = {
  readonly kind: MonitoringKind;
  readonly region: string;
  readonly name: string;
};

export type MonitoringResource = {
  readonly [Kind in MonitoringKind]: MonitoringRef & { readonly kind: Kind; readonly spec: MonitoringSpecs[Kind] };
}[MonitoringKind];

export type Tags = Readonly<Record<string, string>>;

export type FoundMonitoring = MonitoringResource & {
  /** Its own; of a subscription and a target those of its topic and rule, of a dashboard those that its text states. */
  readonly tags: Tags;
  /** True of a subscription that nobody has agreed to yet: it cannot be ended. */
  readonly isPending?: boolean;
};

/** Where what is ours is looked for: by the beginning of its name. */
export interface MonitoringScope {
  readonly region: string;
  readonly account: string;
  readonly prefix: string;
}

export interface MonitoringFacts {
  /** Alarms, topics with their subscriptions, rules with their targets, whose names begin so. */
  watching(scope: MonitoringScope, topics: readonly string[]): Promise<readonly FoundMonitoring[]>;
  /** One of them; undefined where there is none of the name. */
  watcher(ref: MonitoringResource, account: string): Promise<FoundMonitoring | undefined>;
  /** A dashboard is of no region: the region says who is asked. */
  dashboard(region: string, name: string): Promise<FoundMonitoring | undefined>;
  cacheNodes(cache: CacheRef): Promise<readonly string[]>;
  /** The id of the metrics configuration, without which S3 counts no requests; undefined where there is none. */
  bucketFilter(bucket: BucketRef): Promise<string | undefined>;
  /** Which metric tells how far the cluster is behind, as it is published; undefined where none is. */
  lagMetric(database: DatabaseRef): Promise<Metric | undefined>;
}

export type MonitoringAction = 'create' | 'update' | 'delete';

/** The one call that does it. */
export const monitoringOperations = {
  topic: { create: 'sns:CreateTopic', update: 'sns:SetTopicAttributes', delete: 'sns:DeleteTopic' },
  subscription: { create: 'sns:Subscribe', update: 'sns:Subscribe', delete: 'sns:Unsubscribe' },
  'event-rule': { create: 'events:PutRule', update: 'events:PutRule', delete: 'events:DeleteRule' },
  'event-target': { create: 'events:PutTargets', update: 'events:PutTargets', delete: 'events:RemoveTargets' },
  alarm: {
    create: 'cloudwatch:PutMetricAlarm',
    update: 'cloudwatch:PutMetricAlarm',
    delete: 'cloudwatch:DeleteAlarms',
  },
  'composite-alarm': {
    create: 'cloudwatch:PutCompositeAlarm',
    update: 'cloudwatch:PutCompositeAlarm',
    delete: 'cloudwatch:DeleteAlarms',
  },
  dashboard: {
    create: 'cloudwatch:PutDashboard',
    update: 'cloudwatch:PutDashboard',
    delete: 'cloudwatch:DeleteDashboards',
  },
} as const satisfies Record<MonitoringKind, Record<MonitoringAction, string>>;

/** By which each kind is looked up. */
export const monitoringReads = {
  topic: ['sns:GetTopicAttributes', 'sns:ListTagsForResource'],
  subscription: ['sns:ListSubscriptionsByTopic', 'sns:ListTagsForResource'],
  'event-rule': ['events:DescribeRule', 'events:ListTagsForResource'],
  'event-target': ['events:ListTargetsByRule', 'events:ListTagsForResource'],
  alarm: ['cloudwatch:DescribeAlarms', 'cloudwatch:ListTagsForResource'],
  'composite-alarm': ['cloudwatch:DescribeAlarms', 'cloudwatch:ListTagsForResource'],
  dashboard: ['cloudwatch:GetDashboard'],
} as const satisfies Record<MonitoringKind, readonly string[]>;

const marker = /^Made by nanoops for (\S+) \((\S+)\)/m;

/** Dashboards have no tags: the last line of their first text says whose they are. */
export function dashboardMark(tags: Tags): string {
  return `Made by nanoops for ${tags['nanoops:service']} (${tags['nanoops:environment']}): what is changed by hand, the next apply changes back.`;
}

/** Whose a dashboard says that it is. */
export function markedTags(text: string): Tags {
  const [, service, environment] = marker.exec(text) ?? [];
  return service === undefined || environment === undefined ? {} : ownTags(service, environment);
}

/** By which what was made for a stack is known again. */
export function ownTags(service: string, environment: string): Tags {
  return { 'nanoops:managed-by': 'nanoops', 'nanoops:service': service, 'nanoops:environment': environment };
}

export function isOwnedBy(tags: Tags, own: Tags): boolean {
  return Object.entries(own).every(([key, value]) => tags[key] === value);
}

export function topicArn(region: string, account: string, name: string): string {
  return `arn:${partitionOf(region)}:sns:${region}:${account}:${name}`;
}

/** AWS General Reference, "Amazon Resource Names". */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

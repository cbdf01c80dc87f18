/**
 * Everything that is to watch one region of a stack, in the order in which it can be made: topics before who subscribes,
 * before the rules and alarms that tell them; alarms before the composite ones that are made of them.
 *
 * One outage pages once: what shows that requests fail (availability, errors, the burn of the budget) tells nobody by
 * itself, but through one composite alarm; a crash loop and failing uploads tell only where that one does not. Pure.
 */
import {
  partitionOf,
  topicArn,
  type AlarmActions,
  type Json,
  type MonitoringResource,
  type MonitoringSpecs,
} from '../cloud/monitoring.ts';
import { crashCodes } from '../diagnosis/crash-loop/restarts.ts';
import { burnAlarms, latencyBurns, type BurnAlarms } from './burn.ts';
import { topicNames, type MonitoringSettings, type NotExpressible, type TopicName, type WatchedSite } from './kit.ts';
import { crashRule, rulesOf, type RuleOutcome, type RuleSpec } from './rules.ts';

export interface DesiredMonitoring {
  readonly region: string;
  readonly resources: readonly MonitoringResource[];
  readonly notExpressible: readonly NotExpressible[];
}

const apiFailing = 'api-failing';
/** Rules that show that requests fail: one composite alarm tells of all of them. */
const ofApi: ReadonlySet<string> = new Set(['alert-availability', 'alert-error-rate']);
/** Rules that tell only where the API does not fail anyway. */
const behindApi: ReadonlySet<string> = new Set(['alert-crash-loop', 'alert-s3-upload-failures']);

export function desiredMonitoring(site: WatchedSite, settings: MonitoringSettings): DesiredMonitoring {
  const { region, api } = site.half;
  const rules = rulesOf(site, settings);
  const burns =
    api === undefined ? [] : burnAlarms(api, settings, site.role === 'primary' ? 'missing' : 'notBreaching');
  const make = makerFor(site, settings);
  const alarms = rules.flatMap((rule) => (rule.kind === 'alarm' ? [rule] : []));
  const hasCrashAlarm = alarms.some(({ check }) => check.id === 'alert-crash-loop');
  return {
    region,
    resources: [
      ...topicNames.flatMap((name) => make.topic(name)),
      ...(hasCrashAlarm ? make.crashRule() : []),
      ...alarms.map((rule) => make.ruleAlarm(rule)),
      ...burns.flatMap((burn) => make.burnParts(burn)),
      ...burns.map((burn) => make.burnPair(burn)),
      ...(api === undefined ? [] : make.composites(alarms)),
    ],
    notExpressible: [
      ...rules.flatMap((rule) =>
        rule.kind === 'alarm'
          ? []
          : [{ id: rule.check.id, title: rule.check.title, region, reason: rule.reason, watchedBy: rule.watchedBy }],
      ),
      ...(api === undefined || site.role === 'recovery' ? [] : [{ ...latencyBurns, region }]),
    ],
  };
}

type RuleAlarm = Extract<RuleOutcome, { kind: 'alarm' }>;

function makerFor({ half, role, account }: WatchedSite, { prefix, stack, receivers }: MonitoringSettings) {
  const { region } = half;
  const named = (name: string): string => `${prefix}-${name}`;
  const arnOf = (name: TopicName): string => topicArn(region, account, named(name));
  const telling = (topic: TopicName): AlarmActions => ({
    enabled: true,
    alarmActions: [arnOf(topic)],
    okActions: [arnOf(topic)],
    insufficientDataActions: [],
  });
  const silent: AlarmActions = { enabled: true, alarmActions: [], okActions: [], insufficientDataActions: [] };
  const where = `${stack.service} (${stack.environment})${role === 'recovery' ? ' in the recovery region' : ''}`;
  const described = (text: string): string => `${where}: ${text}`;

  const alarm = (name: string, spec: RuleSpec, actions: AlarmActions): MonitoringResource => ({
    kind: 'alarm',
    region,
    name: named(name),
    spec: { ...spec, description: described(spec.description), ...actions },
  });
  const composite = (name: string, description: string, rule: string, actions: AlarmActions): MonitoringResource => ({
    kind: 'composite-alarm',
    region,
    name: named(name),
    spec: { description: described(description), rule, ...actions },
  });
  const firing = (name: string): string => `ALARM("${named(name)}")`;
  const hasApi = half.api !== undefined;

  return {
    topic(name: TopicName): readonly MonitoringResource[] {
      const { email, sms } = receivers[name];
      const topic: MonitoringResource = {
        kind: 'topic',
        region,
        name: named(name),
        spec: { displayName: `${stack.service} ${name}`.slice(0, 100), policy: policyOf(arnOf(name), account, region) },
      };
      const subscriptions = [
        ...email.map((endpoint) => ({ protocol: 'email', endpoint })),
        ...sms.map((endpoint) => ({ protocol: 'sms', endpoint })),
      ].map(({ protocol, endpoint }): MonitoringResource => ({
        kind: 'subscription',
        region,
        name: `${named(name)} ${protocol}:${endpoint}`,
        spec: { topic: arnOf(name), protocol, endpoint },
      }));
      return [topic, ...subscriptions];
    },

    /** A crash has no metric; that the rule caught one has. */
    crashRule(): readonly MonitoringResource[] {
      const rule = named(crashRule);
      return [
        { kind: 'event-rule', region, name: rule, spec: crashSpec(half, account, described) },
        {
          kind: 'event-target',
          region,
          name: `${rule} ${'warning' satisfies TopicName}`,
          spec: crashTarget(rule, arnOf('warning'), where),
        },
      ];
    },

    ruleAlarm({ check, spec }: RuleAlarm): MonitoringResource {
      const topic: TopicName = check.severity === 'critical' ? 'critical' : 'warning';
      const isPart = hasApi && (ofApi.has(check.id) || behindApi.has(check.id));
      // That nobody asks for anything any more is no alarm, but worth a mail.
      const hush =
        check.id === 'alert-availability' && spec.missing === 'missing'
          ? { ...silent, insufficientDataActions: [arnOf('warning')] }
          : silent;
      return alarm(check.id, spec, isPart ? hush : telling(topic));
    },

    burnParts({ pair, long, short }: BurnAlarms): readonly MonitoringResource[] {
      return [alarm(`slo-burn-${pair.id}-long`, long, silent), alarm(`slo-burn-${pair.id}-short`, short, silent)];
    },

    burnPair({ pair, description }: BurnAlarms): MonitoringResource {
      const rule = `${firing(`slo-burn-${pair.id}-long`)} AND ${firing(`slo-burn-${pair.id}-short`)}`;
      return composite(`slo-burn-${pair.id}`, description, rule, silent);
    },

    composites(alarms: readonly RuleAlarm[]): readonly MonitoringResource[] {
      const ids = alarms.map(({ check }) => check.id).filter((id) => ofApi.has(id));
      const pages = [...ids, 'slo-burn-1h', 'slo-burn-6h'].map(firing).join(' OR ');
      const behind = alarms.filter(({ check }) => behindApi.has(check.id));
      return [
        composite(
          apiFailing,
          `The API fails: by its availability, its errors, or how fast its error budget burns. What to do: nanoops logs errors`,
          pages,
          telling('critical'),
        ),
        ...behind.map(({ check }) =>
          composite(
            check.id.replace('alert-', ''),
            `${check.title} (${check.id}), where the API does not fail anyway. What to do: ${check.id === 'alert-crash-loop' ? 'nanoops diagnose crash-loop' : 'nanoops logs errors'}`,
            `${firing(check.id)} AND NOT ${firing(apiFailing)}`,
            telling('critical'),
          ),
        ),
        composite(
          'budget-burning',
          'The error budget burns too fast for its month, where the API does not fail anyway. How it stands: nanoops slo',
          `(${firing('slo-burn-24h')} OR ${firing('slo-burn-3d')}) AND NOT ${firing(apiFailing)}`,
          telling('warning'),
        ),
      ];
    },
  };
}

/**
 * Alarms and rules of this account may publish, and nobody else (Amazon SNS Developer Guide, "Example cases for Amazon SNS
 * access control"; EventBridge User Guide, "Using resource-based policies").
 */
function policyOf(topic: string, account: string, region: string): Json {
  const partition = partitionOf(region);
  const allow = (sid: string, service: string, source: string): Json => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sns:Publish',
    Resource: topic,
    Condition: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': source },
    },
  });
  return {
    Version: '2012-10-17',
    Statement: [
      allow('Alarms', 'cloudwatch.amazonaws.com', `arn:${partition}:cloudwatch:${region}:${account}:alarm:*`),
      allow('Rules', 'events.amazonaws.com', `arn:${partition}:events:${region}:${account}:rule/*`),
    ],
  };
}

/** Amazon ECS Developer Guide, "Amazon ECS task state change events". */
function crashSpec(
  { region, compute }: WatchedSite['half'],
  account: string,
  described: (text: string) => string,
): MonitoringSpecs['event-rule'] {
  if (compute === undefined) throw new TypeError('a rule of crashes wants a service');
  return {
    description: described('a task ended by itself, or never came up'),
    pattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Task State Change'],
      detail: {
        clusterArn: [`arn:${partitionOf(region)}:ecs:${region}:${account}:cluster/${compute.cluster}`],
        group: [`service:${compute.service}`],
        lastStatus: ['STOPPED'],
        stopCode: [...crashCodes],
      },
    },
    enabled: true,
  };
}

function crashTarget(rule: string, target: string, where: string): MonitoringSpecs['event-target'] {
  return {
    rule,
    target,
    paths: { code: '$.detail.stopCode', reason: '$.detail.stoppedReason', task: '$.detail.taskArn', at: '$.time' },
    template: `"${where}: a task crashed at <at> (<code>): <reason>. Task: <task>. What to do: nanoops diagnose crash-loop"`,
  };
}

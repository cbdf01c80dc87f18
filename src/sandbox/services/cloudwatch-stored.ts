/**
 * Alarms and dashboards of the simulated account that calls made: kept and told again as they were given. They are not
 * evaluated: a new alarm has no state yet (CloudWatch API Reference, PutMetricAlarm), and here it stays so.
 */
import {
  DeleteAlarms$,
  DeleteDashboards$,
  GetDashboard$,
  ListTagsForResource$,
  PutCompositeAlarm$,
  PutDashboard$,
  PutMetricAlarm$,
  type CompositeAlarm,
  type DeleteAlarmsInput,
  type DeleteDashboardsInput,
  type DeleteDashboardsOutput,
  type GetDashboardInput,
  type GetDashboardOutput,
  type ListTagsForResourceInput,
  type ListTagsForResourceOutput,
  type MetricAlarm,
  type PutCompositeAlarmInput,
  type PutDashboardInput,
  type PutDashboardOutput,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import type { World } from '../world/world.ts';
import { tagList, tagsOf, watchersIn, withDashboard, withWatcher, type StoredAlarm } from '../world/watchers.ts';
import { ServiceFault, type CallContext, type SimulatedOperation } from '../wire/service.ts';
import { operation } from './operation.ts';

export function storedOperations(
  world: World,
  builtIn: (call: CallContext) => readonly string[],
): readonly SimulatedOperation[] {
  const put = (
    call: CallContext,
    kind: StoredAlarm['kind'],
    { Tags, ...given }: PutMetricAlarmInput | PutCompositeAlarmInput,
  ) => {
    const name = given.AlarmName;
    if (name === undefined || name === '') throw invalid('AlarmName must not be empty.');
    if (builtIn(call).includes(name)) throw invalid(`The alarm ${name} of the scenario cannot be changed.`);
    const before = watchersIn(world.inventory, call.region).alarms[name];
    if (before !== undefined && before.kind !== kind) throw invalid(`An alarm of another type has the name ${name}.`);
    const stored = { kind, given, tags: before?.tags ?? tagsOf(Tags), changedAt: world.now() };
    world.change({ ...called(call), resource: name, detail: before === undefined ? 'new' : 'changed' }, (inventory) =>
      withWatcher(inventory, call.region, 'alarms', name, stored),
    );
    return {};
  };
  return [
    operation<PutMetricAlarmInput, object>(PutMetricAlarm$, (input, call) => {
      checkAlarm(input);
      return put(call, 'metric', input);
    }),
    operation<PutCompositeAlarmInput, object>(PutCompositeAlarm$, (input, call) => {
      const known = watchersIn(world.inventory, call.region).alarms;
      for (const [, child = ''] of (input.AlarmRule ?? '').matchAll(/(?:ALARM|OK|INSUFFICIENT_DATA)\("([^"]+)"\)/g)) {
        if (known[child] === undefined && !builtIn(call).includes(child)) {
          throw invalid(`Could not save the composite alarm as alarms [${child}] in the alarm rule do not exist`);
        }
      }
      return put(call, 'composite', input);
    }),
    operation<DeleteAlarmsInput, object>(DeleteAlarms$, (input, call) => {
      const { alarms } = watchersIn(world.inventory, call.region);
      const names = input.AlarmNames ?? [];
      const missing = names.filter((name) => alarms[name] === undefined);
      if (missing.length > 0) {
        throw new ServiceFault('ResourceNotFound', `Alarm(s) not found: ${missing.join(', ')}`, 404);
      }
      for (const name of names) {
        const parent = Object.entries(alarms).find(
          ([other, { given }]) =>
            !names.includes(other) && 'AlarmRule' in given && given.AlarmRule?.includes(`"${name}"`),
        );
        if (parent !== undefined) throw invalid(`Alarm ${name} cannot be deleted as ${parent[0]} depends on it.`);
      }
      world.change({ ...called(call), resource: names.join(', '), detail: 'gone' }, (inventory) =>
        names.reduce((sofar, name) => withWatcher(sofar, call.region, 'alarms', name, undefined), inventory),
      );
      return {};
    }),
    operation<ListTagsForResourceInput, ListTagsForResourceOutput>(ListTagsForResource$, (input, call) => {
      const name = /:alarm:(.+)$/.exec(input.ResourceARN ?? '')?.[1] ?? '';
      const stored = watchersIn(world.inventory, call.region).alarms[name];
      if (stored === undefined && !builtIn(call).includes(name)) {
        throw new ServiceFault('ResourceNotFoundException', `Unknown: ${input.ResourceARN}`, 404);
      }
      return { Tags: tagList(stored?.tags ?? {}) };
    }),
    operation<PutDashboardInput, PutDashboardOutput>(PutDashboard$, (input, call) => {
      const { DashboardName: name = '', DashboardBody: body = '' } = input;
      if (!isJson(body))
        throw new ServiceFault('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
      world.change({ ...called(call), resource: name, detail: `${body.length} characters` }, (inventory) =>
        withDashboard(inventory, name, body),
      );
      return { DashboardValidationMessages: [] };
    }),
    operation<GetDashboardInput, GetDashboardOutput>(GetDashboard$, (input) => {
      const { DashboardName: name = '' } = input;
      const body = world.inventory.dashboards?.[name];
      if (body === undefined) throw new ServiceFault('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
      return {
        DashboardArn: `arn:aws:cloudwatch::${world.inventory.names.account}:dashboard/${name}`,
        DashboardBody: body,
        DashboardName: name,
      };
    }),
    operation<DeleteDashboardsInput, DeleteDashboardsOutput>(DeleteDashboards$, (input, call) => {
      const names = input.DashboardNames ?? [];
      world.change({ ...called(call), resource: names.join(', '), detail: 'gone' }, (inventory) =>
        names.reduce((sofar, name) => withDashboard(sofar, name, undefined), inventory),
      );
      return {};
    }),
  ];
}

/** Those of this region, metric alarms and composite ones. */
export function storedAlarms(
  world: World,
  { region }: CallContext,
): { readonly metric: readonly MetricAlarm[]; readonly composite: readonly CompositeAlarm[] } {
  const { account } = world.inventory.names;
  const all = Object.entries(watchersIn(world.inventory, region).alarms).map(([name, { kind, given, changedAt }]) => ({
    kind,
    alarm: {
      ActionsEnabled: true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      ...given,
      AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
      AlarmConfigurationUpdatedTimestamp: new Date(changedAt),
      StateUpdatedTimestamp: new Date(changedAt),
      StateValue: 'INSUFFICIENT_DATA' as const,
      StateReason: 'Unchecked: Initial alarm creation',
    },
  }));
  return {
    metric: all.filter(({ kind }) => kind === 'metric').map(({ alarm }) => alarm),
    composite: all.filter(({ kind }) => kind === 'composite').map(({ alarm }) => alarm),
  };
}

const daySeconds = 86_400;
const weekSeconds = 7 * daySeconds;
const hourSeconds = 3_600;
const mostMetrics = 10;

/** The limits of CloudWatch API Reference, PutMetricAlarm. */
function checkAlarm({
  Metrics = [],
  Period,
  EvaluationPeriods = 0,
  DatapointsToAlarm,
  MetricName,
}: PutMetricAlarmInput): void {
  if ((MetricName === undefined) === (Metrics.length === 0)) {
    throw invalid('Either MetricName or Metrics must be specified, and not both.');
  }
  const period = Math.max(Period ?? 0, ...Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0));
  const span = period * EvaluationPeriods;
  if (span > (period < hourSeconds ? daySeconds : weekSeconds)) {
    throw invalid('Metrics cannot be checked across more than a day, or a week where the period is an hour or longer.');
  }
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > EvaluationPeriods) {
    throw invalid('DatapointsToAlarm must not be more than EvaluationPeriods.');
  }
  if (Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length > mostMetrics) {
    throw invalid(`An alarm can have ${mostMetrics} metrics.`);
  }
  if (Metrics.length > 0 && Metrics.filter(({ ReturnData = true }) => ReturnData).length !== 1) {
    throw invalid('Exactly one element of the metrics list should return data.');
  }
}

function called({ service, operation: name, region }: CallContext) {
  return { operation: `${service}:${name}`, region };
}

function invalid(message: string): ServiceFault {
  return new ServiceFault('ValidationError', message);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

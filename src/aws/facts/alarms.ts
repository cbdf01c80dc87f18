/** CloudWatch alarms by their names. */
import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { AlarmState } from '../../cloud/recovery-facts.ts';
import { allPages, inGroups, type FactTools } from './tools.ts';

/** DescribeAlarms takes no more names, and gives no more alarms on a page (CloudWatch API Reference). */
const namesPerCall = 100;

const operation = 'DescribeAlarms';

const states: Readonly<Record<string, AlarmState['state']>> = {
  OK: 'ok',
  ALARM: 'alarm',
  INSUFFICIENT_DATA: 'insufficient-data',
};

export async function alarms(
  { wiring, clients }: FactTools,
  region: string,
  names: readonly string[],
): Promise<readonly AlarmState[]> {
  const api = await clients.cloudWatch(region);
  const call = { service: 'cloudwatch', operation, region };
  const stateOf = (alarm: MetricAlarm | CompositeAlarm): AlarmState => {
    const name = alarm.AlarmName ?? 'unknown';
    const state = states[alarm.StateValue ?? ''];
    if (state === undefined) throw wiring.failure('malformed-answer', { ...call, resource: name }, 'it has no state');
    return {
      name,
      region,
      state,
      since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime(),
      reason: alarm.StateReason ?? '',
    };
  };
  const found = await Promise.all(
    inGroups([...new Set(names)], namesPerCall).map((group) =>
      allPages(wiring, call, async (NextToken) => {
        const answer = await api.describeAlarms({
          AlarmNames: [...group],
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          MaxRecords: namesPerCall,
          NextToken,
        });
        // One of the two lists is in every answer; without either it is none.
        if (answer.MetricAlarms === undefined && answer.CompositeAlarms === undefined) {
          throw wiring.failure('malformed-answer', call, 'it holds no list of alarms');
        }
        const items = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])].map(stateOf);
        return { items, next: answer.NextToken };
      }),
    ),
  );
  return found.flat();
}

/** What CloudWatch remembers of its alarms' states. */
import type { AlarmHistoryItem } from '@aws-sdk/client-cloudwatch';
import type { AlarmHistory, AlarmTransition, IncidentFacts } from '../../cloud/incident-facts.ts';
import { followPages } from '../pages.ts';
import type { FactTools } from './tools.ts';

const operation = 'DescribeAlarmHistory';
/** The most that it gives on a page (CloudWatch API Reference). */
const itemsPerPage = 100;
const mostPages = 10;

const states: Readonly<Record<string, AlarmTransition['to']>> = {
  OK: 'ok',
  ALARM: 'alarm',
  INSUFFICIENT_DATA: 'insufficient-data',
};

export function incidentFacts(tools: FactTools): IncidentFacts {
  return { alarmHistory: (region, window) => alarmHistory(tools, region, window) };
}

async function alarmHistory(
  { wiring, clients }: FactTools,
  region: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<AlarmHistory> {
  const api = await clients.cloudWatch(region);
  const call = { service: 'cloudwatch', operation, region };
  const { items, truncated } = await followPages({ pages: mostPages }, async (NextToken) => {
    const answer = await api.describeAlarmHistory({
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      HistoryItemType: 'StateUpdate',
      StartDate: new Date(from),
      EndDate: new Date(to),
      ScanBy: 'TimestampAscending',
      MaxRecords: itemsPerPage,
      NextToken,
    });
    return { items: answer.AlarmHistoryItems ?? [], next: answer.NextToken };
  });
  const changes = items.map((item) => {
    const change = transitionOf(item);
    if (change !== undefined) return change;
    throw wiring.failure('malformed-answer', { ...call, resource: item.AlarmName ?? 'unknown' }, 'it names no state');
  });
  return {
    changes: changes.toSorted((a, b) => a.at - b.at),
    isCut: truncated,
    source: { operation: `cloudwatch:${operation}`, region, detail: 'StateUpdate' },
  };
}

/** `HistoryData` is a JSON text that holds the old and the new state (CloudWatch API Reference, AlarmHistoryItem). */
function transitionOf({ AlarmName, Timestamp, HistoryData }: AlarmHistoryItem): AlarmTransition | undefined {
  const next = memberOf(parsed(HistoryData ?? ''), 'newState');
  const value = memberOf(next, 'stateValue');
  const to = typeof value === 'string' ? states[value] : undefined;
  if (AlarmName === undefined || Timestamp === undefined || to === undefined) return undefined;
  const reason = memberOf(next, 'stateReason');
  return { name: AlarmName, at: Timestamp.getTime(), to, reason: typeof reason === 'string' ? reason : '' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // No state; the caller says so.
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** What the simulated alarms went through: their states are worked out minute by minute from what they watch. */
import type {
  AlarmHistoryItem,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
} from '@aws-sdk/client-cloudwatch';
import type { MetricCatalog } from '../world/metrics/catalog.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext } from '../wire/service.ts';
import { forcedSince, lastArrived, rulesOf, stateOver, type AlarmRule } from './cloudwatch-alarms.ts';
import { pageOf } from './operation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What CloudWatch gives on a page where nobody says. */
const ON_A_PAGE = 100;

export function describeAlarmHistory(
  world: World,
  catalog: MetricCatalog,
  call: CallContext,
  input: DescribeAlarmHistoryInput,
): DescribeAlarmHistoryOutput {
  const to = Math.min(input.EndDate?.getTime() ?? world.now(), world.now());
  const from = input.StartDate?.getTime() ?? to - DAY_MS;
  const isWanted = input.HistoryItemType === undefined || input.HistoryItemType === 'StateUpdate';
  const items = rulesOf(world, call.region)
    .filter(({ name }) => isWanted && (input.AlarmName === undefined || input.AlarmName === name))
    .flatMap((rule) => transitionsOf(world, catalog, call, rule, from, to))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
  const ordered = input.ScanBy === 'TimestampAscending' ? items : items.toReversed();
  const page = pageOf(ordered, input.MaxRecords ?? ON_A_PAGE, input.NextToken);
  if (page === undefined) throw new ServiceFault('InvalidNextToken', 'The next token specified is invalid.');
  return { AlarmHistoryItems: [...page.items], NextToken: page.next };
}

interface Transition {
  readonly at: number;
  readonly item: AlarmHistoryItem;
}

function transitionsOf(
  world: World,
  catalog: MetricCatalog,
  call: CallContext,
  rule: AlarmRule,
  from: number,
  to: number,
): readonly Transition[] {
  const forced = forcedSince(world, call.region, rule.name);
  if (forced !== undefined) return forced >= from && forced < to ? [transition(rule, forced, 'OK', 'ALARM')] : [];
  const stateAt = stateOver(world, catalog, rule);
  const found: Transition[] = [];
  const first = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  let before = stateAt(first - MINUTE_MS);
  for (let at = first; at < Math.min(to, lastArrived(world) + 1); at += MINUTE_MS) {
    const state = stateAt(at);
    if (state !== before) found.push(transition(rule, at, before, state));
    before = state;
  }
  return found;
}

type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

function transition(rule: AlarmRule, at: number, before: State, state: State): Transition {
  const reason = (each: State): string =>
    each === 'INSUFFICIENT_DATA'
      ? 'Insufficient Data'
      : `Threshold Crossed: ${rule.minutes} datapoints were compared with ${rule.threshold}.`;
  const said = (each: State) => ({ stateValue: each, stateReason: reason(each) });
  return {
    at,
    item: {
      AlarmName: rule.name,
      AlarmType: 'MetricAlarm',
      Timestamp: new Date(at),
      HistoryItemType: 'StateUpdate',
      HistorySummary: `Alarm updated from ${before} to ${state}`,
      HistoryData: JSON.stringify({ version: '1.0', oldState: said(before), newState: said(state) }),
    },
  };
}

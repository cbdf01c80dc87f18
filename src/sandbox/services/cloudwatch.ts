/** Simulated CloudWatch metrics: reads over the world's metric catalogue. Behaviour as in the CloudWatch API Reference. */
import {
  DescribeAlarmHistory$,
  DescribeAlarms$,
  GetMetricData$,
  GetMetricStatistics$,
  ListMetrics$,
  type Datapoint,
  type DescribeAlarmHistoryInput,
  type DescribeAlarmHistoryOutput,
  type DescribeAlarmsInput,
  type DescribeAlarmsOutput,
  type Dimension,
  type GetMetricDataInput,
  type GetMetricDataOutput,
  type GetMetricStatisticsInput,
  type GetMetricStatisticsOutput,
  type ListMetricsInput,
  type ListMetricsOutput,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { WorldInventory } from '../world/inventory.ts';
import { MetricCatalog } from '../world/metrics/catalog.ts';
import { isStatistic } from '../world/metrics/datum.ts';
import type { World } from '../world/world.ts';
import { ServiceFault, type CallContext, type SimulatedService } from '../wire/service.ts';
import { describeAlarmHistory } from './cloudwatch-alarm-history.ts';
import { alarmNames, describeAlarms } from './cloudwatch-alarms.ts';
import { storedOperations } from './cloudwatch-stored.ts';
import { evaluateMath, MetricMathError, type TimeSeries } from './metric-math.ts';
import { readAll, type Reading } from './metric-reading.ts';
import { operation, pageOf } from './operation.ts';

const MINUTE_MS = 60_000;
const MOST_QUERIES = 500;
const DEFAULT_DATAPOINTS = 100_800;
const MOST_STATISTICS = 1440;

export function cloudwatchService(world: World): SimulatedService {
  const catalogs = new Map<string, { readonly of: WorldInventory; readonly catalog: MetricCatalog }>();
  const catalogOf = ({ region }: CallContext) => {
    const { inventory } = world;
    const known = catalogs.get(region);
    // Which metrics there are, and whose, changes with the world.
    if (known?.of === inventory) return known.catalog;
    const catalog = new MetricCatalog(world, region);
    catalogs.set(region, { of: inventory, catalog });
    return catalog;
  };
  return {
    service: 'cloudwatch',
    signingName: 'monitoring',
    protocol: 'json-1.0',
    alsoSpeaks: ['query', 'rpc-v2-cbor'],
    target: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    operations: [
      operation<GetMetricDataInput, GetMetricDataOutput>(GetMetricData$, (input, call) =>
        getMetricData(world, catalogOf(call), input),
      ),
      operation<GetMetricStatisticsInput, GetMetricStatisticsOutput>(GetMetricStatistics$, (input, call) =>
        getMetricStatistics(world, catalogOf(call), input),
      ),
      operation<ListMetricsInput, ListMetricsOutput>(ListMetrics$, (input, call) =>
        listMetrics(catalogOf(call), input),
      ),
      operation<DescribeAlarmsInput, DescribeAlarmsOutput>(DescribeAlarms$, (input, call) =>
        describeAlarms(world, catalogOf(call), call, input),
      ),
      operation<DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput>(DescribeAlarmHistory$, (input, call) =>
        describeAlarmHistory(world, catalogOf(call), call, input),
      ),
      ...storedOperations(world, ({ region }) => alarmNames(world, region)),
    ],
  };
}

function getMetricData(world: World, catalog: MetricCatalog, input: GetMetricDataInput): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  const { fromMs, toMs } = span(input.StartTime, input.EndTime);
  if (queries.length === 0)
    throw new ServiceFault('ValidationError', 'The collection MetricDataQueries must not be empty.');
  if (queries.length > MOST_QUERIES) {
    throw new ServiceFault(
      'ValidationError',
      `The collection MetricDataQueries must not have a size greater than ${MOST_QUERIES}.`,
    );
  }
  const ids = new Set<string>();
  for (const { Id } of queries) {
    if (Id === undefined || !/^[a-z]\w{0,254}$/.test(Id)) {
      throw new ServiceFault(
        'ValidationError',
        `The value ${Id ?? '(none)'} for parameter Id does not begin with a lower-case letter or is too long.`,
      );
    }
    if (ids.has(Id))
      throw new ServiceFault(
        'ValidationError',
        `The values for parameter id in MetricDataQueries are not unique: ${Id}.`,
      );
    ids.add(Id);
  }
  const stats = queries.filter((query) => query.MetricStat !== undefined);
  const readings = new Map(stats.map((query) => [query.Id ?? '', readingOf(catalog, query)]));
  const series = readAll(world, catalog, readings, fromMs, toMs);
  const times = [...new Set([...series.values()].flatMap((each) => [...each.keys()]))];
  const computed = (query: MetricDataQuery): TimeSeries => {
    if (query.MetricStat !== undefined) return series.get(query.Id ?? '') ?? new Map();
    if (query.Expression === undefined) {
      throw new ServiceFault('ValidationError', `The query ${query.Id ?? ''} has neither MetricStat nor Expression.`);
    }
    try {
      return evaluateMath(
        query.Expression,
        (id) => {
          const other = queries.find((each) => each.Id === id && each !== query);
          return other === undefined ? undefined : computed(other);
        },
        times,
      );
    } catch (error) {
      if (!(error instanceof MetricMathError)) throw error;
      throw new ServiceFault('ValidationError', `Error in expression '${query.Id ?? ''}': ${error.message}`);
    }
  };
  const ascending = input.ScanBy === 'TimestampAscending';
  const results = queries
    .filter((query) => query.ReturnData !== false)
    .map((query): MetricDataResult & { Timestamps: Date[]; Values: number[] } => {
      const points = [...computed(query)].toSorted((a, b) => (ascending ? a[0] - b[0] : b[0] - a[0]));
      return {
        Id: query.Id,
        Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
        Timestamps: points.map(([at]) => new Date(at)),
        Values: points.map(([, value]) => value),
        StatusCode: 'Complete',
      };
    });
  return paged(results, input.MaxDatapoints ?? DEFAULT_DATAPOINTS, input.NextToken);
}

/** Spreads the points over pages of at most `size`, in order of the queries. */
function paged(
  results: readonly (MetricDataResult & { Timestamps: Date[]; Values: number[] })[],
  size: number,
  token: string | undefined,
): GetMetricDataOutput {
  const points = results.flatMap((result, index) => result.Values.map((_, point) => ({ index, point })));
  const page = pageOf(points, size, token);
  if (page === undefined) throw new ServiceFault('InvalidNextToken', 'The next token specified is invalid.');
  if (page.next === undefined && (token === undefined || token === ''))
    return { MetricDataResults: [...results], Messages: [] };
  return {
    MetricDataResults: results.flatMap((result, index) => {
      const own = page.items.filter((each) => each.index === index).map((each) => each.point);
      if (own.length === 0 && result.Values.length > 0) return [];
      const last = own.at(-1) ?? -1;
      return [
        {
          ...result,
          Timestamps: result.Timestamps.filter((_, point) => own.includes(point)),
          Values: result.Values.filter((_, point) => own.includes(point)),
          StatusCode: last + 1 < result.Values.length ? ('PartialData' as const) : ('Complete' as const),
        },
      ];
    }),
    ...(page.next !== undefined && { NextToken: page.next }),
    Messages: [],
  };
}

function readingOf(catalog: MetricCatalog, query: MetricDataQuery): Reading {
  const { Metric: metric, Period: period, Stat: stat, Unit: unit } = query.MetricStat ?? {};
  if (metric?.Namespace === undefined || metric.MetricName === undefined) {
    throw new ServiceFault('ValidationError', `The query ${query.Id ?? ''} names no metric.`);
  }
  if (stat === undefined || !isStatistic(stat)) {
    throw new ServiceFault('ValidationError', `The value ${stat ?? '(none)'} for parameter Stat is not supported.`);
  }
  const source = catalog.find(metric.Namespace, metric.MetricName, dimensionsOf(metric.Dimensions));
  return {
    source: unit !== undefined && source?.unit !== unit ? undefined : source,
    statistic: stat,
    periodMs: periodOf(period),
  };
}

function periodOf(period: number | undefined): number {
  if (period === undefined || period < 60 || period % 60 !== 0) {
    throw new ServiceFault(
      'ValidationError',
      `The parameter Period must be a multiple of 60 here, not ${period ?? '(none)'}.`,
    );
  }
  return period * 1000;
}

function span(start: Date | undefined, end: Date | undefined): { fromMs: number; toMs: number } {
  const fromMs = start?.getTime();
  const toMs = end?.getTime();
  if (fromMs === undefined || toMs === undefined || Number.isNaN(fromMs) || Number.isNaN(toMs)) {
    throw new ServiceFault('ValidationError', 'The parameters StartTime and EndTime are required.');
  }
  if (toMs <= fromMs)
    throw new ServiceFault('ValidationError', 'The parameter EndTime must be greater than StartTime.');
  return { fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, toMs };
}

function getMetricStatistics(
  world: World,
  catalog: MetricCatalog,
  input: GetMetricStatisticsInput,
): GetMetricStatisticsOutput {
  const { fromMs, toMs } = span(input.StartTime, input.EndTime);
  const periodMs = periodOf(input.Period);
  const basic = input.Statistics ?? [];
  const extended = input.ExtendedStatistics ?? [];
  if (basic.length + extended.length === 0) {
    throw new ServiceFault('InvalidParameterCombination', 'Must specify either Statistics or ExtendedStatistics.');
  }
  if ((toMs - fromMs) / periodMs > MOST_STATISTICS) {
    throw new ServiceFault(
      'InvalidParameterCombination',
      `You have requested up to ${Math.ceil((toMs - fromMs) / periodMs)} datapoints, which exceeds the limit of ${MOST_STATISTICS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const unknown = [...basic, ...extended].find((name) => !isStatistic(name));
  if (unknown !== undefined)
    throw new ServiceFault('InvalidParameterValue', `The statistic ${unknown} is not supported.`);
  const found = catalog.find(input.Namespace ?? '', input.MetricName ?? '', dimensionsOf(input.Dimensions));
  const source = input.Unit !== undefined && found?.unit !== input.Unit ? undefined : found;
  const names = [...basic, ...extended];
  const readings = new Map(names.map((name) => [name, { source, statistic: name, periodMs }]));
  const series = readAll(world, catalog, readings, fromMs, toMs);
  const times = [...(series.get(names[0] ?? '')?.keys() ?? [])];
  const value = (name: string, at: number) => series.get(name)?.get(at);
  return {
    Label: input.MetricName,
    Datapoints: times.map((at): Datapoint => ({
      Timestamp: new Date(at),
      Unit: source?.unit,
      ...Object.fromEntries(basic.map((name) => [name, value(name, at)])),
      ...(extended.length > 0 && {
        ExtendedStatistics: Object.fromEntries(extended.map((name) => [name, value(name, at) ?? 0])),
      }),
    })),
  };
}

function listMetrics(catalog: MetricCatalog, input: ListMetricsInput): ListMetricsOutput {
  const wanted = input.Dimensions ?? [];
  const found = catalog.sources().filter(
    (source) =>
      (input.Namespace === undefined || source.namespace === input.Namespace) &&
      (input.MetricName === undefined || source.name === input.MetricName) &&
      wanted.every(({ Name, Value }) => {
        const value = source.dimensions[Name ?? ''];
        return value !== undefined && (Value === undefined || value === Value);
      }),
  );
  const page = pageOf(found, 500, input.NextToken);
  if (page === undefined) throw new ServiceFault('InvalidParameterValue', 'Request has an invalid NextToken.');
  return {
    Metrics: page.items.map((source) => ({
      Namespace: source.namespace,
      MetricName: source.name,
      Dimensions: Object.entries(source.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(page.next !== undefined && { NextToken: page.next }),
  };
}

function dimensionsOf(dimensions: readonly Dimension[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']));
}

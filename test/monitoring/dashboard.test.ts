import { expect, test } from 'vitest';
import { dashboardOf } from '../../src/monitoring/dashboard.ts';
import { markedTags } from '../../src/cloud/monitoring.ts';
import { dashboardBody, type DashboardBody } from './dashboard-body.ts';
import { primarySite, recoverySite, settingsWith } from './stack.ts';

const settings = settingsWith();

function bodyOf(sites = [primarySite, recoverySite], given = settings): DashboardBody {
  const { spec } = dashboardOf(sites, given, 'us-west-2');
  return dashboardBody.parse('body' in spec ? spec.body : undefined);
}

function graphs(body: DashboardBody, region: string) {
  return body.widgets.flatMap((widget) =>
    widget.type === 'metric' && widget.properties.region === region ? [widget.properties] : [],
  );
}

test('its body is one that CloudWatch knows all of, on a grid where nothing lies over anything', () => {
  expect(bodyOf().widgets.length).toBeGreaterThan(20);
  const { api: _api, database: _database, cache: _cache, ...bare } = primarySite.half;
  const { cacheNodes: _nodes, bucketFilter: _filter, connectionLimit: _limit, ...site } = primarySite;
  expect(graphs(bodyOf([{ ...site, half: bare }]), 'us-west-2').map(({ title }) => title)).toEqual([
    'CPU of the tasks',
    'Memory of the tasks',
    'Daily active users',
    'New Nanos a day',
    'Chat response time',
    'Moderation queue, oldest item',
  ]);
});

test('every metric of the specification is drawn, with its target and its threshold in the unit of its axis', () => {
  const lines = graphs(bodyOf(), 'us-west-2').map(({ title, annotations, yAxis }) => [
    title,
    (annotations?.horizontal ?? []).map(({ value }) => value),
    yAxis.left.label,
  ]);
  expect(lines).toEqual([
    ['Availability', [99.95, 99], '%'],
    ['Latency p95', [1, 2], 's'],
    ['Latency p99', [2, 3], 's'],
    ['Error rate (5xx)', [0.5, 1], '%'],
    ['Error rate (4xx)', [2, 5], '%'],
    ['Requests a minute', [], 'requests'],
    ['CPU of the writer', [70, 80], '%'],
    ['Storage used', [80, 85], '%'],
    ['Connections', [670, 930], 'connections'],
    ['Statements, on average', [100, 200], 'ms'],
    ['CPU of the tasks', [70, 75], '%'],
    ['Memory of the tasks', [80, 85], '%'],
    ['Upload errors', [0, 0], '%'],
    ['Cache hit rate', [50], '%'],
    ['Daily active users', [100, 50], 'users'],
    ['New Nanos a day', [5, 2], 'Nanos'],
    ['Chat response time', [24, 48], 'h'],
    ['Moderation queue, oldest item', [24, 48], 'h'],
  ]);
});

test('the lag is drawn where it is published, and thresholds are the configuration’s', () => {
  const [lag] = graphs(bodyOf(), 'us-east-1').filter(({ title }) => title === 'Lag of the copy');
  expect(lag).toMatchObject({ annotations: { horizontal: [{ value: 1000 }, { value: 5000 }] } });
  expect(lag?.metrics[0]).toContain('SourceRegion');
  const [p99] = graphs(bodyOf(undefined, settingsWith({ 'api-latency-p99': 4000 })), 'us-west-2').filter(
    ({ title }) => title === 'Latency p99',
  );
  expect(p99?.annotations?.horizontal.map(({ value }) => value)).toEqual([2, 4]);
});

test('it says whose it is: that is what it is known by', () => {
  const [head] = bodyOf().widgets;
  if (head?.type !== 'text') throw new Error('it begins with a text');
  expect(markedTags(head.properties.markdown)).toEqual(settings.tags);
  expect(markedTags('# Made by hand')).toEqual({});
});

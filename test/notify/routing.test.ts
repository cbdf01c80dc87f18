/** Who hears of what, at every cell of the table. */
import { describe, expect, test } from 'vitest';
import type { NotifiedIncident } from '../../src/cloud/notifier.ts';
import { defaultRoutes, levelOf, receiversFor, routeOf, type Level } from '../../src/notify/routing.ts';
import { notification, ofIncident } from './stage.ts';

const incidents = ['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4'] as const;
const messages = ['critical', 'warning', 'info'] as const;

function of(level: Level, change: NotifiedIncident['change'] = 'opened') {
  const severity = incidents.find((each) => each === level);
  return severity === undefined
    ? { ...notification, severity: messages.find((each) => each === level) ?? 'info' }
    : ofIncident(change, { severity });
}

const feeds = ['slack', 'sns', 'webhook', 'eventbridge'];
const pagers = ['pagerduty', 'opsgenie'];

describe('by the specification', () => {
  test.each([
    ['SEV-1', ['on-call', 'manager'], 'Major Outage', [...pagers, 'statuspage', ...feeds]],
    ['SEV-2', ['on-call'], 'Degraded Performance', [...pagers, 'statuspage', ...feeds]],
    ['SEV-3', [], 'Investigating', ['statuspage', ...feeds]],
    ['SEV-4', [], null, ['eventbridge']],
    ['critical', ['on-call'], null, [...pagers, ...feeds]],
    ['warning', [], null, feeds],
    ['info', [], null, feeds],
  ] as const)('%s pages %j, the page says %s, and %j are told', (level, page, statusPage, receivers) => {
    expect(routeOf(of(level))).toMatchObject({ page, statusPage });
    expect(receiversFor(of(level))).toEqual(receivers);
  });

  test.each(
    incidents.flatMap((severity) =>
      (['acknowledged', 'resolved'] as const).map((change) => [severity, change] as const),
    ),
  )('%s %s: whoever was paged, and the page, hear of it whatever it is by now', (severity, change) => {
    expect(receiversFor(of(severity, change))).toEqual(expect.arrayContaining([...pagers, 'statuspage']));
  });

  test.each(incidents)('%s updated: pages nobody whom its opening would not', (severity) => {
    const isPaged = severity === 'SEV-1' || severity === 'SEV-2';
    expect(receiversFor(of(severity, 'updated')).includes('pagerduty')).toBe(isPaged);
  });

  test('an incident goes by its own severity, not by its notification\u2019s', () => {
    expect(levelOf({ ...ofIncident('opened', { severity: 'SEV-4' }), severity: 'critical' })).toBe('SEV-4');
  });
});

describe('by the configuration', () => {
  test.each(Object.keys(defaultRoutes).filter((key): key is Level => key in defaultRoutes))(
    '%s: each of the three can be said otherwise, and only for it',
    (level) => {
      const changed = { page: ['manager'], statusPage: 'Partial Outage', tell: ['sns'] } as const;
      for (const key of ['page', 'statusPage', 'tell'] as const) {
        const route = routeOf(of(level), { [level]: { [key]: changed[key] } });
        expect(route).toEqual({ ...routeOf(of(level)), [key]: changed[key] });
      }
      const other = level === 'info' ? 'warning' : 'info';
      expect(routeOf(of(other), { [level]: changed })).toEqual(routeOf(of(other)));
    },
  );

  test('nobody at all', () => {
    expect(receiversFor(of('info'), { info: { tell: [] } })).toEqual([]);
    expect(receiversFor(of('SEV-1'), { 'SEV-1': { page: [], statusPage: null, tell: [] } })).toEqual([]);
  });
});

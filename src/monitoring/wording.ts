/** What watches a stack, in few words. Pure. */
import type { AlarmSpec, MonitoringKind, MonitoringResource } from '../cloud/monitoring.ts';

export const kindWords = {
  topic: 'topic',
  subscription: 'subscription',
  'event-rule': 'event rule',
  'event-target': 'event target',
  alarm: 'alarm',
  'composite-alarm': 'composite alarm',
  dashboard: 'dashboard',
} as const satisfies Record<MonitoringKind, string>;

/** `> 5 over 5m`, `> 75 in 10 of 10 × 1m` */
export function gistOf(resource: MonitoringResource): string {
  switch (resource.kind) {
    case 'topic':
      return 'alarms and rules may publish';
    case 'subscription':
      return `${resource.spec.protocol}:${resource.spec.endpoint}`;
    case 'event-rule':
      return resource.spec.enabled ? 'enabled' : 'disabled';
    case 'event-target':
      return topicOf(resource.spec.target);
    case 'alarm':
      return alarmGist(resource.spec);
    case 'composite-alarm':
      return ruleGist(resource.spec.rule, resource.name);
    case 'dashboard':
      return widgetCount(resource.spec.body);
  }
}

/** Names without what they have in common with the alarm's own: `alert-availability or alert-error-rate`. */
function ruleGist(rule: string, own: string): string {
  return rule
    .replaceAll(/ALARM\("([^"]*)"\)/g, (_whole, name: string) => name.slice(sharedStart(name, own)))
    .replaceAll(/ (?:AND NOT|AND|OR) /g, (word) => word.toLowerCase());
}

/** How much two names have in common before their last common hyphen. */
function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.lastIndexOf('-', length - 1) + 1;
}

function topicOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function alarmGist({ comparison, threshold, periods, datapoints, metrics }: AlarmSpec): string {
  const seconds = Math.max(0, ...Object.values(metrics).map(({ periodSeconds }) => periodSeconds));
  const span = periods === 1 ? `over ${spanText(seconds)}` : `in ${datapoints} of ${periods} × ${spanText(seconds)}`;
  return `${comparison} ${threshold ?? '?'} ${span}`;
}

/** `5m`, `24h`, `3d` */
export function spanText(seconds: number): string {
  const minutes = seconds / 60;
  if (minutes < 60) return `${minutes}m`;
  return minutes <= 1440 ? `${minutes / 60}h` : `${minutes / 1440}d`;
}

function widgetCount(body: unknown): string {
  const widgets = typeof body === 'object' && body !== null && 'widgets' in body ? body.widgets : undefined;
  return Array.isArray(widgets) ? `${widgets.length} widgets` : 'a dashboard';
}

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

/** `> 5 in 1 of 1 × 5m` */
export function gistOf(resource: MonitoringResource): string {
  switch (resource.kind) {
    case 'topic':
      return 'alarms and rules of this account may publish';
    case 'subscription':
      return `${resource.spec.protocol}:${resource.spec.endpoint}`;
    case 'event-rule':
      return resource.spec.enabled ? 'enabled' : 'disabled';
    case 'event-target':
      return topicOf(resource.spec.target);
    case 'alarm':
      return alarmGist(resource.spec);
    case 'composite-alarm':
      return resource.spec.rule.replaceAll('"', '');
    case 'dashboard':
      return widgetCount(resource.spec.body);
  }
}

function topicOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function alarmGist({ comparison, threshold, periods, datapoints, metrics }: AlarmSpec): string {
  const seconds = Math.max(0, ...Object.values(metrics).map(({ periodSeconds }) => periodSeconds));
  return `${comparison} ${threshold ?? '?'} in ${datapoints} of ${periods} × ${spanText(seconds)}`;
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
